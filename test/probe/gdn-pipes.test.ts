import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { destroyEvidence } from '../../src/probe/destroy-evidence.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { commandLines, showProcess, type ShownProcess } from './shown-process.ts';

const H = 'aaaaaaaa-0000-4000-8000-0000';
const GDN = 9;
/** O_RDONLY and O_WRONLY, as fdinfo shows them with O_CLOEXEC. */
const READS = '02000000';
const WRITES = '02000001';
type Descriptors = Readonly<Record<number, readonly [target: string, flags: string]>>;

function show(root: string, shown: ShownProcess & { pid: number }, descriptors: Descriptors): void {
  const comm = shown.command?.[0] ?? 'gdn';
  showProcess(root, { ...shown, comm });
  for (const folder of ['fd', 'fdinfo'])
    mkdirSync(join(root, `proc/${shown.pid}/${folder}`), { recursive: true });
  for (const [number, [target, flags]] of Object.entries(descriptors)) {
    symlinkSync(target, join(root, `proc/${shown.pid}/fd/${number}`));
    const text = `pos:\t0\nflags:\t${flags}\nmnt_id:\t15\nino:\t77\n`;
    writeFileSync(join(root, `proc/${shown.pid}/fdinfo/${number}`), text);
  }
}

async function evidenceIn(root: string) {
  const reader = new KernelReader(root);
  const question = { handles: [asHandle(H)], gdnPid: GDN };
  const sources = { reader, commands: commandLines(reader) };
  const found = await destroyEvidence(sources, question, () => Promise.resolve());
  return found.get(asHandle(H));
}

const holdersIn = async (root: string): Promise<readonly number[]> =>
  ((await evidenceIn(root))?.processes ?? []).flatMap(({ pid, part }) =>
    part === 'holds' ? [pid] : [],
  );

/** gdn waits for the end of the output of a command that has ended. */
function gdnReading(root: string, ...pipes: readonly number[]): void {
  const entries = pipes.map((pipe, n) => [n + 8, [`pipe:[${pipe}]`, READS]] as const);
  show(root, { pid: GDN }, Object.fromEntries(entries));
}

describe('a process that keeps gdn waiting after its parent has ended', () => {
  it('can write to a pipe that gdn reads', async () => {
    const root = temporaryFolder();
    gdnReading(root, 100, 101);
    show(root, { pid: 20, command: ['sleep', '600'] }, { 1: ['pipe:[101]', WRITES] });
    show(root, { pid: 21, command: ['other'] }, { 1: ['pipe:[555]', WRITES] });
    show(root, { pid: 22, command: ['reader'] }, { 0: ['pipe:[100]', READS] });
    show(root, { pid: 23, command: ['file'] }, { 1: ['/var/log/pipe:[100]', WRITES] });
    expect(await holdersIn(root)).to.deep.equal([20]);
    expect((await evidenceIn(root))?.pipesRead).to.equal(true);
  });

  it('is not one below gdn: gdn waits for that, too, but for another container', async () => {
    const root = temporaryFolder();
    gdnReading(root, 100);
    const pipe: Descriptors = { 1: ['pipe:[100]', WRITES] };
    show(root, { pid: 20, parent: GDN, command: ['networker', '--handle', 'another'] }, pipe);
    show(root, { pid: 21, parent: 20, command: ['sleep', '600'] }, pipe);
    expect(await holdersIn(root)).to.deep.equal([]);
  });

  it('is not a dadoo, which outlives the gdn that started it', async () => {
    const root = temporaryFolder();
    gdnReading(root, 100);
    const command = ['dadoo', 'exec', '/depot/another/processes/app'];
    show(root, { pid: 20, command }, { 1: ['pipe:[100]', WRITES] });
    expect(await holdersIn(root)).to.deep.equal([]);
  });

  it('is not whoever writes what gdn reads as its input', async () => {
    const root = temporaryFolder();
    show(root, { pid: GDN }, { 0: ['pipe:[100]', READS] });
    show(root, { pid: 20, command: ['monit'] }, { 5: ['pipe:[100]', WRITES] });
    expect(await holdersIn(root)).to.deep.equal([]);
  });

  it('is not searched while gdn waits for what it started itself', async () => {
    const root = temporaryFolder();
    gdnReading(root, 100);
    show(root, { pid: 20, parent: GDN, command: ['networker', '--handle', H] }, {});
    show(root, { pid: 21, command: ['sleep'] }, { 1: ['pipe:[100]', WRITES] });
    expect(await holdersIn(root)).to.deep.equal([]);
  });

  it('cannot be told without the right to see the descriptors of gdn', async () => {
    const root = temporaryFolder();
    showProcess(root, { pid: GDN, comm: 'gdn' });
    show(root, { pid: 20, command: ['sleep'] }, { 1: ['pipe:[100]', WRITES] });
    const found = await evidenceIn(root);
    expect(found?.processes).to.deep.equal([]);
    expect(found?.pipesRead).to.equal(false);
  });
});
