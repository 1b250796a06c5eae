import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { LATE_COMMAND } from '../../src/model/process.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { processFacts } from '../../src/probe/processes.ts';
import { isReading, TimedReads } from '../../src/probe/timed-reads.ts';
import { temporaryFolder, writeFiles } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';
import { commandLines, showProcess } from './shown-process.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

/** Pipes without a writer: whoever opens one waits for a writer. */
function madePipes(...paths: readonly string[]): readonly string[] {
  for (const path of paths) fs.rmSync(path, { force: true });
  execFileSync('mkfifo', paths);
  return paths;
}

/** Ends the reads that wait, after which nothing of this process hangs. */
async function end(paths: readonly string[]): Promise<void> {
  for (const path of paths) fs.closeSync(fs.openSync(path, 'r+'));
  await waitFor('the end of the reads', () => {
    for (const path of paths) fs.closeSync(fs.openSync(path, fs.constants.O_RDWR));
    return !isReading();
  });
}

const LATE = { errno: 'ETIMEDOUT' };

describe('a read that can hang', () => {
  const withText = () => {
    const folder = temporaryFolder();
    writeFiles(folder, { text: 'abc' });
    return { folder, text: join(folder, 'text') };
  };

  it('ends after 1 s, and after two of them no more are made', async () => {
    const { folder, text } = withText();
    const pipes = madePipes(join(folder, 'one'), join(folder, 'two'));
    atEndOfTest(() => end(pipes));
    const reads = new TimedReads();
    expect(await reads.text(text, 2)).to.equal('ab');
    expect(await reads.text(join(folder, 'none'), 2)).to.deep.equal({ errno: 'ENOENT' });
    expect([isReading(), reads.hasStopped]).to.deep.equal([false, false]);
    for (const pipe of pipes) {
      expect(reads.hasStopped).to.equal(false);
      const started = performance.now();
      expect(await reads.text(pipe, 10)).to.deep.equal(LATE);
      expect(performance.now() - started).to.be.within(900, 10_000);
    }
    expect([isReading(), reads.hasStopped]).to.deep.equal([true, true]);
    expect(await reads.text(text, 2)).to.deep.equal(LATE);
    await end(pipes);
    expect(await reads.text(text, 2), 'it stays so').to.deep.equal(LATE);
  });

  it('leaves a thread to other reads, however many readers wait', async () => {
    const { folder, text } = withText();
    const pipes = madePipes(...['one', 'two', 'three', 'four'].map((name) => join(folder, name)));
    const readers = pipes.map(() => new TimedReads({ recovers: true }));
    atEndOfTest(() => end(pipes.slice(0, 3)));
    for (const [index, reader] of readers.entries())
      expect(await reader.text(pipes[index] ?? '', 10)).to.deep.equal(LATE);
    expect(readers.map(({ hasStopped }) => hasStopped)).to.deep.equal([true, true, true, true]);
    expect(await fs.promises.readFile(text, 'utf8')).to.equal('abc');
    await end(pipes.slice(0, 3));
    expect(await readers[3]?.text(text, 10)).to.equal('abc');
  });

  it('is not late because this process itself stood still for longer than that', async () => {
    const read = new TimedReads().text(withText().text, 10);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    expect(await read).to.equal('abc');
  });

  it("takes nothing from what shows whose a process is: the command lines of Garden's helpers", async () => {
    const root = temporaryFolder();
    const id = 'containerd-shim-runc-v2 -namespace garden -id A'.split(' ');
    showProcess(root, { pid: 10 });
    showProcess(root, { pid: 11 });
    showProcess(root, { pid: 12, comm: 'containerd-shim', command: id });
    const pipes = madePipes(...[10, 11].map((pid) => join(root, `proc/${pid}/cmdline`)));
    const reader = new KernelReader(root);
    const commands = commandLines(reader);
    const shown = async (pid: number) => {
      const facts = processFacts(reader, pid);
      return facts === null ? null : ((await commands.added(facts))?.process ?? null);
    };
    atEndOfTest(() => end(pipes));
    expect((await shown(10))?.command).to.equal(LATE_COMMAND);
    expect((await shown(11))?.command).to.equal(LATE_COMMAND);
    expect(commands.hasStopped).to.equal(true);
    expect((await shown(12))?.launched).to.include({ by: 'containerd-shim', id: 'A' });
  });
});
