import { setTimeout as sleep } from 'node:timers/promises';
import type { WhoseAnswer, WhoseView } from '../model/answers.ts';
import { usageFailure } from '../model/failure.ts';
import type { Names } from '../model/names.ts';
import { oneLine } from '../model/text.ts';
import { namesAfter, noNames, unknownIn } from '../names/known-names.ts';
import { lookUp, lookUpProcess, type Found } from '../names/lookup.ts';
import { namedContainer } from '../names/named-container.ts';
import { seenNames } from '../pass/seen-names.ts';
import { whoseSentence, whoseText } from '../present/whose.ts';
import { KernelReader } from '../probe/kernel-reader.ts';
import { membershipOf } from '../probe/membership.ts';
import { namingFacts } from '../probe/naming-facts.ts';
import { timeOf } from '../probe/processes.ts';
import { readIds } from '../probe/typed-ids.ts';
import type { Io } from '../terminal/io.ts';
import { namesOfAgent, unlessSilent } from './agent-answers.ts';
import { printAnswer } from './answer.ts';
import { cellReport, cellSource, isThisCell } from './cell-source.ts';
import type { Arguments } from './command-table.ts';

type WhoseArguments = Arguments<'whose'> & { readonly ids: readonly string[] };

/** The kernel gives no larger pid (PID_MAX_LIMIT); a longer number is the beginning of a handle. */
const PID = /^[1-9]\d{0,6}$/;
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
  let known = await knownNames(args, reader);
  let found = ids.map((id) => answerTo(id, known.names, reader));
  if (known.source === 'agent' && found.some(({ answer }) => answer === 'not-found')) {
    await sleep(AGAIN_MILLISECONDS);
    known = await knownNames(args, reader);
    found = ids.map((id) => answerTo(id, known.names, reader));
  }
  const knownSince = new Date(known.names.knownSince).toISOString();
  const answers = found.map((one, place): WhoseAnswer => ({
    id: oneLine(ids[place] ?? '', MAX_ID),
    ...one,
    sentence: whoseSentence(one, known.source === 'agent' ? knownSince : null),
  }));
  const view: WhoseView = { schemaVersion: 1, source: known.source, knownSince, answers };
  printAnswer(view, args, io, () => whoseText(view));
  return Math.max(...answers.map(({ answer }) => EXIT_CODES[answer]), 0);
}

const EXIT_CODES = { named: 0, 'not-found': 1, ambiguous: 2, unnameable: 2, unread: 2 } as const;

interface KnownNames {
  readonly source: 'agent' | 'cell';
  readonly names: Names;
}

async function knownNames(args: WhoseArguments, reader: KernelReader): Promise<KnownNames> {
  const source = cellSource({ ...args, settle: '0s' });
  if (isThisCell(source)) {
    const names = await unlessSilent(namesOfAgent(args.statusSocket), () => null);
    if (names !== null) return { source: 'agent', names };
  }
  const { report, lastPass } = await cellReport(source, {}, () => undefined);
  const nothing = noNames(Date.parse(report.takenAt));
  const seen = seenNames(lastPass, report);
  const facts = namingFacts(reader, unknownIn(nothing, seen));
  return { source: 'cell', names: namesAfter(nothing, seen, facts) };
}

function answerTo(
  id: string,
  names: Names,
  reader: KernelReader,
): Omit<WhoseAnswer, 'id' | 'sentence'> {
  if (!PID.test(id)) return { ...answerOf(lookUp(names, id)), process: null };
  const pid = Number(id);
  const process = reader.sameProcess(pid, ({ startTicks }) => {
    const membership = membershipOf(reader, pid);
    return membership === null ? null : { membership, startedAt: timeOf(reader, startTicks) };
  });
  // The process has ended, so nothing shows in which container it was.
  if (process === null) return { ...answerOf({ kind: 'not-found' }), process: null };
  const { membership, startedAt } = process;
  return { ...answerOf(lookUpProcess(names, membership)), process: { pid, startedAt } };
}

const answerOf = (found: Found): Omit<WhoseAnswer, 'id' | 'sentence' | 'process'> => ({
  answer: found.kind,
  container: found.kind === 'named' ? namedContainer(found.container, found.pea) : null,
  handles:
    found.kind === 'ambiguous'
      ? found.containers.slice(0, MAX_HANDLES).map((one) => namedContainer(one, null).handle)
      : [],
});
