import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import { initReader, policyStore, reservations, rootLists } from '../../src/probe/ledger-files.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { TimedReads } from '../../src/probe/timed-reads.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { skip } from '../skip.ts';
import { temporaryFolder, writeFiles } from '../temporary-folder.ts';
import { commandLines, NotingReader, showProcess, type ShownProcess } from './shown-process.ts';

const SHIM = ['shim', '-namespace', 'garden', '-id', 'H', '-address', '/c.sock'];

function cell() {
  const root = temporaryFolder();
  const reader = new NotingReader(root);
  const show = (shown: ShownProcess, address: string | null = null): void => {
    showProcess(root, shown);
    if (address === null) return;
    const trie = `Main:\n     |-- ${address}\n        /32 host LOCAL\n`;
    writeFiles(root, { [`proc/${shown.pid}/net/fib_trie`]: trie });
  };
  const inits = initReader(reader, commandLines(reader));
  const init = async () => (await inits([200], async () => {})).get(200);
  return { reader, show, init };
}

describe('the init of a container', () => {
  it('is read whole once, and later only its address', async () => {
    const { reader, show, init } = cell();
    show({ pid: 50, comm: 'containerd-shim', command: SHIM });
    show({ pid: 200, pids: [200, 1], parent: 50 }, '10.255.0.2');
    const first = await init();
    expect(first).to.include({ networkNamespace: null, isParentKnown: true });
    expect([first?.addresses, first?.helper?.id]).to.deep.equal([['10.255.0.2'], 'H']);
    reader.taken();
    show({ pid: 200, pids: [200, 1], parent: 50 }, '10.255.0.3');
    expect(await init()).to.deep.equal({ ...first, addresses: ['10.255.0.3'] });
    expect(reader.taken()).to.deep.equal(['/proc/200/net/fib_trie', '/proc/200/stat']);
  });

  it('is another one after another start or under another parent, and null once it has ended', async () => {
    const { show, init } = cell();
    show({ pid: 50, comm: 'containerd-shim', command: SHIM });
    show({ pid: 200, pids: [200, 1], parent: 50 }, '10.255.0.2');
    await init();
    show({ pid: 200, pids: [200, 1], parent: 1 }, '10.255.0.2');
    expect((await init())?.helper).to.equal(null);
    show({ pid: 200, pids: [200, 7], parent: 1, start: 900 }, '10.255.0.2');
    expect((await init())?.namespacePids).to.deep.equal([200, 7]);
    const gone = cell();
    expect(await gone.init()).to.equal(null);
  });

  it('is null if another process takes its pid while it is read', async () => {
    const { reader, show, init } = cell();
    show({ pid: 200, pids: [200, 1] }, '10.255.0.2');
    const status = reader.text.bind(reader);
    reader.text = (path, ...rest) => {
      const text = status(path, ...rest);
      if (path === '/proc/200/status') show({ pid: 200, pids: [200, 7], start: 900 });
      return text;
    };
    expect(await init()).to.equal(null);
  });

  it('has a parent that is not known if that is a helper whose command line says nothing', async () => {
    const { show, init } = cell();
    show({ pid: 50, comm: 'containerd-shim', command: [] });
    show({ pid: 200, pids: [200, 1], parent: 50 });
    expect(await init()).to.include({ isParentKnown: false, helper: null, addresses: null });
    show({ pid: 50, comm: 'containerd-shim', command: SHIM });
    expect((await init())?.helper?.id, 'it may say so later').to.equal('H');
  });
});

const DATA = 'var/vcap/data';
const newDisk = () => new TimedReads({ recovers: true });

describe('what silk keeps on disk', () => {
  const storeOf = (root: string, disk = newDisk()) => policyStore(new KernelReader(root), disk);

  it('is absent, or names the errno of what cannot be read', async () => {
    const root = temporaryFolder();
    expect(await storeOf(root)).to.deep.equal({ kind: 'absent' });
    const folder = join(root, DATA, 'container-metadata');
    mkdirSync(folder, { recursive: true });
    expect(await storeOf(root)).to.include({ kind: 'failed', why: 'ENOENT' });
    mkdirSync(join(folder, 'store.json'));
    expect(await storeOf(root)).to.include({ why: 'not a regular file' });
  });

  it('has a reserved address in each file that is named so, but not what a link leads to', async () => {
    const reader = new KernelReader(temporaryFolder());
    expect(await reservations(reader, newDisk())).to.deep.equal({ addresses: null, holders: null });
    const reserved = join(reader.root, DATA, 'host-local/ipam/silk');
    writeFiles(reserved, { '10.255.0.2': 'H', lock: 'H', '10.255.0.999': 'H' });
    symlinkSync('10.255.0.2', join(reserved, '10.255.0.4'));
    const { addresses, holders } = await reservations(reader, newDisk());
    expect(addresses).to.have.members(['10.255.0.2', '10.255.0.4']);
    expect([...(holders ?? [])]).to.deep.equal([['10.255.0.2', 'H']]);
  });

  it('is tried again if it is replaced while it is read, three times', async () => {
    const root = temporaryFolder();
    const write = (version: number): void =>
      writeFiles(join(root, DATA, 'container-metadata'), {
        'store.json': `{"H":{"handle":"H","ip":"10.255.0.${version}"}}`,
        'store.json_version': `${version}`,
      });
    const readingWhile = (writes: number) => {
      const disk = newDisk();
      const file = disk.file.bind(disk);
      let left = writes;
      write(9);
      disk.file = async (path, limit) => {
        const read = await file(path, limit);
        if (path.endsWith('store.json') && left-- > 0) write(left);
        return read;
      };
      return storeOf(root, disk);
    };
    const twice = await readingWhile(2);
    expect(twice.kind === 'read' && twice.entries.get(asByteString('H'))?.address).to.equal(
      '10.255.0.0',
    );
    expect(await readingWhile(3)).to.deep.equal({ kind: 'failed', why: 'it changes all the time' });
  });

  it('was made when its directory was', async () => {
    const root = temporaryFolder();
    const folder = join(root, DATA, 'container-metadata');
    writeFiles(folder, { 'store.json': '{}' });
    const madeAt = statSync(folder).birthtime.toISOString();
    expect(await storeOf(root)).to.include({ kind: 'read', madeAt });
  });
});

describe('what only root may read', () => {
  const read = (root: string) => rootLists(new KernelReader(root), newDisk());
  beforeEach(function () {
    if (process.geteuid?.() !== 0) skip(this, 'needs root');
  });

  it('is empty where nothing is', async () => {
    const nothing = { image: [], silk: [], ports: [], identity: [] };
    expect(await read(temporaryFolder())).to.deep.equal(nothing);
  });

  it('has the handles in directories and files, and no content of an identity', async () => {
    const root = temporaryFolder();
    const at = (path: string): string => join(root, DATA, path);
    const [identity, images] = ['rep/shared/garden/instance_identity', 'grootfs/store'];
    for (const path of [
      `${images}/unprivileged/images/image`,
      `${images}/privileged/images/privileged`,
      `${identity}/identity`,
    ])
      mkdirSync(at(path), { recursive: true });
    // Whoever opened it would wait.
    execFileSync('mkfifo', [at(`${identity}/identity/instance.key`)]);
    writeFiles(at(''), {
      [`${images}/unprivileged/images/lock`]: '',
      'silk/store.json': '{"S":{"handle":"S","ip":"10.255.0.2"}}',
      'garden-cni/external-networker-state.json': '{"acquired_ports":{"P":[61001]}}',
    });
    const all = {
      image: ['image', 'privileged'],
      silk: ['S'],
      ports: ['P'],
      identity: ['identity'],
    };
    expect(await read(root)).to.deep.equal(all);
    const ports = at('garden-cni/external-networker-state.json');
    const tooLong = `{"acquired_ports":{}}${' '.repeat(5 * 1024 * 1024)}`;
    for (const bad of ['{"acquired_ports":{"P"', '{"version":2}', tooLong]) {
      writeFileSync(ports, bad);
      expect(await read(root)).to.deep.equal({ ...all, ports: null });
    }
    rmSync(ports);
    symlinkSync('../silk/store.json', ports);
    expect(await read(root)).to.deep.equal({ ...all, ports: null });
    rmSync(at(`${images}/privileged/images`), { recursive: true });
    writeFileSync(at(`${images}/privileged/images`), '');
    expect(await read(root)).to.deep.equal({ ...all, image: null, ports: null });
  });

  it('is not read for another user', async () => {
    const { geteuid } = process;
    atEndOfTest(() => Object.assign(process, { geteuid }));
    process.geteuid = () => 1000;
    expect(await read(temporaryFolder())).to.equal(null);
  });
});
