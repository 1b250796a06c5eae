import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import type { Cell } from '../demo-cell/cell/cell.ts';
import { commOf, kill, membershipOf, until } from '../demo-cell/cgroups/processes.ts';
import { IMAGE_STORE } from '../demo-cell/gdn/config.ts';
import { root } from '../bootstrap/place.mjs';

export const MANY_PROCESSES = path.join(root, 'tools/bench/many-processes.c');

const DEADLINE_MILLISECONDS = 30_000;

/** What many processes of one tenant look like. */
export interface ManyProcesses {
  /** The program made from many-processes.c, linked statically. */
  readonly program: string;
  readonly name: string;
  readonly count: number;
  /** Of each: at most 65,536, which make its status half a megabyte long. */
  readonly groups?: number;
  /** In the container: `/`, or `/empty`, which hides the root of the container in their mount tables. */
  readonly chroot?: '/' | '/empty';
  /** After so many seconds, another one replaces it; 0: never. */
  readonly seconds?: number;
  /** Each has a root that its mount table shows as an image with another name, which begins so. */
  readonly images?: string;
}

/** The lists of members of a process's cgroups. */
function listsOf(cell: Cell, pid: number): readonly string[] {
  const membership = membershipOf(pid);
  return cell.hierarchies.flatMap(({ key, root: cellRoot }) => {
    const at = membership[key.split(',')[0] ?? ''];
    // The cell's own cgroup is at the top of the machine's hierarchy.
    const above = cellRoot.slice(0, cellRoot.lastIndexOf('/'));
    return at === undefined ? [] : [`${above}${at}/cgroup.procs`];
  });
}

/** The pid of a container's process as the cell numbers it. */
function pidInCell(pid: number): number {
  const pids = /^NSpid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '';
  return Number(pids.split('\t').at(-2));
}

/** Starts them in a container, in its cgroups, with its root. They end with the cell, or when `end` is called. */
export async function startMany(
  cell: Cell,
  handle: string,
  { program, name, count, groups = 0, chroot = '/', seconds = 0, images = '' }: ManyProcesses,
): Promise<() => Promise<void>> {
  const rootfs = `${IMAGE_STORE}/unprivileged/images/${handle}/rootfs`;
  copyFileSync(program, cell.outside(`${rootfs}/many`));
  mkdirSync(cell.outside(`${rootfs}/empty`), { recursive: true });
  const before = cell.pids(handle);
  const init = before.find((pid) => commOf(pid) === 'garden-init') ?? 0;
  const join = listsOf(cell, init).map((list) => `echo $$ >${list}`);
  const enter = [...cell.enterForPeople, 'nsenter', '-t', `${pidInCell(init)}`, '-p', '--no-fork'];
  const many = `${rootfs}/many ${name} ${count} ${groups} ${rootfs} ${chroot} ${seconds} '${images}' & wait`;
  const script = [...join, 'exec "$@"'].join(' && ');
  void execa('sh', ['-c', script, 'sh', ...enter, 'sh', '-c', many], {
    stdio: 'ignore',
    reject: false,
  });
  const started = (): readonly number[] =>
    cell.pids(handle).filter((pid) => !before.includes(pid) && commOf(pid) === name);
  await until(() => {
    const missing = count - started().length;
    return missing <= 0 ? null : `${missing} of ${count} processes have not started`;
  }, DEADLINE_MILLISECONDS);
  // The oldest one starts others.
  return () =>
    until(() => {
      const left = started();
      for (const pid of left) kill(pid);
      return left.length === 0 ? null : `${left.length} processes still run`;
    }, DEADLINE_MILLISECONDS);
}
