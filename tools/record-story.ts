import fs from 'node:fs';
import path from 'node:path';
import { MIN_READINGS } from '../src/model/ledger.ts';
import type { Snapshot, Capture } from '../src/model/snapshot.ts';
import type { MountTable } from '../src/model/mount.ts';
import { captureText } from '../src/parse/capture-file.ts';
import { readCapture, writeCapture } from '../src/probe/capture-files.ts';
import { type Cell, runInCell, withCell } from './demo-cell/cell/cell.ts';
import { RECORDED, rollcallCommand } from './demo-cell/scenes.ts';
import { breakStoryCell, leakOnStoryCell, startStoryCell } from './demo-cell/story-cell.ts';
import { root } from './bootstrap/place.mjs';
import { runTool } from './tool.ts';

/**
 * Records the cells of the story in captures, for machines on which no cell can be built. Needs
 * root and a machine that mounts both versions of cgroups. It leaves out what belongs to the
 * recording machine and not to the cell.
 */
async function recordStory(): Promise<void> {
  await withCell(startStoryCell('v2'), async (cell) => {
    await record(cell, RECORDED.healthy);
    await breakStoryCell(cell);
    await record(cell, RECORDED.broken);
    await leakOnStoryCell(cell);
    await record(cell, RECORDED.leaked);
  });
  await withCell(startStoryCell('hybrid'), (cell) => record(cell, RECORDED.reversed));
}

async function record(cell: Cell, file: string): Promise<void> {
  // The cell may have its own /tmp, so the file is read through the cell's root.
  const inside = `/tmp/${path.basename(file)}`;
  const ran = await runInCell(cell, [...rollcallCommand(['capture', inside])]);
  if (ran.exitCode !== 0) throw new Error(`capture failed: ${ran.stderr}`);
  const { capture } = readCapture(cell.outside(inside));
  fs.rmSync(cell.outside(inside));
  fs.rmSync(file, { force: true });
  writeCapture(captureText(anonymous(capture)), file);
  fs.chmodSync(file, 0o644);
}

const anonymous = (capture: Capture): Capture => ({
  ...capture,
  capturedBy: null,
  agent: null,
  // The first and the last pass decide how long a difference lasted. Ledgers differ in three readings.
  passes: [
    ...capture.passes.slice(0, MIN_READINGS - 1),
    ...capture.passes.slice(MIN_READINGS - 1).slice(-1),
  ].map(anonymousSnapshot),
});

const anonymousSnapshot = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  cell: { hostname: 'cell', bootId: '00000000-0000-4000-8000-000000000000', bosh: null },
  mounts: {
    ...snapshot.mounts,
    cellTable: ofTheCell(snapshot.mounts.cellTable),
    ownTable: ofTheCell(snapshot.mounts.ownTable),
  },
});

/** The mounts that every cell has or that the story makes, without this clone and others of the machine. */
const ofTheCell = (table: MountTable): MountTable => ({
  ...table,
  mounts: table.mounts.filter(
    ({ mountPoint }) =>
      mountPoint === '/' ||
      (mountPoint !== root && /^\/(?:proc|sys|dev|tmp|var\/vcap)(?:\/|$)/.test(mountPoint)),
  ),
});

await runTool({}, recordStory);
