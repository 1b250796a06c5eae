import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { bytesOfText } from '../../src/model/text.ts';
import { HangingFile } from '../../src/probe/hanging-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const SCRIPT = fileURLToPath(new URL('hanging-process.ts', import.meta.url));

/** How a process ends that hangs so, by the names of pipes below a new folder. */
async function endOf(does: string, ...pipes: readonly string[]) {
  const folder = temporaryFolder();
  const paths = pipes.map((name) => join(folder, name));
  execFileSync('mkfifo', paths);
  const ended = await execa(process.execPath, [SCRIPT, does, ...paths], { reject: false });
  const { exitCode, signal } = ended;
  return { exitCode, signal, stderr: ended.stderr.replaceAll(`${folder}/`, '') };
}

describe('a process whose main thread hangs in a system call', () => {
  for (const [does, what] of [
    ['read', 'A read of'],
    ['write', 'A write to'],
    ['open', 'An open of'],
  ] as const)
    it(`exits with 2, and says that ${what.toLowerCase()} the file hangs`, async () => {
      const { exitCode, stderr } = await endOf(does, 'pipe');
      expect(stderr).to.equal(`rollcall: ${what} pipe hangs in the kernel. The end.`);
      expect(exitCode).to.equal(2);
    });

  it('is ended by SIGKILL while a read on another thread hangs, too', async () => {
    const { signal, stderr } = await endOf('read', 'pipe', 'other');
    expect(stderr).to.equal('rollcall: A read of pipe hangs in the kernel. The end.');
    expect(signal).to.equal('SIGKILL');
  });

  it('leaves a note with its path, in place of a link and not where that leads', async () => {
    const folder = temporaryFolder();
    const pipe = join(folder, 'pipé');
    execFileSync('mkfifo', [pipe]);
    const other = join(folder, 'other');
    fs.writeFileSync(other, 'as before');
    const note = join(folder, 'note');
    fs.symlinkSync(other, note);
    const env = { ROLLCALL_TEST_NOTE: note };
    await execa(process.execPath, [SCRIPT, 'open', pipe], { env, reject: false });
    expect(new HangingFile(note).path).to.equal(bytesOfText(pipe));
    expect(fs.readFileSync(other, 'utf8')).to.equal('as before');
    expect(fs.lstatSync(note).isFile()).to.equal(true);
  });
});
