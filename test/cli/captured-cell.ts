import { join } from 'node:path';
import { CAPTURE_SCHEMA_VERSION } from '../../src/model/snapshot.ts';
import { captureText } from '../../src/parse/capture-file.ts';
import { writeCapture } from '../../src/probe/capture-files.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { snapshotOf, type CellText } from '../reconcile/cell-builder.ts';
import { withMounts } from '../mounts/mounted.ts';

const GARDEN = '/system.slice/garden.service/garden';

export const LOST = 'bbbbbbbb-0000-4000-8000-0000';

/** 30 tracked containers, a lost one, and one that Garden lists although nothing runs. */
const CELL: CellText = {
  trees: {
    memory: [
      '/system.slice/garden.service: 100',
      ...Array.from({ length: 30 }, (_, n) => `${GARDEN}/${handleOf(n)}: ${200 + n}`),
      `${GARDEN}/${LOST}: 400 401`,
    ].join('\n'),
  },
  listed: [...Array.from({ length: 30 }, (_, n) => handleOf(n)), 'stuck'],
  processes: [{ pid: 400, comm: 'app', command: `/app --name \u001b[31m${'x'.repeat(240)}` }],
};

export function handleOf(n: number): string {
  return `aaaaaaaa-0000-4000-8000-${String(n).padStart(4, '0')}`;
}

/** A capture of that cell, or of one that differs, made of two passes, until the end of the test. */
export function capturedCell(change: Partial<CellText> = {}): string {
  const file = join(temporaryFolder(), 'cell.json.gz');
  writeCapture(
    captureText({
      schemaVersion: CAPTURE_SCHEMA_VERSION,
      rollcallVersion: '0.0.0',
      capturedAt: '2026-01-01T00:00:00.000Z',
      capturedBy: 'alice',
      settleMilliseconds: 2000,
      looks: [0, 2000].map((at) => withMounts(snapshotOf({ ...CELL, ...change, at }))),
    }),
    file,
  );
  return file;
}
