import fs from 'node:fs';
import { dirname } from 'node:path';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { pidsIn } from '../../tools/demo-cell/cgroups/cgroup-tree.ts';
import { instanceHandle } from '../../tools/demo-cell/cgroups/container-spec.ts';
import { inParallel } from '../../tools/demo-cell/in-parallel.ts';
import { waitFor } from '../wait-for.ts';
import { cgroupsOfProcess } from './cells.ts';
import {
  makeImage,
  moveTo,
  processOf,
  startProcess,
  startSecondGdn,
} from './container-processes.ts';
import type { Modelled, StepName } from './kernel-model.ts';
import { MEMORY, type RunningAgent } from './running-agent.ts';

export interface Place {
  readonly cell: Cell;
  readonly agent: RunningAgent;
  /** Writes into the trace of the kernel. */
  readonly mark: (text: string) => void;
}
/** `name`: of the container in the model. */
type Act = (place: Place, handle: string, name: string) => unknown;

const CRON = '/system.slice/cron.service';
const SECOND = '/system.slice/second.service';
const ZOMBIE = `cp "$(command -v sleep)" /tmp/gdn &&
  (/tmp/gdn 0 & exec sleep 10000) </dev/null >/dev/null 2>&1 &`;
const LATER = `awk '/^btime/ { $2 += 86400 } 1' /proc/stat >/tmp/stat &&
  mount --bind /tmp/stat /proc/stat`;

const v1Of = ({ hierarchies }: Cell) => hierarchies.filter(({ version }) => version === 1);

/** The cgroup of a process in one hierarchy, of v2 or with this controller. */
function cgroupOf({ hierarchies, runId }: Cell, pid: number, controller: string): string | null {
  const tree = hierarchies.find(({ version, controllers }) =>
    controller === 'v2' ? version === 2 : controllers.includes(controller),
  );
  const path = cgroupsOfProcess(pid, runId)[controller];
  return tree === undefined || path === undefined ? null : tree.root + path;
}

/** All its processes. What is frozen on v1 cannot be killed. */
function freeze({ cell }: Place, handle: string, isFrozen: boolean): void {
  for (const pid of cell.pids(handle)) {
    const cgroup = cgroupOf(cell, pid, cell.mode === 'v2' ? 'v2' : 'freezer');
    if (cgroup === null) continue;
    if (cell.mode === 'v2') fs.writeFileSync(`${cgroup}/cgroup.freeze`, isFrozen ? '1' : '0');
    else fs.writeFileSync(`${cgroup}/freezer.state`, isFrozen ? 'FROZEN' : 'THAWED');
  }
}

/** By container, the threaded cgroup that one of its processes is in. */
const threaded = new Map<string, { readonly pid: number; readonly cgroup: string }>();

function thread({ cell }: Place, handle: string): void {
  const pid = processOf(cell, handle, 'launcher');
  const cgroup = `${cgroupOf(cell, pid, 'v2') ?? ''}/threads`;
  fs.mkdirSync(cgroup);
  fs.writeFileSync(`${cgroup}/cgroup.type`, 'threaded');
  fs.writeFileSync(`${cgroup}/cgroup.threads`, `${pid}`);
  threaded.set(handle, { pid, cgroup });
}

function unthread(_: Place, handle: string): void {
  const { pid, cgroup = '' } = threaded.get(handle) ?? {};
  fs.writeFileSync(`${dirname(cgroup)}/cgroup.threads`, `${pid}`);
  fs.rmdirSync(cgroup);
}

/** So that the cell can end. */
export function release(place: Place, handle: string, { held }: Modelled): void {
  if (held === 'frozen') freeze(place, handle, false);
  if (held === 'threaded') unthread(place, handle);
}

const duringPass =
  (begin: Act, end: Act): Act =>
  async (place, handle, name) => {
    await begin(place, handle, name);
    await place.agent.afterPass();
    await end(place, handle, name);
  };
const running =
  (...command: readonly string[]): Act =>
  ({ agent }) =>
    agent.run(command);

/**
 * Sets the wall clock a day on, or back: the one that the agent reads (movable-clock.ts), and the
 * boot time of the kernel, which moves with it.
 */
async function setClock({ agent }: Place): Promise<void> {
  await agent.signal('WINCH');
  await agent.run(['sh', '-c', `umount /proc/stat || { ${LATER}; }`]);
  await agent.afterPass();
}

export const ACTS: Readonly<Record<StepName, Act>> = {
  create: async ({ cell }, handle, name) => {
    await cell.create({ handle, kind: 'app', peas: name.endsWith('0') ? ['envoy'] : [] });
    if (cell.rep.hostPid() === null) return;
    await waitFor('rep', () => cell.rep.status()?.known.includes(handle) === true);
  },
  destroy: ({ cell }, handle) => cell.destroy(handle),
  forget: ({ cell }, handle) => cell.forget(handle),
  'forget-and-set-clock': async (place, handle) => {
    await place.cell.forget(handle);
    await setClock(place);
  },
  kill: ({ cell }, handle) => cell.kill(handle),
  'lose-owner': ({ cell }, handle) => cell.loseOwner(handle),
  escape: ({ cell }, handle) => moveTo(cell, processOf(cell, handle, 'launcher'), CRON),
  hide: ({ cell }, handle) => cell.moveOut(handle, 'memory'),
  throttle: ({ cell }, handle) => cell.throttle(handle),
  unthrottle: ({ cell }, handle) => cell.unthrottle(handle),
  freeze: (place, handle) => freeze(place, handle, true),
  thaw: (place, handle) => freeze(place, handle, false),
  thread,
  unthread,
  churn: ({ cell, mark }) => {
    const handles = Array.from({ length: 6 }, (_, n) => instanceHandle(`churned ${n}`));
    return inParallel(handles, 3, async (handle) => {
      mark(`lists ${handle}`);
      await cell.create({ handle, kind: 'app', cheap: true });
      mark(`unlists ${handle}`);
      await cell.destroy(handle);
    });
  },
  'start-unit': ({ cell }) => cell.others.systemdUnit('cron.service'),
  'start-docker': ({ cell }) => cell.others.dockerScope(),
  'rename-unit': ({ cell }) => {
    for (const { root } of v1Of(cell))
      if (fs.existsSync(root + CRON)) fs.renameSync(root + CRON, `${root}${CRON}-${Date.now()}`);
  },
  /** As a sensor was seen to do it. */
  'move-pid-1': ({ cell }) => {
    const root = v1Of(cell).find(({ controllers }) => controllers.includes('memory'))?.root ?? '';
    fs.mkdirSync(`${root}/sensor.falcon`, { recursive: true });
    fs.writeFileSync(`${root}/sensor.falcon/cgroup.procs`, `${cell.rootPid}`);
  },
  /** Its cgroup reads `/` on v1. */
  'leave-zombie': running('sh', '-c', ZOMBIE),
  /** With a container, and seen by a pass: only then can the agent know whose that is. */
  'start-second-gdn': async ({ cell, agent }) => {
    await startSecondGdn(cell, SECOND);
    const root = await makeImage(cell, '/var/vcap/data/second/images/theirs');
    const pid = await startProcess(cell, { by: 'dadoo', root, inside: null });
    moveTo(cell, pid, `${SECOND}${cell.mode === 'v2' ? '' : '/garden'}/theirs`);
    await agent.afterPass();
  },
  'kill-second-gdn': ({ cell }) => {
    for (const pid of pidsIn(`${cell.hierarchies[0]?.root ?? ''}${SECOND}`))
      process.kill(pid, 'SIGKILL');
  },
  'start-rep': ({ cell }) => cell.rep.start({ retryMilliseconds: 500 }),
  'stop-rep': ({ cell }) => cell.rep.stop(),
  'kill-rep': ({ cell }) => cell.rep.kill(),
  'restart-garden': duringPass(
    ({ cell }) => cell.garden.stop(),
    ({ cell }) => cell.garden.start(),
  ),
  'crash-garden': ({ cell }) => cell.garden.crash(),
  'fail-garden': duringPass(
    ({ cell }) =>
      cell.garden.setFault({ kind: 'status', status: 500, body: '{"Message":"no"}' }, 'list'),
    ({ cell }) => cell.garden.setFault({ kind: 'none' }),
  ),
  'fill-disk': duringPass(
    running('mount', '-t', 'tmpfs', '-o', 'size=4k,nr_inodes=1', 'tmpfs', dirname(MEMORY)),
    running('umount', '-l', dirname(MEMORY)),
  ),
  'mount-again': duringPass(
    running('mount', '--rbind', '/sys/fs/cgroup', '/mnt'),
    running('umount', '-l', '/mnt'),
  ),
  'cover-cgroups': duringPass(
    running('mount', '-t', 'tmpfs', 'tmpfs', '/sys/fs/cgroup'),
    running('umount', '-l', '/sys/fs/cgroup'),
  ),
  'set-clock': setClock,
  /** Its clock is right again when it starts. */
  'kill-agent': async ({ agent }) => {
    await agent.end('KILL');
    await agent.run(['umount', '/proc/stat']);
    agent.start();
  },
};
