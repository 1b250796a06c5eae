import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { shownCommand } from '../../src/parse/shown-command.ts';
import { probeCell } from '../../src/probe/cell-probe.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { MountReader } from '../../src/probe/mount-probe.ts';
import { membershipReader, processFacts } from '../../src/probe/processes.ts';
import { directoryOfSocket } from '../../src/probe/watcher.ts';
import { codeOf } from '../failure-of.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Fails for the paths that end so, as open(2) does; the others are those of this machine. */
class FailingReader extends KernelReader {
  readonly #end: string;
  readonly #errno: string;

  constructor(end: string, errno: string) {
    super('/');
    this.#end = end;
    this.#errno = errno;
  }

  override whole(path: string | Buffer) {
    return String(path).endsWith(this.#end) ? { errno: this.#errno } : super.whole(path);
  }
}

const failing = <T>(call: () => T | Promise<T>): Promise<unknown> =>
  codeOf(Promise.resolve().then(call));
const membershipsBy = (reader: KernelReader) => membershipReader(reader, () => Promise.resolve());

describe('a file that cannot be read is not a file that is gone', () => {
  for (const errno of ['EMFILE', 'ENFILE', 'ENOMEM'])
    it(`fails the pass on ${errno}: of a process, of its cgroups, of those of pid 1`, async () => {
      for (const file of ['stat', 'status', 'comm']) {
        const reader = new FailingReader(`/${process.pid}/${file}`, errno);
        expect(await failing(() => processFacts(reader, process.pid))).to.equal('PROC_UNREADABLE');
      }
      const reader = new FailingReader('/cgroup', errno);
      const memberships = membershipsBy(reader);
      expect(await failing(() => memberships([process.pid]))).to.equal('PROC_UNREADABLE');
      // The cgroup of pid 1 is not the top of the machine.
      expect(await failing(() => new MountReader('/', reader).read())).to.equal('PROC_UNREADABLE');
    });

  for (const errno of ['ENOENT', 'ESRCH', 'EACCES', 'EIO'])
    it(`is one on ${errno}`, async () => {
      const reader = new FailingReader(`/${process.pid}/status`, errno);
      expect(processFacts(reader, process.pid)).to.equal(null);
      const memberships = membershipsBy(new FailingReader('/cgroup', errno));
      expect([...(await memberships([1]))]).to.deep.equal([[1, null]]);
    });

  it('does not make another boot of this one', () => {
    const folder = temporaryFolder();
    const random = join(folder, 'proc/sys/kernel/random');
    mkdirSync(random, { recursive: true });
    const probe = probeCell({
      root: folder,
      gardenSocket: join(folder, 'none'),
      gardenTimeoutMilliseconds: 1000,
      bosh: null,
      hangNote: null,
      showsCommand: shownCommand,
    });
    expect(probe.cell().bootId).to.equal('');
    writeFileSync(join(random, 'boot_id'), 'first\n');
    expect(probe.cell().bootId).to.equal('first');
    rmSync(random, { recursive: true });
    expect(probe.cell().bootId).to.equal('first');
    probe.close();
  });
});

describe('the directory of a socket', () => {
  it('is watched if possible, and not a failure otherwise', () => {
    const folder = temporaryFolder();
    expect(directoryOfSocket(join(folder, 'garden.sock'))).to.have.length(1);
    expect(directoryOfSocket(join(folder, 'none/garden.sock'))).to.deep.equal([]);
    symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
    expect(directoryOfSocket(join(folder, 'loop/garden.sock'))).to.deep.equal([]);
  });
});
