import type { Candidate, MountChoice, MountsReport } from '../model/hierarchy.ts';
import type { Mount } from '../model/mount.ts';
import { textOfBytes, oneLine } from '../model/text.ts';
import type { Colors } from './color.ts';
import { wrapText } from './display-width.ts';
import { hierarchyText } from './hierarchy-name.ts';
import { rulesLines } from './rules-table.ts';
import { renderTable, type TableCell, type Row } from './table.ts';
import { VERDICT_WORDS } from './verdict-words.ts';

export interface MountsTableOptions {
  readonly colors: Colors;
  readonly columns: number;
}

/** A hierarchy can be mounted into every container; this many tell what is the matter. */
const MAX_CANDIDATES = 12;
const MAX_PATH = 400;
const MAX_WHY = 900;

const GENERATIONS = {
  v1: 'cgroup v1',
  v2: 'cgroup v2',
  hybrid: 'hybrid (cgroup v1 and v2)',
  none: 'no cgroup mount that can be reached',
} as const;

/** What shows each hierarchy, every other mount of it and why not; with a comparison also what other rules take. */
export function mountsTable(report: MountsReport, options: MountsTableOptions): string {
  const { colors, columns } = options;
  const { source, mode, namespace, rule } = report;
  const heading =
    `${source === '-' ? 'standard input' : oneLine(source, MAX_PATH)}: ${GENERATIONS[mode]}, read in ` +
    `${namespace === 'initial' ? 'the initial' : 'a private'} cgroup namespace` +
    (report.namespaceAssumed ? ' (assumed; --cgroup-namespace says otherwise)' : '') +
    (rule === 'verified' ? '' : `, by the rule ${rule}`);
  const lines = [
    ...wrapText(heading, columns),
    '',
    ...renderTable({
      columns: [
        { title: 'HIERARCHY', least: 13 },
        { title: 'MOUNT', least: 14, cut: 'middle' },
        { title: 'CONFIRMED' },
      ],
      rows: report.choices.map((choice) => rowOf(choice, colors)),
      width: columns,
      titleStyle: (text) => colors.bold(text),
    }),
    ...(report.comparison === null ? [] : ['', ...rulesLines(report.comparison, options)]),
    '',
    ...wrapText(summaryOf(report.choices), columns),
  ];
  return `${lines.join('\n')}\n`;
}

function rowOf(choice: MountChoice, colors: Colors): Row {
  const { hierarchy, chosen, confirmed, why, candidates } = choice;
  const isBad = chosen === null || confirmed === false;
  // Of a lone mount that will not do, the sentence above has said it.
  const others = candidates.length === 1 ? [] : candidates.filter(({ mount }) => mount !== chosen);
  const shown = others.slice(0, MAX_CANDIDATES);
  const omitted = others.length - shown.length;
  return {
    cells: [
      { text: hierarchyText(hierarchy) },
      chosen === null
        ? { text: 'none', style: (text) => colors.red(text) }
        : { text: pathText(chosen) },
      confirmedCell(confirmed, colors),
    ],
    notes: [
      { text: oneLine(why, MAX_WHY), style: (text) => (isBad ? text : colors.dim(text)) },
      ...shown.map((candidate) => candidateNote(candidate, colors)),
      ...(omitted === 0
        ? []
        : [{ text: `… and ${omitted} more (--format json has all)`, style: colors.dim }]),
    ],
  };
}

const pathText = ({ mountPoint }: Mount): string => oneLine(textOfBytes(mountPoint), MAX_PATH);

function confirmedCell(confirmed: boolean | null, colors: Colors): TableCell {
  if (confirmed === null) return { text: '-' };
  return confirmed
    ? { text: 'yes', style: (text) => colors.green(text) }
    : { text: 'no', style: (text) => colors.red(text) };
}

function candidateNote({ mount, verdict, why }: Candidate, colors: Colors): TableCell {
  const id = mount.id === null ? '' : ` (mount id ${mount.id})`;
  const text = `- ${VERDICT_WORDS[verdict]}: ${pathText(mount)}${id} ${oneLine(why, MAX_WHY)}`;
  return { text, style: (line) => colors.dim(line) };
}

function summaryOf(choices: readonly MountChoice[]): string {
  const missing = choices.filter(({ chosen }) => chosen === null);
  const all = choices.length;
  if (missing.length === 0) {
    return all === 1 ? 'The hierarchy has a mount.' : `Each of the ${all} hierarchies has a mount.`;
  }
  if (all === 1) return 'The hierarchy has no mount that shows all of it.';
  const names = oneLine(missing.map(({ hierarchy }) => hierarchyText(hierarchy)).join(', '), 400);
  const have = missing.length === 1 ? 'has' : 'have';
  return `Of ${all} hierarchies ${missing.length} ${have} no mount that shows all of it: ${names}.`;
}
