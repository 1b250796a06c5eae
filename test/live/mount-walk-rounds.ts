import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asByteString, type ByteString } from '../../src/model/ids.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { pathWalk } from '../../src/mounts/reachability.ts';

/**
 * Run by mount-walk.test.ts in a mount namespace of its own, which takes all mounts with it when it
 * ends. Makes random stacks, nestings and binds of mounts and asks the kernel which mount each
 * mount point leads to: the mnt_id of an open file. Prints what it found as JSON.
 */
const [folder = '', roundsText = '40', seedText = '1'] = process.argv.slice(2);
/** include/uapi/asm-generic/fcntl.h; Node does not name it. */
const O_PATH = 0o10000000;
const PLACES = ['', 'a', 'a/b', 'a/b/c', 'd', 'd/e'] as const;

let state = Number(seedText) >>> 0;
/** A small reproducible generator (xorshift32): a failure can be played again by its seed. */
function random(limit: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  state >>>= 0;
  return state % limit;
}
const place = (): string => join(folder, PLACES[random(PLACES.length)] ?? '');
const run = (program: string, ...args: readonly string[]): void => {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
};
const makePlaces = (): void => {
  for (const one of PLACES) mkdirSync(join(folder, one), { recursive: true });
};

/**
 * Null where the mount point is gone: a mount on the way to it hides it and has no such directory.
 */
function idByKernel(path: ByteString): number | null {
  let fd: number;
  try {
    fd = openSync(Buffer.from(path, 'latin1'), O_PATH | constants.O_DIRECTORY);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
    return Number(/^mnt_id:\s*(\d+)$/m.exec(info)?.[1]);
  } finally {
    closeSync(fd);
  }
}

const found = { rounds: 0, mounts: 0, hidden: 0, disagreements: [] as string[] };
for (let round = 0; round < Number(roundsText); round++) {
  run('mount', '-t', 'tmpfs', 'rollcall-walk', folder);
  makePlaces();
  if (random(3) === 0) run('mount', '--make-rshared', folder);
  for (let step = 3 + random(8); step > 0; step--) {
    const [from, to] = [place(), place()];
    if (random(2) === 0) run('mount', '-t', 'tmpfs', 'rollcall-walk', to);
    else run('mount', random(2) === 0 ? '--bind' : '--rbind', from, to);
    makePlaces();
  }
  const table = parseMountInfo(asByteString(readFileSync('/proc/self/mountinfo', 'latin1')));
  const walk = pathWalk(table);
  for (const mount of table.mounts) {
    if (!mount.mountPoint.startsWith(folder)) continue;
    const kernel = idByKernel(mount.mountPoint);
    found.mounts += 1;
    if (kernel !== mount.id) found.hidden += 1;
    const ours = walk.endsOn(mount.mountPoint)?.id;
    if ((kernel !== null && ours !== kernel) || walk.reaches(mount) !== (kernel === mount.id)) {
      found.disagreements.push(`round ${round}: ${mount.mountPoint} is ${kernel}, not ${ours}`);
    }
  }
  run('mount', '--make-rprivate', folder);
  for (;;) {
    const text = readFileSync('/proc/self/mountinfo', 'latin1');
    if (!text.includes(` ${folder} `) && !text.includes(` ${folder}/`)) break;
    run('umount', '-l', folder);
  }
  found.rounds += 1;
}
console.log(JSON.stringify(found));
