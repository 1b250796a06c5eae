import type { Rule } from '../model/hierarchy.ts';
import type { MalformedLine } from '../model/mount.ts';
import type { MountsReport } from '../model/mounts-report.ts';
import { colors } from '../present/color.ts';
import { jsonText } from '../present/json-text.ts';
import { mountsJson } from '../present/mounts-json.ts';
import { mountsTable } from '../present/mounts-table.ts';
import { chooseMounts } from '../mounts/choose-mounts.ts';
import { compareRules } from '../mounts/compare-rules.ts';
import { wantsColor, type ColorChoice, type Io } from '../terminal/io.ts';
import {
  mountsSource,
  withoutCgroups,
  type MountsSource,
  type MountsSourceOptions,
} from './mounts-source.ts';

export interface MountsOptions extends MountsSourceOptions {
  readonly rule: Rule;
  readonly compare: boolean;
  readonly format: 'table' | 'json';
  readonly color: ColorChoice;
}

/** More malformed lines than this say nothing new. */
const MAX_MALFORMED = 5;

/**
 * Which mount shows each hierarchy: 0 every hierarchy has one, 1 one has none.
 * @throws KnownFailure for unusable input, and for a table without any cgroup mount.
 */
export async function runMounts(options: MountsOptions, io: Io): Promise<number> {
  const source = await mountsSource(options);
  const report = reportOf(source, options);
  tellProblems(report, io, options.format === 'json');
  const nothing = withoutCgroups(source);
  if (options.format === 'json') io.stdout(`${jsonText(mountsJson(report), 2)}\n`);
  else if (nothing === null) {
    const { columns } = io;
    io.stdout(mountsTable(report, { colors: colors(wantsColor(options.color, io)), columns }));
  }
  if (nothing !== null) throw nothing;
  return report.choices.every(({ chosen }) => chosen !== null) ? 0 : 1;
}

function reportOf(from: MountsSource, { rule, compare }: MountsOptions): MountsReport {
  const { table, live, ...origin } = from;
  const question = { table, namespace: from.namespace, live };
  const { mode, choices } = chooseMounts({ ...question, rule });
  const verified = (): MountsReport['choices'] =>
    rule === 'verified' ? choices : chooseMounts({ ...question, rule: 'verified' }).choices;
  const comparison = compare ? compareRules({ ...question, verified: verified() }) : null;
  return { ...origin, rule, mode, malformed: table.malformed, choices, comparison };
}

/** What must not be silent and has no place in the JSON. */
function tellProblems(
  { malformed, namespace, namespaceAssumed }: MountsReport,
  io: Io,
  isJson: boolean,
): void {
  for (const line of malformed.slice(0, MAX_MALFORMED)) io.stderr(`rollcall: ${leftOut(line)}\n`);
  const more = malformed.length - MAX_MALFORMED;
  if (more > 0) io.stderr(`rollcall: … and ${more} more malformed lines.\n`);
  if (namespaceAssumed && isJson) {
    io.stderr(
      `rollcall: nobody said where the table was read; by its roots ${namespace === 'private' ? 'a private' : 'the initial'} ` +
        'cgroup namespace was assumed (--cgroup-namespace says otherwise).\n',
    );
  }
}

const leftOut = ({ line, problem, text }: MalformedLine): string =>
  `line ${line} is left out, ${problem}: "${text}"`;
