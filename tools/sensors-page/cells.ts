import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { asByteString, type ByteString } from '../../src/model/ids.ts';
import type { Membership } from '../../src/model/process.ts';
import { withCell, type Cell } from '../../src/demo-cell/cell/cell.ts';
import {
  guidOf,
  healthCheckHandle,
  instanceHandle,
} from '../../src/demo-cell/cgroups/container-spec.ts';
import { hostHierarchies, readHostTables } from '../../src/demo-cell/cgroups/hierarchies.ts';
import { whyNoCell } from '../../src/demo-cell/cell/requirements.ts';
import { RUN_PREFIX } from '../../src/demo-cell/cell/runs.ts';
import { startCell, type CellOptions } from '../../src/demo-cell/cell/start-cell.ts';
import { parseProcCgroup } from '../../src/parse/process-files.ts';
import { root } from '../bootstrap/place.mjs';
import type { Kind, ModeProcesses } from './verdicts.ts';

interface Mode {
  readonly mode: string;
  readonly recording: string;
  /** Null: a cell in a box cannot show it. */
  readonly cell: Pick<CellOptions, 'mode' | 'layout' | 'runtime'> | null;
}

const MODES: readonly Mode[] = [
  cellMode('v1 runc', 'runc', ['v1', 'plain', 'runc']),
  cellMode('v1 containerd', 'containerd', ['v1', 'plain', 'containerd']),
  { mode: 'v1 `--tag`', recording: 'tag-ab-containerd', cell: null },
  cellMode('v1 throttled', 'throttle-v1', ['v1', 'throttled', 'containerd']),
  cellMode('v2 runc', 'v2-runc', ['v2', 'plain', 'runc']),
  cellMode('v2 containerd', 'v2-containerd', ['v2', 'plain', 'containerd']),
  cellMode('v2 throttled', 'v2-throttle-containerd', ['v2', 'throttled', 'containerd']),
];

function cellMode(
  mode: string,
  recording: string,
  [version, layout, runtime]: readonly [
    CellOptions['mode'],
    CellOptions['layout'],
    CellOptions['runtime'],
  ],
): Mode {
  return { mode, recording, cell: { mode: version, layout, runtime } };
}

/** The processes of each mode, as recorded on a real Garden's cells. */
export const recordedModes = (): readonly ModeProcesses[] => MODES.map(recordedMode);

/**
 * The same from cells in a box, and from the recordings if this machine cannot show a mode. Null:
 * it can show none.
 */
export async function liveModes(): Promise<readonly ModeProcesses[] | null> {
  if (whyNoCell() !== null) return null;
  const host = hostHierarchies(readHostTables());
  const canShow = (version: CellOptions['mode']): boolean =>
    version === 'v2'
      ? host.some((one) => one.version === 2)
      : host.some((one) => one.version === 1 && one.controllers.length > 0);
  const modes: ModeProcesses[] = [];
  for (const mode of MODES) {
    modes.push(
      mode.cell !== null && canShow(mode.cell.mode)
        ? await liveMode(mode.mode, mode.cell)
        : recordedMode(mode),
    );
  }
  return modes;
}

const HANDLES = {
  app: instanceHandle('sensor app'),
  bad: instanceHandle('sensor bad'),
  privileged: instanceHandle('sensor privileged'),
  task: guidOf('sensor task'),
  check: healthCheckHandle('sensor check'),
};

const liveMode = (mode: string, options: NonNullable<Mode['cell']>): Promise<ModeProcesses> =>
  withCell(startCell({ ...options, label: 'sensors' }), async (cell) => {
    const peas = ['envoy', 'liveness-healthcheck'] as const;
    await cell.create({ handle: HANDLES.app, kind: 'app', peas });
    await cell.create({ handle: HANDLES.privileged, kind: 'app', privileged: true, peas });
    await cell.create({ handle: HANDLES.task, kind: 'task' });
    await cell.create({ handle: HANDLES.check, kind: 'health-check' });
    if (options.layout === 'throttled')
      await cell.create({ handle: HANDLES.bad, kind: 'app', throttled: true });
    return {
      mode,
      isV2: options.mode === 'v2',
      processes: processesOf(membershipsOn(cell), HANDLES),
    };
  });

/** The cgroups of every process on a cell, below the cell's own. */
function membershipsOn({ runId, rootPid }: Cell): readonly Membership[] {
  const own = `/${RUN_PREFIX}${runId}`;
  return readdirSync(`/proc/${rootPid}/root/proc`)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const membership = membershipAt(`/proc/${rootPid}/root/proc/${pid}/cgroup`, own);
      return membership === null ? [] : [membership];
    });
}

function membershipAt(file: string, own: string): Membership | null {
  try {
    const { membership } = parseProcCgroup(asByteString(readFileSync(file, 'latin1')));
    const below = Object.entries(membership).map(
      ([name, at]) =>
        [name, asByteString(at.startsWith(own) ? at.slice(own.length) || '/' : at)] as const,
    );
    return Object.fromEntries(below);
  } catch {
    return null; // it has ended
  }
}

const RECORDED = {
  app: 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f',
  privileged: 'c0ffee00-1234-4567-89ab-cdef',
  task: '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111',
  check: 'check-0a1b2c3d-4e5f-4a6b-7c8d-9e0f1a2b3c4d',
};

function recordedMode({ mode, recording }: Mode): ModeProcesses {
  const file = path.join(root, 'test/fixtures/recordings/garden', recording, 'memberships.txt');
  const parts = readFileSync(file, 'latin1').split(/^=== .*\n/m);
  const memberships = parts.map((text) => parseProcCgroup(asByteString(text)).membership);
  const isV2 = recording.startsWith('v2');
  const processes = processesOf(memberships, RECORDED);
  const app = processes.find(({ kind }) => kind === 'app');
  // Nothing was throttled during the recording; the empty `bad/H` show where a throttled container
  // would be.
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

function processesOf(
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
  const { app, bad, privileged, task, check } = handles;
  return [
    ...of('app', app),
    ...of('bad', bad),
    ...of('privileged', privileged),
    ...of('task', task),
    ...of('check', check),
    ...of('envoy', app, `${app}-envoy`),
    ...of('privileged-envoy', privileged, `${privileged}-envoy`),
    ...of('pea', app, `${app}-liveness-healthcheck-0`),
  ];
}
