import os from 'node:os';
import { CONFIG } from '../model/agent-config.ts';
import type { CaptureView } from '../model/answers.ts';
import { usageFailure } from '../model/failure.ts';
import type { Report } from '../model/report.ts';
import { CAPTURE_SCHEMA_VERSION, type Capture } from '../model/snapshot.ts';
import { oneLine } from '../model/text.ts';
import { captureText } from '../parse/capture-file.ts';
import { captureFacts, captureRows, verifiedBlocks } from '../present/capture-text.ts';
import { colors } from '../present/color.ts';
import { facts as factsBlock } from '../present/document/blocks.ts';
import { documentText } from '../present/document/terminal.ts';
import { plural } from '../present/quantities.ts';
import { verdictSentence } from '../present/verdict-sentence.ts';
import { isIntact, mustBeNew, readStoredCapture, writeCapture } from '../probe/capture-files.ts';
import { typedAs, type Io } from '../terminal/io.ts';
import { VERSION } from '../terminal/version.ts';
import { printAnswer } from './answer.ts';
import { agentToCapture, type AgentToCapture } from './agent-answers.ts';
import { cellReport, cellSource, isThisCell, waitNotice, type CellSource } from './cell-source.ts';
import type { Arguments } from './command-table.ts';

type CaptureArguments = Arguments<'capture'> & { readonly file?: string | undefined };

/**
 * Saves the inputs of one check, and exits with 0 whatever the check finds; or verifies a file.
 * @throws KnownFailure
 */
export async function runCapture(args: CaptureArguments, io: Io): Promise<number> {
  if (args.verify !== undefined) return verify(args.verify, args, io);
  if (args.capture !== undefined) {
    throw usageFailure(
      'capture saves a live cell; --capture reads a saved one with check or explain.',
    );
  }
  // Nobody waits 30 s to be told so.
  if (args.file !== undefined) mustBeNew(args.file);
  const reads = { allHierarchies: true, comparesLedgers: true };
  const source = cellSource(args);
  const checked = await cellReport(source, reads, waitNotice(args.format, io));
  const { report, snapshots, settleMilliseconds } = checked;
  const { agent, why } = await agentOf(source, report, args.statusSocket);
  const hostname = report.cell.hostname.replaceAll(/[^\w.-]/g, '_') || 'cell';
  const path =
    args.file ?? `rollcall-${hostname}-${report.takenAt.replaceAll(/[:.]/g, '-')}.json.gz`;
  const capture: Capture = {
    schemaVersion: CAPTURE_SCHEMA_VERSION,
    rollcallVersion: VERSION,
    capturedAt: report.takenAt,
    capturedBy: userOf(io),
    settleMilliseconds,
    passes: snapshots,
    agent,
  };
  const digest = writeCapture(captureText(capture), path);
  const facts = captureFacts({ capture, digest: { stored: digest, ofContent: digest } });
  const answer: CaptureView = { schemaVersion: 1, file: path, ...facts, verdict: report.verdict };
  printAnswer(answer, args, io, () => `${path}\n`);
  io.stderr(
    documentText([[factsBlock(captureRows(facts))]], {
      colors: colors(false),
      columns: io.columns,
    }) +
      `Saved ${plural(snapshots.length, 'pass', 'passes')}. ${oneLine(verdictSentence(report), 300)}\n` +
      (why === null ? '' : `It lacks what only the agent knows. ${oneLine(why, 600)}\n`) +
      `Replay it with: ${typedAs(io)} check --capture ${path}\n`,
  );
  return 0;
}

/** What this shell says who is typing, else the account: not verified. */
const userOf = ({ env }: Pick<Io, 'env'>): string =>
  [env['SUDO_USER'], env['USER'], env['LOGNAME']].find(
    (one) => one !== undefined && one.trim() !== '',
  ) ?? accountName();

function accountName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // The uid has no entry in /etc/passwd.
    return 'unknown';
  }
}

/** The agent here knows nothing about the files of another cell, or an earlier boot of this one. */
async function agentOf(
  source: CellSource,
  { cell }: Report,
  statusSocket: string,
): Promise<AgentToCapture> {
  if (!isThisCell(source))
    return { agent: null, why: 'The agent of this machine is not asked about another root.' };
  const asked = await agentToCapture(statusSocket);
  return asked.agent === null || asked.agent.report.cell.bootId === cell.bootId
    ? asked
    : { agent: null, why: 'The agent answers with a report of an earlier boot.' };
}

/** Only reads the file. Exits with 1 if it is not as it was made. */
function verify(path: string, args: CaptureArguments, io: Io): number {
  // yargs gives the agent's socket always.
  const statusSocket =
    args.statusSocket === CONFIG.status.socketPath.default ? undefined : args.statusSocket;
  const given = { ...args, statusSocket };
  const withoutMeaning = ['file', 'gardenSocket', 'gardenTimeout', 'root', 'settle'] as const;
  for (const name of [...withoutMeaning, 'statusSocket'] as const) {
    if (given[name] === undefined) continue;
    const what =
      name === 'file'
        ? 'a second file'
        : `--${name.replaceAll(/[A-Z]/g, (upper) => `-${upper.toLowerCase()}`)}`;
    throw usageFailure(`--verify only reads the file that follows it: leave out ${what}.`);
  }
  const stored = readStoredCapture(path);
  const intact = isIntact(stored);
  const answer: CaptureView = { schemaVersion: 1, file: path, ...captureFacts(stored), intact };
  printAnswer(answer, args, io, (style) => documentText([verifiedBlocks(stored, intact)], style));
  return intact ? 0 : 1;
}
