import { readdirSync, readFileSync } from 'node:fs';
import { withCell, type Cell } from '../../src/demo-cell/cell/cell.ts';
import {
  guidOf,
  healthCheckHandle,
  instanceHandle,
} from '../../src/demo-cell/cgroups/container-spec.ts';
import { hostHierarchies, readHostTables } from '../../src/demo-cell/cgroups/hierarchies.ts';
import { RUN_PREFIX } from '../../src/demo-cell/cell/runs.ts';
import { startCell, type CellOptions } from '../../src/demo-cell/cell/start-cell.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { Membership } from '../../src/model/process.ts';
import { parseProcCgroup } from '../../src/parse/process-files.ts';
import { MODES, processesOf, recordedMode, type Mode } from '../../tools/sensors-page/cells.ts';
import type { ModeProcesses } from '../../tools/sensors-page/verdicts.ts';

/** The processes of each mode on cells in a box, and from the recordings if this machine cannot show a mode. */
export async function liveModes(): Promise<readonly ModeProcesses[]> {
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
