import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { cellOf, withCell, type Cell } from '../../tools/demo-cell/cell/cell.ts';
import { makeDirectory, removeTree } from '../../tools/demo-cell/cgroups/cgroup-tree.ts';
import { type CellShape, servicePath } from '../../tools/demo-cell/cgroups/cgroup-paths.ts';
import { hostHierarchies } from '../../tools/demo-cell/cgroups/hierarchies.ts';
import { type BpmScheme, otherCgroups } from '../../tools/demo-cell/cell/other-cgroups.ts';
import { whyNoCell } from '../../tools/demo-cell/cell/requirements.ts';
import { commOf } from '../../tools/demo-cell/cgroups/processes.ts';
import { runInBackground, type StartProcess } from '../../tools/demo-cell/gdn/cell-program.ts';
import { GardenProcess } from '../../tools/demo-cell/gdn/garden-process.ts';
import type { RepProcess } from '../../tools/demo-cell/rep/rep-process.ts';
import { VM_VARIABLE } from '../../tools/vm/guest.ts';
import { skip } from '../skip.ts';

const TREE = '/sys/fs/cgroup';
const SLICE = `${TREE}/system.slice`;
const UNIT_SUFFIX = /\.(service|scope|slice|socket|mount|swap)$/;
const DATA = '/var/vcap';
const UNIT_FILES = '/run/systemd/system';
const SCRIPTS = '/run/rollcall-units';

const V2 = { key: 'v2', version: 2, controllers: [], name: null, root: TREE } as const;
const PLAIN: CellShape = { mode: 'v2', layout: 'plain', runtime: 'containerd' };

/** Only a virtual machine may become a cell itself: its disk is thrown away. */
export function needsSystemd(context: Mocha.Context): void {
  const reason = whyNoSystemdCell();
  if (reason !== null) skip(context, reason);
}

/** Why the machine itself cannot become a cell, in one line; null if it can. */
export function whyNoSystemdCell(): string | null {
  const first = commOf(1);
  if (first !== 'systemd') {
    return `pid 1 is ${first === '' ? 'unknown' : first} and not systemd: npm run tool -- vm`;
  }
  if (process.env[VM_VARIABLE] === undefined) {
    return 'it turns the machine itself into a cell, so it runs in npm run tool -- vm only';
  }
  const [only, another] = hostHierarchies();
  if (only?.version !== 2 || another !== undefined) return 'it needs cgroup version 2 alone';
  return whyNoCell()?.message ?? null;
}

/**
 * A cell that is the whole machine, as Diego's are: Garden's cgroups are at the top of the tree,
 * gdn is a service, bpm's jobs are scopes, and pid 1 is systemd, in `/init.scope`.
 */
export async function startSystemdCell(options: Partial<CellShape> = {}): Promise<Cell> {
  const shape: CellShape = { ...PLAIN, ...options };
  const gdnCgroup = TREE + servicePath(V2);
  const garden = new GardenProcess(
    startIn([gdnCgroup]),
    '',
    { shape, hierarchies: [V2], containerMounts: false, network: 'host' },
    gdnCgroup,
  );
  const cell = cellOf({
    runId: 'systemd-cell',
    shape,
    hierarchies: [V2],
    process: { rootPid: 1, keep: () => undefined },
    garden,
    others: otherCgroups([V2], startIn),
    enter: IN_SESSION,
    enterForPeople: IN_SESSION,
    enterButNetwork: IN_SESSION,
    dispose: () => dispose(garden),
  });
  try {
    await garden.start();
  } catch (error) {
    await cell.stop();
    throw error;
  }
  return cell;
}

/** A cell that is the machine, for the time of `use`. */
export const inSystemdCell = (
  options: Partial<CellShape>,
  use: (cell: Cell) => Promise<void>,
): Promise<void> => withCell(startSystemdCell(options), use);

/** Runs what follows where the tests run, which is the scope of a session. */
const IN_SESSION = ['env'];

/** A directory of a unit is made by systemd, with the unit. */
const startIn = ([directory = '']: readonly string[]): StartProcess => {
  const unit = path.basename(directory);
  return unit.endsWith('.scope')
    ? (log, command) => runInBackground([], log, [...scope(unit), ...command])
    : (log, command) => startService(unit, log, command);
};

/** Before a command: it becomes a member of this scope. */
export const scope = (unit: string): readonly string[] => [
  'systemd-run',
  '--scope',
  '--quiet',
  '--collect',
  '--slice=system.slice',
  `--unit=${unit}`,
  '--',
];

/**
 * With a unit file, as garden.service has one: systemd keeps a transient unit as long as anything
 * that gdn left runs in it, and would not start another of that name.
 */
async function startService(
  unit: string,
  log: string,
  command: readonly string[],
): Promise<number> {
  makeDirectory(path.dirname(log));
  makeDirectory(SCRIPTS);
  const script = path.join(SCRIPTS, unit);
  writeFileSync(script, `exec ${command.map(quoted).join(' ')} </dev/null >>${log} 2>&1\n`);
  writeFileSync(path.join(UNIT_FILES, unit), serviceUnit(script));
  await systemctl('daemon-reload');
  await systemctl('start', unit);
  return Number(await systemctl('show', '--property=MainPID', '--value', unit));
}

/** What its process started lives on without it. */
const serviceUnit = (script: string): string => `[Unit]
StartLimitIntervalSec=0
[Service]
Type=exec
Delegate=yes
KillMode=none
ExecStart=/bin/sh ${script}
`;

/** A stand-in for Diego's rep in the scope that bpm would give it; not started. */
export const repIn = (scheme: BpmScheme): RepProcess => otherCgroups([V2], startIn).rep('', scheme);

async function systemctl(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa('systemctl', args, { stdin: 'ignore', timeout: 30_000 });
  return stdout;
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Units that tests started; the machine's own keep running. */
const OF_THE_CELL = /^(garden|monit|cron-.*)\.service$|bpm-.*\.scope$|^docker-.*\.scope$/;

async function dispose(garden: GardenProcess): Promise<void> {
  await garden.kill();
  const inSlice = readdirSync(SLICE, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => OF_THE_CELL.test(name) || !UNIT_SUFFIX.test(name));
  const directories = [`${TREE}/garden`, ...inSlice.map((name) => `${SLICE}/${name}`)];
  for (const directory of directories) {
    if (existsSync(directory)) writeFileSync(`${directory}/cgroup.kill`, '1');
    await removeTree(directory);
  }
  for (const point of mountPointsBelow(DATA)) await execa('umount', ['--lazy', point]);
  rmSync(DATA, { recursive: true, force: true });
  for (const unit of existsSync(SCRIPTS) ? readdirSync(SCRIPTS) : []) {
    rmSync(path.join(UNIT_FILES, unit), { force: true });
  }
  rmSync(SCRIPTS, { recursive: true, force: true });
  await systemctl('daemon-reload');
  const left = directories.filter((directory) => existsSync(directory));
  if (left.length > 0) throw new Error(`the cell left ${left.join(', ')} behind`);
}

/** The last mounted first. */
const mountPointsBelow = (directory: string): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${directory}/`))
    .toReversed();
