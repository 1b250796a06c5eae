import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { temporaryFolder } from '../temporary-folder.ts';
import { expectRefused, typed, type Ran } from './rollcall.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/mounts/${name}`, import.meta.url));

type Options = Readonly<Record<string, string | boolean>>;
const run = (options: Options): Promise<Ran> =>
  typed(['mounts', ...Object.entries(options).map(([name, value]) => `--${name}=${value}`)]);

const json = async (options: Options) => {
  const { code, stdout, stderr } = await run({ ...options, format: 'json' });
  return { code, stderr, value: JSON.parse(stdout) as Record<string, unknown> };
};

describe('rollcall mounts', () => {
  it('exits 0 when every hierarchy has a mount, 1 when one has none', async () => {
    expect((await run({ mountinfo: fixture('host-first.mountinfo') })).code).to.equal(0);
    expect((await run({ mountinfo: fixture('deleted-root.mountinfo') })).code).to.equal(1);
  });

  it('puts nothing but JSON on stdout', async () => {
    const { code, value, stderr } = await json({ mountinfo: fixture('damaged-lines.mountinfo') });
    expect(code).to.equal(0);
    expect(value).to.include({ mode: 'v1', malformedLines: 4, rule: 'verified' });
    expect(stderr).to.contain('skipped line 6');
  });

  it('infers the namespace from the table if no option gives it, and says so', async () => {
    const way = await json({ mountinfo: fixture('private-with-way-up.mountinfo') });
    expect(way.value).to.include({ cgroupNamespace: 'private' });
    expect(way.stderr).to.contain('assumed');
    const unified = { mountinfo: fixture('unified.mountinfo') };
    expect((await json(unified)).value).to.include({ cgroupNamespace: 'initial' });
    expect((await run(unified)).stdout).to.contain('assumed');
    const reported = await json({ ...unified, 'cgroup-namespace': 'private' });
    expect(reported.value).to.include({ cgroupNamespace: 'private' });
    expect(reported.code).to.equal(1);
    expect(reported.stderr).to.equal('');
  });

  it('chooses by another rule', async () => {
    const mountinfo = fixture('host-first.mountinfo');
    const { code, value } = await json({ mountinfo, rule: 'last-match' });
    expect(code).to.equal(0);
    expect(value).to.include({ rule: 'last-match' });
    const memory = 'hierarchies[1].chosen.mountPoint';
    expect(value)
      .to.have.nested.property(memory)
      .that.matches(/^\/var\/vcap\/data\/grootfs\//);
    const own = await json({ mountinfo });
    expect(own.value).to.have.nested.property(memory, '/sys/fs/cgroup/memory');
  });

  it('reads the format of /proc/mounts', async () => {
    const { code, value } = await json({ mounts: fixture('container-v1.mounts') });
    expect(code).to.equal(0);
    expect(value['hierarchies']).to.have.nested.property('[0].device', null);
  });

  describe('ends with one line that says what to do, and exit 2, for', () => {
    const refused = async (options: Options, says: string) =>
      expectRefused(await run(options), says);

    it('contradictory options', async () => {
      const mountinfo = fixture('unified.mountinfo');
      await refused({ mountinfo, mounts: mountinfo }, '--mountinfo and --mounts');
      await refused({ mountinfo, root: '/' }, '--root');
      await refused({ 'cgroup-namespace': 'private' }, '--cgroup-namespace');
      await refused({ root: 'relative' }, '--root needs an absolute path');
      await refused({ mountinfo: '' }, 'empty');
    });

    it('a file that is missing, a directory, empty or binary', async () => {
      const folder = temporaryFolder();
      await refused({ mountinfo: join(folder, 'none') }, 'does not exist');
      await refused({ mountinfo: folder }, 'is a directory');
      const file = join(folder, 'table');
      writeFileSync(file, '');
      await refused({ mountinfo: file }, 'is empty');
      writeFileSync(file, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 10, 0xff]));
      await refused({ mountinfo: file }, 'is not a table');
    });

    it('a file without an end', () => refused({ mountinfo: '/dev/zero' }, 'larger than 64 MiB'));

    it('a table of the other format, or with the line ends of Windows', async () => {
      const folder = temporaryFolder();
      const file = join(folder, 'table');
      writeFileSync(file, 'cgroup /cg cgroup rw,memory 0 0\n');
      await refused({ mountinfo: file }, '--mounts');
      writeFileSync(file, '1 0 0:1 / /cg rw - cgroup c rw,memory\r\n');
      await refused({ mountinfo: file }, 'Windows');
      await refused({ mounts: fixture('unified.mountinfo') }, '--mountinfo');
    });

    it('a readable table without a cgroup mount', async () => {
      await refused({ mountinfo: fixture('not-cgroups.mountinfo') }, 'no mount of type cgroup');
      const { code, value } = await json({ mountinfo: fixture('not-cgroups.mountinfo') });
      expect(code).to.equal(2);
      expect(value).to.include({ mode: 'none' });
      expect(value['hierarchies']).to.deep.equal([]);
    });

    it('a root without /proc, and one whose pid 1 has no cgroup mount', async () => {
      const folder = temporaryFolder();
      await refused({ root: folder }, '/proc/1/mountinfo');
      mkdirSync(join(folder, 'proc', '1'), { recursive: true });
      writeFileSync(join(folder, 'proc', '1', 'mountinfo'), '1 0 0:1 / / rw - tmpfs t rw\n');
      await refused({ root: folder }, 'unsafe.host_pid_namespace');
    });
  });
});
