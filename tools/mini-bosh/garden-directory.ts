import { chmodSync, chownSync, statSync, type Stats } from 'node:fs';
import { GARDEN_HOME, GARDEN_SOCKET } from '../../src/demo-cell/gdn/config.ts';
import type { Vm } from './vm.ts';

/** The highest uid of a user namespace, which Garden's own processes have (guardian, idmapper). */
const MAXIMUS = 4294967294;

export const gardenOwnership = (vm: Vm): string =>
  [
    `directory ${ownership(vm, GARDEN_HOME) ?? 'missing'}`,
    `socket ${ownership(vm, GARDEN_SOCKET) ?? 'missing'}`,
  ].join(', ');

/** Null if there is no socket. */
export const gardenSocketInode = (vm: Vm): number | null => statOf(vm, GARDEN_SOCKET)?.ino ?? null;

function ownership(vm: Vm, path: string): string | null {
  const stats = statOf(vm, path);
  if (stats === undefined) return null;
  const name = (id: number, vcap: number): string => (id === vcap ? 'vcap' : `${id}`);
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
  return `${name(stats.uid, vm.vcap.uid)}:${name(stats.gid, vm.vcap.gid)} ${mode}`;
}

const statOf = (vm: Vm, path: string): Stats | undefined =>
  statSync(vm.path(path), { throwIfNoEntry: false });

/** Sets owner and mode as Garden does at each start (garden-runc-release, greenskeeper/main.go). */
export function asGreenskeeper(vm: Vm): void {
  chownSync(vm.path(GARDEN_HOME), vm.vcap.uid, MAXIMUS);
  chmodSync(vm.path(GARDEN_HOME), 0o770);
}

/** Sets owner and mode as rep does at each start: its bpm.yml lacks mount_only. */
export function asRep(vm: Vm): void {
  chownSync(vm.path(GARDEN_HOME), vm.vcap.uid, vm.vcap.gid);
  chmodSync(vm.path(GARDEN_HOME), 0o700);
}
