import { spawnSync } from 'node:child_process';
import { request, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { readdirSync, readFileSync } from 'node:fs';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { type CellOptions, startCell } from '../../tools/demo-cell/cell/start-cell.ts';
import { hostHierarchies } from '../../tools/demo-cell/cgroups/hierarchies.ts';
import { whyNoCell } from '../../tools/demo-cell/cell/requirements.ts';
import { membershipOf } from '../../tools/demo-cell/cgroups/processes.ts';
import { parseStat } from '../../src/parse/process-files.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { skip } from '../skip.ts';
import { RUN_PREFIX } from '../../tools/demo-cell/cell/runs.ts';
import { waitFor } from '../wait-for.ts';

/** Skips, with the reason, where no cell of this mode can be built. */
export function needsCell(context: Mocha.Context, mode: CellOptions['mode'] = 'auto'): void {
  const obstacle = whyNoCell(mode);
  if (obstacle !== null) skip(context, obstacle.message);
}

/** Before a command of an ordinary user. */
export const NOBODY: readonly string[] = [
  'setpriv',
  '--reuid=65534',
  '--regid=65534',
  '--clear-groups',
  '--',
];

/**
 * Before a command as bpm runs a job: its user is vcap, and whatever it starts cannot gain a
 * capability.
 */
export const asVcap = (uid: number): readonly string[] => [
  'setpriv',
  `--reuid=${uid}`,
  `--regid=${uid}`,
  '--clear-groups',
  '--inh-caps=-all',
  '--bounding-set=-all',
  '--no-new-privs',
  '--',
];

/** Skips, with the reason, where only root can read the program, as in a clone in root's home. */
export function needsReadableProgram(context: Mocha.Context): void {
  const { status } = spawnSync('env', [...NOBODY, 'test', '-r', PROGRAM]);
  if (status !== 0) skip(context, 'an ordinary user cannot read this clone');
}

/**
 * A cell with these apps until the end of the test, which is skipped, with the reason, where none
 * can be built.
 */
export async function cellFor(
  context: Mocha.Context,
  options: Partial<CellOptions> = {},
  ...apps: readonly string[]
): Promise<Cell> {
  needsCell(context, options.mode);
  const cell = await startCell(options);
  atEndOfTest(() => cell.stop());
  for (const handle of apps) await cell.create({ handle, kind: 'app' });
  return cell;
}

/**
 * The answer to a request on a connection of its own. Rejects with the system's error, or after 20
 * seconds.
 */
export const answerTo = (
  wanted: Pick<RequestOptions, 'socketPath' | 'port' | 'method' | 'path'>,
): Promise<string> =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(20_000);
    // By address: a machine without /etc/hosts does not know the name localhost.
    request({ host: '127.0.0.1', ...wanted, agent: false, signal }, (response) => {
      text(response).then(resolve, reject);
    })
      .on('error', reject)
      .end();
  });

/** As Garden's API lists them. */
export async function handlesOf(
  { socketPath }: Cell,
  filter = 'garden.state=all',
): Promise<readonly string[]> {
  const answer = await answerTo({ socketPath, path: `/containers?${filter}` });
  return (JSON.parse(answer) as { readonly Handles: readonly string[] }).Handles;
}

/**
 * Everything on this machine that carries the name of a run: processes, mounts, cgroups, files in
 * the usual places. What other programs have left there is not its own.
 */
export function tracesOf(runId: string): readonly string[] {
  const name = RUN_PREFIX + runId;
  const isNamed = (where: string): boolean => where.includes(runId);
  const processes = [...processTable().keys()].filter((pid) =>
    isNamed(read(`/proc/${pid}/cgroup`)),
  );
  const mounts = read('/proc/self/mountinfo').split('\n').filter(isNamed);
  const cgroups = hostHierarchies().flatMap(({ mountPoint }) =>
    readdirSync(mountPoint)
      .filter((entry) => entry === name)
      .map((entry) => `${mountPoint}/${entry}`),
  );
  const files = ['/tmp', '/run', '/var'].flatMap((folder) =>
    readdirSync(folder)
      .filter(isNamed)
      .map((entry) => `${folder}/${entry}`),
  );
  return [...processes.map((pid) => `process ${pid}`), ...mounts, ...cgroups, ...files];
}

export const untilGone = (runId: string): Promise<void> =>
  waitFor(`the end of every trace of ${runId}`, () => tracesOf(runId).length === 0);

/** Waits until no process of a run is left; its cgroups may be. */
export const untilEnded = (runId: string): Promise<void> =>
  waitFor(
    `the end of every process of ${runId}`,
    () => !tracesOf(runId).some((trace) => trace.startsWith('process')),
  );

/**
 * The pids of a cell's processes whose environment names this container, as garden-init's does,
 * whatever their cgroups are. Other runs on this machine may have a container of the same name.
 */
export const processesOf = (handle: string, rootPid: number): readonly number[] =>
  processesBelow(rootPid)
    .map(({ pid }) => pid)
    .filter((pid) =>
      read(`/proc/${pid}/environ`).split('\0').includes(`CF_INSTANCE_GUID=${handle}`),
    );

/** The pids of a cell's processes with this name. */
export const processesNamed = (name: string, rootPid: number): readonly number[] =>
  processesBelow(rootPid).flatMap(({ pid, comm }) => (comm === name ? [pid] : []));

/** The pids of a process's children; without zombies. */
export const childrenOf = (parent: number): readonly number[] =>
  [...processTable().values()].flatMap(({ pid, parentPid }) => (parentPid === parent ? [pid] : []));

/**
 * What starts a cell. The arguments of others may keep their reader waiting
 * (unreadable-memory.test.ts, in another run).
 */
const STARTERS = new Set(['sh', 'mount', 'unshare']);

/** The pids of processes that start a cell with this text in an argument. */
export const startersWith = (part: string): readonly number[] =>
  [...processTable().values()].flatMap(({ pid, comm }) =>
    STARTERS.has(comm) && read(`/proc/${pid}/cmdline`).includes(part) ? [pid] : [],
  );

interface Listed {
  readonly pid: number;
  readonly comm: string;
  readonly parentPid: number;
}

function processesBelow(ancestor: number): readonly Listed[] {
  const table = processTable();
  const isBelow = (pid: number): boolean =>
    pid === ancestor || (pid > 1 && isBelow(table.get(pid)?.parentPid ?? 0));
  return [...table.values()].filter(({ pid }) => isBelow(pid));
}

/** PPid and NSpid, as the machine sees them; the second number of NSpid is the cell's. */
export function ancestryOf(pid: number): { parent: number; namespacePids: readonly number[] } {
  const status = read(`/proc/${pid}/status`);
  return {
    parent: Number(/^PPid:\t(\d+)$/m.exec(status)?.[1]),
    namespacePids: (/^NSpid:\t(.*)$/m.exec(status)?.[1] ?? '').split('\t').map(Number),
  };
}

/**
 * The paths of a process below the cell's own cgroup, by controller; those of the cell's own cgroup
 * itself are left out.
 */
export function cgroupsOfProcess(pid: number, runId: string): Readonly<Record<string, string>> {
  const own = `/${RUN_PREFIX}${runId}`;
  return Object.fromEntries(
    Object.entries(membershipOf(pid)).flatMap(([name, path]) => {
      const below = path.startsWith(own) ? path.slice(own.length) : `outside: ${path}`;
      return below === '' ? [] : [[name, below]];
    }),
  );
}

/**
 * By pid, with one file read for each. Without zombies: they keep the name of their cgroup until
 * their parent, perhaps a careless one, has waited for them.
 */
function processTable(): ReadonlyMap<number, Listed> {
  const table = new Map<number, Listed>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : '';
    const { parentPid, state } = parseStat(stat) ?? { parentPid: 0, state: 'Z' };
    const comm = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    if (state !== 'Z') table.set(Number(name), { pid: Number(name), comm, parentPid });
  }
  return table;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process is gone, or has no environment
  }
}
