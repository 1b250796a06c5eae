import { readFileSync } from 'node:fs';
import path from 'node:path';
import { asByteString, type ByteString } from '../../src/model/ids.ts';
import type { Membership } from '../../src/model/process.ts';
import type { CellOptions } from '../../src/demo-cell/cell/start-cell.ts';
import { parseProcCgroup } from '../../src/parse/process-files.ts';
import { root } from '../bootstrap/place.mjs';
import type { Kind, ModeProcesses } from './verdicts.ts';

export interface Mode {
  readonly mode: string;
  readonly recording: string;
  /** Null: a cell in a box cannot show it. */
  readonly cell: Pick<CellOptions, 'mode' | 'layout' | 'runtime'> | null;
}

export const MODES: readonly Mode[] = (
  [
    ['v1 runc', 'runc', 'v1', 'plain', 'runc'],
    ['v1 containerd', 'containerd', 'v1', 'plain', 'containerd'],
    ['v1 `--tag`', 'tag-ab-containerd', null, 'plain', 'containerd'],
    ['v1 throttled', 'throttle-v1', 'v1', 'throttled', 'containerd'],
    ['v2 runc', 'v2-runc', 'v2', 'plain', 'runc'],
    ['v2 containerd', 'v2-containerd', 'v2', 'plain', 'containerd'],
    ['v2 throttled', 'v2-throttle-containerd', 'v2', 'throttled', 'containerd'],
  ] as const
).map(([mode, recording, version, layout, runtime]) => {
  const cell = version === null ? null : { mode: version, layout, runtime };
  return { mode, recording, cell };
});

/** The processes of each mode, as recorded on a real Garden's cells; cells in a box have the same. */
export const recordedModes = (): readonly ModeProcesses[] => MODES.map(recordedMode);

const RECORDED = {
  app: 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f',
  privileged: 'c0ffee00-1234-4567-89ab-cdef',
  task: '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111',
  check: 'check-0a1b2c3d-4e5f-4a6b-7c8d-9e0f1a2b3c4d',
};

export function recordedMode({ mode, recording }: Mode): ModeProcesses {
  const file = path.join(root, 'test/fixtures/recordings/garden', recording, 'memberships.txt');
  const parts = readFileSync(file, 'latin1').split(/^=== .*\n/m);
  const memberships = parts.map((text) => parseProcCgroup(asByteString(text)).membership);
  const isV2 = recording.startsWith('v2');
  const processes = processesOf(memberships, RECORDED);
  const app = processes.find(({ kind }) => kind === 'app');
  // Nothing was throttled then; the empty `bad/H` show where a throttled container would be.
  const isThrottled = recording.includes('throttle') && app !== undefined;
  const bad = isThrottled
    ? [{ ...app, kind: 'bad' as const, membership: moved(app.membership, isV2) }]
    : [];
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

export function processesOf(
  memberships: readonly Membership[],
  handles: Readonly<Partial<Record<Kind, string>>>,
): ModeProcesses['processes'] {
  const of = (kind: Kind, handle: string | undefined, name = handle) => {
    // The last component, without the runtime's own leaf.
    const isThere = (at: ByteString): boolean => {
      const parts = at.split('/').filter((part) => part !== 'init');
      return parts.at(-1) === name;
    };
    const membership = memberships.find((one) => Object.values(one).some(isThere));
    return handle === undefined || membership === undefined ? [] : [{ kind, handle, membership }];
  };
  const { app, privileged } = handles;
  return [
    ...(['app', 'bad', 'privileged', 'task', 'check'] as const).flatMap((kind) =>
      of(kind, handles[kind]),
    ),
    ...of('envoy', app, `${app}-envoy`),
    ...of('privileged-envoy', privileged, `${privileged}-envoy`),
    ...of('pea', app, `${app}-liveness-healthcheck-0`),
    ...of('privileged-pea', privileged, `${privileged}-liveness-healthcheck-0`),
  ];
}
