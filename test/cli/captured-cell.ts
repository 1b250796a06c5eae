import { join } from 'node:path';
import type { EventView } from '../../src/model/agent-state.ts';
import type { AppIdentity } from '../../src/model/garden.ts';
import {
  CAPTURE_SCHEMA_VERSION,
  type CapturedAgent,
  type Snapshot,
} from '../../src/model/snapshot.ts';
import { captureText } from '../../src/parse/capture-file.ts';
import { replay } from '../../src/pass/check.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { writeCapture } from '../../src/probe/capture-files.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { snapshotOf, type CellText } from '../reconcile/cell-builder.ts';
import { withMounts } from '../mounts/mounted.ts';

/** Milliseconds. */
const SETTLE = 2000;
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

/**
 * A capture of that cell, or of one that differs, made of two passes, until the end of the test.
 */
export const capturedCell = (change: Partial<CellText> = {}): string =>
  captureFile(passesOf(change), null);

/** When the agent first saw what the capture sees, a minute before it. */
export const SEEN_BY_AGENT = '2025-12-31T23:59:00.000Z';

const EVENT: EventView = {
  at: SEEN_BY_AGENT,
  message: 'rollcall.container.untracked',
  handle: LOST,
  reason: 'unknown-to-garden',
  sentence: 'Garden does not list it.',
  data: {},
};

/**
 * The same with the answers of an agent that saw the cell as its replay does, for longer, and knows
 * whose the lost container is: `billing/0`, in space `shop` of `retail`, or of another name.
 */
export function capturedWithAgent(name = 'billing'): string {
  const passes = passesOf({});
  const replayed = replay(passes, SETTLE);
  if (replayed === null) throw new Error('no pass');
  const seen = reportJson(replayed.report);
  const containers = seen.containers.map((one) =>
    one.handle === LOST
      ? { ...one, since: SEEN_BY_AGENT, app: appOf(name), appSource: 'memory' as const }
      : one,
  );
  return captureFile(passes, { report: { ...seen, containers }, events: [EVENT] });
}

const appOf = (name: string): AppIdentity => ({
  id: '81eb59a1-dcbe-41c3-78a9-cdd4c2ce4da6',
  name,
  spaceId: null,
  spaceName: 'shop',
  organizationId: null,
  organizationName: 'retail',
  index: 0,
  processType: 'web',
});

const passesOf = (change: Partial<CellText>): readonly Snapshot[] =>
  [0, SETTLE].map((at) => withMounts(snapshotOf({ ...CELL, ...change, at })));

function captureFile(passes: readonly Snapshot[], agent: CapturedAgent | null): string {
  const file = join(temporaryFolder(), 'cell.json.gz');
  writeCapture(
    captureText({
      schemaVersion: CAPTURE_SCHEMA_VERSION,
      rollcallVersion: '0.0.0',
      capturedAt: '2026-01-01T00:00:00.000Z',
      capturedBy: 'alice',
      settleMilliseconds: SETTLE,
      passes,
      agent,
    }),
    file,
  );
  return file;
}
