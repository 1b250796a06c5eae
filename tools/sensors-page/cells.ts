import { readFileSync } from 'node:fs';
import path from 'node:path';
import { asByteString } from '../../src/model/ids.ts';
import type { Membership } from '../../src/model/process.ts';
import { parseProcCgroup } from '../../src/parse/process-files.ts';
import { root } from '../bootstrap/place.mjs';
import type { Kind, ModeProcesses } from './verdicts.ts';

/** The recording of each mode. */
const MODES: Readonly<Record<string, string>> = {
  'v1 runc': 'runc',
  'v1 containerd': 'containerd',
  'v1 `--tag`': 'tag-ab-containerd',
  'v1 throttled': 'throttle-v1',
  'v2 runc': 'v2-runc',
  'v2 containerd': 'v2-containerd',
  'v2 throttled': 'v2-throttle-containerd',
};

/** The processes of each mode, as recorded on a real Garden's cells; cells in a box have the same. */
export const recordedModes = (): readonly ModeProcesses[] =>
  Object.entries(MODES).map(([mode, recording]) => recordedMode(mode, recording));

const APP = 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f';
const PRIVILEGED = 'c0ffee00-1234-4567-89ab-cdef';
const TASK = '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111';
const CHECK = 'check-0a1b2c3d-4e5f-4a6b-7c8d-9e0f1a2b3c4d';
/** The kind of a recorded process, its container, and the last part of its path. */
const RECORDED: readonly (readonly [kind: Kind, handle: string, name: string])[] = [
  ['app', APP, APP],
  ['envoy', APP, `${APP}-envoy`],
  ['pea', APP, `${APP}-liveness-healthcheck-0`],
  ['privileged', PRIVILEGED, PRIVILEGED],
  ['privileged-envoy', PRIVILEGED, `${PRIVILEGED}-envoy`],
  ['privileged-pea', PRIVILEGED, `${PRIVILEGED}-liveness-healthcheck-0`],
  ['task', TASK, TASK],
  ['check', CHECK, CHECK],
];

function recordedMode(mode: string, recording: string): ModeProcesses {
  const file = path.join(root, 'test/fixtures/recordings/garden', recording, 'memberships.txt');
  const parts = readFileSync(file, 'latin1').split(/^=== .*\n/m);
  const memberships = parts.map((text) => parseProcCgroup(asByteString(text)));
  const isV2 = recording.startsWith('v2');
  const processes = RECORDED.flatMap(([kind, handle, name]) => {
    // Below it there may be the runtime's own leaf.
    const isThere = (at: string): boolean =>
      at.split('/').findLast((part) => part !== 'init') === name;
    const membership = memberships.find((one) => Object.values(one).some(isThere));
    return membership === undefined ? [] : [{ kind, handle, membership }];
  });
  // Nothing was throttled then; the empty `bad/H` show where a throttled container would be.
  const bad = processes
    .filter(({ kind }) => kind === 'app' && recording.includes('throttle'))
    .map((app) => ({ ...app, kind: 'bad' as const, membership: moved(app.membership, isV2) }));
  return { mode, isV2, processes: [...processes, ...bad] };
}

/** Throttling moves a container in the hierarchy of cpu, which in v2 is the only one. */
const moved = (membership: Membership, isV2: boolean): Membership =>
  Object.fromEntries(
    Object.entries(membership).map(([name, at]) => [
      name,
      name === (isV2 ? 'v2' : 'cpu') ? asByteString(at.replace('/good/', '/bad/')) : at,
    ]),
  );
