import { setTimeout as sleep } from 'node:timers/promises';
import { KnownFailure } from '../model/failure.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Report } from '../model/report.ts';
import { checkCell, replay, type CheckOptions } from '../pass/check.ts';
import { probeCell } from '../probe/cell-probe.ts';
import { readCapture } from '../probe/capture-file.ts';
import type { CellSource } from './cell-options.ts';

export interface CellReport {
  readonly report: Report;
  readonly looks: readonly Snapshot[];
  readonly settleMilliseconds: number;
}

/** The report of a live cell, or the same one again from a capture. */
export async function cellReport(
  source: CellSource,
  options: Pick<CheckOptions, 'allHierarchies'>,
): Promise<CellReport> {
  if (source.kind === 'capture') {
    const { looks, settleMilliseconds } = readCapture(source.path);
    const report = replay(looks, settleMilliseconds);
    if (report === null)
      throw new KnownFailure('CAPTURE_UNREADABLE', `${source.path} holds no pass.`);
    return { report, looks, settleMilliseconds };
  }
  const { settleMilliseconds } = source;
  const probe = probeCell(source);
  try {
    const checked = await checkCell(probe, {
      settleMilliseconds,
      allHierarchies: options.allHierarchies,
      sleep: (milliseconds) => sleep(milliseconds),
    });
    return { ...checked, settleMilliseconds };
  } finally {
    probe.close();
  }
}
