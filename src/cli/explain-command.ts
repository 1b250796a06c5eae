import { KnownFailure } from '../model/failure.ts';
import { asHandle, type Handle } from '../model/ids.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { colors } from '../present/color.ts';
import { explainJson, type Explained, explainText } from '../present/explain.ts';
import { jsonText } from '../present/json-text.ts';
import { unknownSentence } from '../present/sentence.ts';
import { knowledgeOfAgent, type AskedAgent } from './agent-answers.ts';
import { exitCodeOf } from '../terminal/failing.ts';
import { cellReport, cellSource, type CellArguments } from './cell-source.ts';
import { wantsColor, type ColorChoice, type Io } from '../terminal/io.ts';
import { oneLine } from '../model/text.ts';
import { locationsOf } from '../reconcile/observe.ts';

export interface ExplainArguments extends CellArguments {
  readonly handle: string;
  readonly format: 'table' | 'json';
  readonly color: ColorChoice;
  readonly statusSocket: string;
}

/** All that one check, and the agent if there is one, know of one container. */
export async function runExplain(args: ExplainArguments, io: Io): Promise<number> {
  const handle = asHandle(args.handle);
  const source = cellSource(args);
  const isHere = source.kind === 'live' && source.root === '/';
  const asking: Promise<AskedAgent> = isHere
    ? knowledgeOfAgent(handle, args.statusSocket)
    : Promise.resolve({ kind: 'not-asked' });
  const { report, looks } = await cellReport(source, { allHierarchies: true });
  const asked = await asking;
  const container = report.containers.find((one) => one.handle === handle);
  const last = looks.at(-1);
  if (container === undefined || last === undefined) {
    if (report.unknownCause !== null) {
      io.stderr(`rollcall: ${unknownSentence(report.unknownCause)}\n`);
      return exitCodeOf(report);
    }
    throw new KnownFailure(
      'HANDLE_NOT_FOUND',
      `No container "${oneLine(handle, 80)}" on this cell: Garden does not list it and no live cgroup of Garden's has its name. ` +
        'List all with rollcall check --all.',
    );
  }
  const explained: Explained = {
    container,
    hierarchies: locationsOf(handle, last).flatMap(({ choice, ...place }) =>
      choice.chosen === null ? [] : [{ ...place, mountPoint: choice.chosen.mountPoint }],
    ),
    properties: propertiesOf(handle, looks),
    agent: asked.kind === 'answered' ? asked.knowledge : null,
  };
  const silentAgent = asked.kind === 'silent' ? asked.why : null;
  io.stdout(
    args.format === 'json'
      ? `${jsonText(explainJson(explained, silentAgent), 2)}\n`
      : explainText(explained, {
          colors: colors(wantsColor(args.color, io)),
          columns: io.columns,
          silentAgent,
        }),
  );
  if (report.unknownCause !== null) return exitCodeOf(report);
  if (container.explanation.kind === 'undecided') return 2;
  return container.status === 'untracked' ? 1 : 0;
}

/** The newest answer: a later pass need not ask again. */
function propertiesOf(handle: Handle, looks: readonly Snapshot[]): Explained['properties'] {
  for (const { answers } of looks.toReversed()) {
    const answer = answers.properties.get(handle);
    if (answer?.kind === 'answered') return answer.value.properties;
  }
  return undefined;
}
