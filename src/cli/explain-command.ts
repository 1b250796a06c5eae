import { KnownFailure } from '../model/failure.ts';
import type { Handle } from '../model/ids.ts';
import type { ContainerReport } from '../model/report.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { documentText } from '../present/document/terminal.ts';
import { explainJson, type Explained } from '../present/explain.ts';
import { explainDocument } from '../present/explain-document.ts';
import { shortHandle } from '../present/names.ts';
import { unknownSentence } from '../present/verdict-sentence.ts';
import {
  eventsOfAgent,
  ofContainer,
  sensorsHere,
  unlessSilent,
  type AskedAgent,
} from './agent-answers.ts';
import { exitCodeOf } from '../terminal/failing.ts';
import { cellSource, isThisCell, reportWithAgent, type CellSource } from './cell-source.ts';
import type { Arguments } from './command-table.ts';
import { printAnswer } from './answer.ts';
import { containerNamed, lostNameHint } from './container-named.ts';
import type { Io } from '../terminal/io.ts';
import { oneLine } from '../model/text.ts';
import type { RepLog } from '../model/answers.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { searchRepLog } from '../probe/rep-log.ts';
import { readingOf } from '../ledgers/reading.ts';
import { locationsOf } from '../reconcile/observe/observe.ts';

type ExplainArguments = Arguments<'explain'> & { readonly handle: string };

/** Everything that one check, and the agent if there is one, know about one container. */
export async function runExplain(args: ExplainArguments, io: Io): Promise<number> {
  const source = cellSource(args);
  const cell = await reportWithAgent(source, args, io, { allHierarchies: true });
  const { report, snapshots, lastPass, agent } = cell;
  const container = containerNamed(args.handle, report.containers);
  const last = lastPass.snapshot;
  if (container === null) {
    if (report.unknownCause !== null) {
      io.stderr(`rollcall: ${unknownSentence(report.unknownCause)}\n`);
      return exitCodeOf(report);
    }
    throw noContainer(args.handle, agent);
  }
  const { handle } = container;
  const isAnswered = agent.kind === 'answered';
  const asked = isAnswered
    ? await unlessSilent(eventsOfAgent(args.statusSocket), (why) => why)
    : null;
  const then = cell.stored?.capture.agent ?? null;
  const logged = then?.events ?? (typeof asked === 'string' ? null : asked);
  const row = readingOf(lastPass)?.rows.find((one) => one.handle === handle);
  const short = shortHandle(report.containers);
  const explained: Explained = {
    container,
    otherFindings: report.containers.flatMap((one) =>
      one.status === 'untracked' && !one.drill && one.handle !== handle ? [short(one)] : [],
    ),
    bosh: report.cell.bosh,
    hierarchies: locationsOf(handle, last).flatMap(({ choice, ...place }) =>
      choice.chosen === null ? [] : [{ ...place, mountPoint: choice.chosen.mountPoint }],
    ),
    ledgers: row === undefined ? null : { ...row, app: row.app ?? container.app },
    sensors: sensorsHere(report, isAnswered ? agent.report.sensors : []),
    properties: propertiesOf(handle, snapshots),
    events: logged && ofContainer(logged, handle),
    agentOfCapture: then?.report.takenAt ?? null,
    repLog: await repLogFor(container, source),
  };
  const silentAgent =
    agent.kind === 'silent' ? agent.why : typeof asked === 'string' ? asked : null;
  const { takenAt } = report;
  printAnswer(
    explainJson(explained, silentAgent),
    args,
    io,
    (style) =>
      documentText(
        explainDocument(explained, { takenAt, silentAgent, all: args.all === true }),
        style,
      ),
    cell,
  );
  if (report.unknownCause !== null) return exitCodeOf(report);
  if (container.explanation.kind === 'undecided') return 2;
  return container.status === 'untracked' ? 1 : 0;
}

/** Where neither Garden nor the kernel has it, it may be a drill, or gone. */
export function noContainer(handle: string, agent: AskedAgent): KnownFailure {
  const reported = agent.kind === 'answered' ? agent.report.containers : [];
  const name = oneLine(handle, 80);
  return new KnownFailure(
    'HANDLE_NOT_FOUND',
    reported.some((one) => one.drill && one.handle === handle)
      ? `${name} is a drill, not a container: ${TYPED_ON_CELL} runbook drill says what to check, and ${TYPED_ON_CELL} drill --undo ends it.`
      : `No container "${name}" on this cell: Garden does not list it and no live cgroup has its name. ` +
          `List all with ${TYPED_ON_CELL} check --all; ${TYPED_ON_CELL} events has what the agent logged.${lostNameHint(handle)}`,
  );
}

/** Rep's log is read for untracked containers only: of others it says no more than Garden. */
const repLogFor = (
  { status, handle }: ContainerReport,
  source: CellSource,
): Promise<RepLog | null> =>
  status !== 'tracked' && isThisCell(source) ? searchRepLog(handle) : Promise.resolve(null);

/** From the newest answer, because a later pass need not ask again. */
function propertiesOf(handle: Handle, snapshots: readonly Snapshot[]): Explained['properties'] {
  for (const { answers } of snapshots.toReversed()) {
    const answer = answers.properties.get(handle);
    if (answer?.kind === 'answered') return answer.value.properties;
  }
  return undefined;
}
