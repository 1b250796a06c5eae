import { chmodSync, chownSync, statSync } from 'node:fs';
import { GARDEN_HOME, GARDEN_SOCKET } from '../../src/demo-cell/gdn-config.ts';
import type { Vm } from './vm.ts';

/** Owner and mode of a file, as people write them. */
export interface Ownership {
  readonly owner: string;
  readonly mode: string;
}

/** Of Garden's directory and its socket; null for what is not there. */
export interface GardenDirectory {
  readonly directory: Ownership | null;
  readonly socket: (Ownership & { readonly inode: number }) | null;
}

export function gardenDirectory(vm: Vm): GardenDirectory {
  const directory = statSync(vm.path(GARDEN_HOME), { throwIfNoEntry: false });
  const socket = statSync(vm.path(GARDEN_SOCKET), { throwIfNoEntry: false });
  return {
    directory: directory === undefined ? null : ownership(vm, directory),
    socket: socket === undefined ? null : { ...ownership(vm, socket), inode: socket.ino },
  };
}

export const ownershipText = ({ directory, socket }: GardenDirectory): string =>
  [
    directory === null ? 'no directory' : `directory ${directory.owner} ${directory.mode}`,
    socket === null ? 'no socket' : `socket ${socket.owner} ${socket.mode}`,
  ].join(', ');

function ownership(vm: Vm, { uid, gid, mode }: { uid: number; gid: number; mode: number }) {
  const name = (id: number, vcap: number): string => (id === vcap ? 'vcap' : `${id}`);
  return {
    owner: `${name(uid, vm.vcap.uid)}:${name(gid, vm.vcap.gid)}`,
    mode: (mode & 0o7777).toString(8).padStart(4, '0'),
  };
}

/** The highest uid of a user namespace's range, which Garden's own processes have (guardian, idmapper). */
const MAXIMUS = 4294967294;

/** As Garden leaves it at each start (garden-runc-release, greenskeeper/main.go). */
export function asGreenskeeper(vm: Vm): void {
  chownSync(vm.path(GARDEN_HOME), vm.vcap.uid, MAXIMUS);
  chmodSync(vm.path(GARDEN_HOME), 0o770);
}

/** As rep leaves it at each start: its own bpm.yml mounts the directory without mount_only. */
export function asRep(vm: Vm): void {
  chownSync(vm.path(GARDEN_HOME), vm.vcap.uid, vm.vcap.gid);
  chmodSync(vm.path(GARDEN_HOME), 0o700);
}
