import { KnownFailure } from '../model/failure.ts';
import { verdictSentence } from '../present/verdict-sentence.ts';
import { cellReport, cellSource, waitNotice } from './cell-source.ts';
import { printAnswer } from './answer.ts';
import type { Arguments } from './command-table.ts';
import type { Io } from '../terminal/io.ts';
import { VERSION } from '../terminal/version.ts';
import { CAPTURE_SCHEMA_VERSION } from '../model/snapshot.ts';
import { oneLine } from '../model/text.ts';
import { captureText } from '../parse/capture-file.ts';
import { writeCapture } from '../probe/capture-files.ts';

type CaptureArguments = Arguments<'capture'> & { readonly file?: string | undefined };

/** Saves the inputs of one check; exits with 0 whatever the check finds. */
export async function runCapture(args: CaptureArguments, io: Io): Promise<number> {
  if (args.capture !== undefined) {
    throw new KnownFailure(
      'USAGE',
      'capture saves a live cell; --capture reads a saved one with check or explain.',
    );
  }
  const { report, snapshots, settleMilliseconds } = await cellReport(cellSource(args), {
    allHierarchies: true,
    comparesLedgers: true,
    onWait: waitNotice(args.format, io),
  });
  const hostname = report.cell.hostname.replaceAll(/[^\w.-]/g, '_') || 'cell';
  const path =
    args.file ?? `rollcall-${hostname}-${report.takenAt.replaceAll(/[:.]/g, '-')}.json.gz`;
  writeCapture(
    captureText({
      schemaVersion: CAPTURE_SCHEMA_VERSION,
      rollcallVersion: VERSION,
      capturedAt: report.takenAt,
      settleMilliseconds,
      looks: snapshots,
    }),
    path,
  );
  const { verdict } = report;
  const answer = { schemaVersion: 1, file: path, looks: snapshots.length, verdict };
  printAnswer(answer, args, io, () => `${path}\n`);
  io.stderr(
    `Saved ${snapshots.length === 1 ? 'one pass' : `${snapshots.length} passes`}. ${oneLine(verdictSentence(report), 300)}\n` +
      `Replay it with: rollcall check --capture ${path}\n`,
  );
  return 0;
}
