import { setTimeout as sleep } from 'node:timers/promises';
import type { DrillView } from '../model/agent-state.ts';
import { KnownFailure, usageFailure } from '../model/failure.ts';
import { asHandle } from '../model/ids.ts';
import { oneLine } from '../model/text.ts';
import { wrapText } from '../present/display-width.ts';
import { secondText } from '../present/quantities.ts';
import { askAgent, type AgentQuestion } from '../probe/status-client.ts';
import { durationOption } from '../terminal/options.ts';
import { typedAs, untilInterrupted, type Io } from '../terminal/io.ts';
import { parseAgentError, parseDrillAnswer } from '../parse/agent-answers.ts';
import { eventsOfAgent, ofContainer } from './agent-answers.ts';
import { printAnswer } from './answer.ts';
import type { Arguments } from './command-table.ts';

const LONGEST = 3_600_000;
const PAUSE_MILLISECONDS = 1000;

type DrillArguments = Arguments<'drill'>;

/**
 * Asks the agent for a finding that is marked as a drill, or to end the one that it has.
 * @throws KnownFailure USAGE, AGENT_UNREACHABLE, AGENT_ANSWER
 */
export async function runDrill(args: DrillArguments, io: Io): Promise<number> {
  if (args.undo === true) return undo(args, io);
  const forSeconds = durationOption(args.for ?? '5m', '--for', LONGEST) / 1000;
  if (forSeconds < 1) throw usageFailure('--for needs at least 1s.');
  const body = JSON.stringify({ forSeconds });
  const drill = await drillOf(args, { method: 'POST', body }, 'did not start the drill');
  const handle = oneLine(drill.handle, 80);
  const lines = [
    `Drill ${handle} runs until ${secondText(drill.until)}.`,
    `The log and the metrics have it as an untracked container, marked as a drill; the page and ${typedAs(io)} status show it below the findings. It ends by itself; ${typedAs(io)} drill --undo ends it earlier.`,
    ...(args.wait === true ? [] : [`Now check that the alert arrives and names ${handle}.`]),
  ];
  if (args.wait !== true || args.format === 'table') print(drill, lines, args, io);
  return args.wait === true ? untilInterrupted((stop) => follow(drill, args, io, stop)) : 0;
}

async function undo(args: DrillArguments, io: Io): Promise<number> {
  for (const name of ['for', 'wait'] as const) {
    if (args[name] !== undefined && args[name] !== false)
      throw usageFailure(`--undo takes no --${name}.`);
  }
  const drill = await drillOf(args, { method: 'DELETE' }, 'did not end a drill');
  const read =
    drill.scrapes === 0
      ? 'Nobody read /metrics while it ran.'
      : `/metrics was read ${drill.scrapes === 1 ? 'once' : `${drill.scrapes} times`} while it ran.`;
  print(drill, [`Drill ${oneLine(drill.handle, 80)} has ended. ${read}`], args, io);
  return 0;
}

/** @throws KnownFailure AGENT_UNREACHABLE, AGENT_ANSWER */
async function drillOf(
  { statusSocket }: DrillArguments,
  question: Pick<AgentQuestion, 'method' | 'body'>,
  failed: string,
): Promise<DrillView> {
  const { status, body } = await askAgent(statusSocket, { path: '/v1/drill', ...question });
  const drill = status === 202 || status === 200 ? parseDrillAnswer(body) : null;
  if (drill !== null) return drill;
  throw new KnownFailure(
    'AGENT_ANSWER',
    `The agent ${failed}; it answered ${status}: ${parseAgentError(body)}.`,
  );
}

/** Says each step once. Nothing in the cell knows who reads the metrics, nor what comes of it. */
async function follow(
  started: DrillView,
  args: DrillArguments,
  io: Io,
  stop: AbortSignal,
): Promise<number> {
  const handle = oneLine(started.handle, 80);
  const step = (at: string, text: string): void => {
    if (args.format === 'table') print(started, [`${secondText(at)} ${text}`], args, io);
  };
  const logged = ofContainer(await eventsOfAgent(args.statusSocket), asHandle(started.handle));
  for (const { at, message } of logged) step(at, `logged: ${oneLine(message, 80)}`);
  let last = started;
  for (let isExported = false; ;) {
    if (last.exported && !isExported) step(new Date().toISOString(), 'exported: /metrics has it');
    isExported = last.exported;
    if (last.scrapes > 0) break;
    await sleep(PAUSE_MILLISECONDS, undefined, { signal: stop }).catch(() => undefined);
    const { status, body } = await askAgent(args.statusSocket, {
      method: 'GET',
      path: '/v1/drill',
    });
    const now = status === 200 ? parseDrillAnswer(body) : null;
    if (stop.aborted || now?.handle !== started.handle) break;
    last = now;
  }
  const isScraped = last.lastScraped !== null;
  step(
    last.lastScraped ?? new Date().toISOString(),
    isScraped
      ? `scraped: somebody read /metrics. The cell cannot know who, or whether the alert fires: check that it arrives and names ${handle}.`
      : stop.aborted
        ? `not scraped so far: the drill runs until ${secondText(last.until)}.`
        : `not scraped: until a second before it ended, nobody had read /metrics. Check that prom_scraper or Prometheus reads it (${typedAs(io)} runbook RollcallAgentSilent).`,
  );
  if (args.format === 'json') print(last, [], args, io);
  return isScraped ? 0 : 1;
}

const print = (drill: DrillView, lines: readonly string[], args: DrillArguments, io: Io): void =>
  printAnswer(
    drill,
    args,
    io,
    () => `${lines.flatMap((line) => wrapText(line, io.columns)).join('\n')}\n`,
  );
