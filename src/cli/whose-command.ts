import { setTimeout as sleep } from 'node:timers/promises';
import type { WhoseAnswer, WhoseView } from '../model/answers.ts';
import { usageFailure } from '../model/failure.ts';
import type { Names } from '../model/names.ts';
import type { ContainerView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { endedKnown, namesAfter, noNames, unknownIn } from '../names/known-names.ts';
import { namedContainer } from '../names/named-container.ts';
import { escapedFrom, pidOf, whoseId, whoseProcess, type Whose } from '../names/typed-id.ts';
import { namesOfPass } from '../pass/names-of-pass.ts';
import { reportJson } from '../present/report-json.ts';
import { whoseSentence, whoseText } from '../present/whose.ts';
import { KernelReader } from '../probe/kernel-reader.ts';
import { membershipOf } from '../probe/live-thread.ts';
import { namingFacts } from '../probe/naming-facts.ts';
import { timeOf } from '../probe/processes.ts';
import { readIds } from '../probe/typed-ids.ts';
import type { Io } from '../terminal/io.ts';
import { askedAgent, namesOfAgent, unlessSilent } from './agent-answers.ts';
import { printAnswer } from './answer.ts';
import { cellReport, cellSource, isThisCell } from './cell-source.ts';
import type { Arguments } from './command-table.ts';

type WhoseArguments = Arguments<'whose'> & { readonly ids: readonly string[] };

/** The agent asks Garden for what it does not know yet at most once a second. */
const AGAIN_MILLISECONDS = 1200;
const MAX_HANDLES = 20;
const MAX_ID = 4096;

/**
 * Whose each id is, by the agent, or by a check of its own without one. Exits with 0 if all are
 * named, with 1 if one is not found, with 2 if one is not certain.
 * @throws KnownFailure
 */
export async function runWhose(args: WhoseArguments, io: Io): Promise<number> {
  if (args.ids.length === 0) throw usageFailure('whose needs an id, or - for standard input.');
  const ids = (
    await Promise.all(args.ids.map((id) => (id === '-' ? readIds() : Promise.resolve([id]))))
  ).flat();
  const reader = new KernelReader(args.root ?? '/');
  let known = await knownNames(args, ids, reader);
  let found = ids.map((id) => answerTo(id, known, reader));
  if (known.source === 'agent' && found.some(({ answer }) => answer === 'not-found')) {
    await sleep(AGAIN_MILLISECONDS);
    known = await knownNames(args, ids, reader);
    found = ids.map((id) => answerTo(id, known, reader));
  }
  const knownSince = new Date(known.names.knownSince).toISOString();
  const ended = known.source === 'agent' ? endedKnown(known.names.knownSince, Date.now()) : null;
  const answers = found.map((one, place): WhoseAnswer => ({
    id: oneLine(ids[place] ?? '', MAX_ID),
    ...one,
    sentence: whoseSentence(one, { isPid: pidOf(ids[place] ?? '') !== null, ended }),
  }));
  const view: WhoseView = { schemaVersion: 1, source: known.source, knownSince, answers };
  printAnswer(view, args, io, () => whoseText(view));
  return Math.max(...answers.map(({ answer }) => EXIT_CODES[answer]), 0);
}

const EXIT_CODES = {
  named: 0,
  'not-found': 1,
  ambiguous: 2,
  unnameable: 2,
  'too-short': 2,
  unread: 2,
  'no-id': 2,
} as const;

interface KnownNames {
  readonly source: 'agent' | 'cell';
  readonly names: Names;
  /** With the findings of escaped processes; empty: not asked for, or the agent has no report. */
  readonly containers: readonly ContainerView[];
}

async function knownNames(
  args: WhoseArguments,
  ids: readonly string[],
  reader: KernelReader,
): Promise<KnownNames> {
  const source = cellSource({ ...args, settle: '0s' });
  if (isThisCell(source)) {
    const names = await unlessSilent(namesOfAgent(args.statusSocket), () => null);
    if (names !== null) return { source: 'agent', names, containers: await reportedFor(ids, args) };
  }
  const { report, lastPass } = await cellReport(source, {}, () => undefined);
  const nothing = noNames(Date.parse(report.takenAt));
  const named = namesOfPass(lastPass, report, null);
  const facts = namingFacts(reader, unknownIn(nothing, named));
  const { containers } = reportJson(report);
  return { source: 'cell', names: namesAfter(nothing, named, facts), containers };
}

/** Only pids need the findings. */
async function reportedFor(
  ids: readonly string[],
  { statusSocket }: WhoseArguments,
): Promise<readonly ContainerView[]> {
  if (ids.every((id) => pidOf(id) === null)) return [];
  const agent = await askedAgent(statusSocket);
  return agent.kind === 'answered' ? agent.report.containers : [];
}

function answerTo(
  id: string,
  { names, containers }: KnownNames,
  reader: KernelReader,
): Omit<WhoseAnswer, 'id' | 'sentence'> {
  const pid = pidOf(id);
  if (pid === null) return { ...answerOf(whoseId(names, id)), process: null };
  const process = reader.sameProcess(pid, ({ startTicks }) => {
    const membership = membershipOf(reader, pid);
    return membership === null ? null : { membership, startedAt: timeOf(reader, startTicks) };
  });
  // The process has ended, so nothing shows in which container it was.
  if (process === null) return { ...answerOf({ kind: 'not-found' }), process: null };
  const { membership, startedAt } = process;
  const named = { pid, startedAt };
  const found = whoseProcess(names, membership, escapedFrom(containers, named));
  return { ...answerOf(found), process: named };
}

const answerOf = (found: Whose): Omit<WhoseAnswer, 'id' | 'sentence' | 'process'> => ({
  answer: found.kind,
  by: found.kind === 'named' ? found.by : null,
  container: found.kind === 'named' ? namedContainer(found.container, found.pea) : null,
  handles:
    found.kind === 'ambiguous'
      ? found.containers.slice(0, MAX_HANDLES).map((one) => namedContainer(one, null).handle)
      : [],
});
