import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { isInPath } from '../../tools/demo-cell/cell/requirements.ts';
import { SYSTEM_PATH } from '../../tools/demo-cell/gdn/programs.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { skip } from '../skip.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';

const EXPORT = '/srv/rollcall-test';
const THREADS = 8;
const DEADLINE_MILLISECONDS = 60_000;

export function needsNfsServer(context: Mocha.Context): void {
  if (!isInPath('rpc.nfsd', SYSTEM_PATH)) skip(context, 'needs nfs-kernel-server');
}

/** Until the end of the test, a folder of this machine is mounted from an NFS server of this machine. */
export async function mountVolume(volume: string): Promise<void> {
  for (const folder of [EXPORT, volume]) mkdirSync(folder, { recursive: true });
  await run('systemctl', 'start', 'nfs-server.service');
  await run('exportfs', '-o', 'rw,no_root_squash,insecure,fsid=0', `127.0.0.1:${EXPORT}`);
  await run('mount', '-t', 'nfs4', '127.0.0.1:/', volume);
  atEndOfTest(async () => {
    await startServer();
    await execa('umount', ['--lazy', volume], { reject: false });
  });
}

/** The server answers again. */
export const startServer = (): Promise<void> => run('rpc.nfsd', `${THREADS}`);

/** The server no longer answers. */
const stopServer = (): Promise<void> => run('rpc.nfsd', '0');

async function run(file: string, ...args: readonly string[]): Promise<void> {
  await execa(file, args, { stdin: 'ignore', timeout: DEADLINE_MILLISECONDS });
}

/**
 * A container has a mount of its own of a volume. What is written reaches the server when the file
 * is closed, which is when the process ends.
 */
const WRITER = `echo $$ >"$1" && mount --bind "$2" "$3" && umount "$2" && exec 3>"$3/file" || exit
touch "$4.open"
until [ -e "$4.write" ]; do sleep 0.1; done
head -c 262144 /dev/zero >&3
exec sleep 1d`;

/** Two processes of this cgroup write to a volume whose server has stopped, and wait for it. */
export async function writeWithoutServer(cgroup: string, volume: string): Promise<void> {
  const folder = temporaryFolder();
  const [mount, mark] = [join(folder, 'mount'), join(folder, 'mark')];
  mkdirSync(mount);
  const list = `${cgroup}/cgroup.procs`;
  const before = pidsIn(list).length;
  const args = ['--mount', 'sh', '-c', WRITER, 'sh', list, volume, mount, mark];
  void execa('unshare', args, { stdio: 'ignore', reject: false });
  await waitFor('the open file', () => existsSync(`${mark}.open`));
  await stopServer();
  writeFileSync(`${mark}.write`, '');
  await waitFor('a process that waits', () =>
    pidsIn(list)
      .slice(before)
      .some((pid) => / D /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))),
  );
}

const pidsIn = (list: string): readonly number[] =>
  readFileSync(list, 'utf8').trim().split('\n').map(Number);
