import { readdirSync } from 'node:fs';
import process from 'node:process';
import { execa } from 'execa';
import { expect } from 'chai';
import { keepCell, startAgentOf } from '../../tools/demo-cell/kept-cell.ts';
import { breakStoryCell, startStoryCell } from '../../tools/demo-cell/story-cell.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';
import { needsCell } from './cells.ts';

describe('a demo cell that is kept', function () {
  before(function () {
    needsCell(this);
  });

  it('has an agent and a page, and prints commands that work as they stand', async () => {
    const cell = await startStoryCell('auto');
    atEndOfTest(() => cell.stop());
    await startAgentOf(cell);
    await breakStoryCell(cell);
    const printed = await keepCell(cell);
    const sessionOf = async (pid: number | null) =>
      (await execa('ps', ['-o', 'sid=', '-p', String(pid)])).stdout.trim();
    // Whoever closes the terminal ends what is in its session.
    expect(await sessionOf(cell.garden.hostPid())).to.not.equal(await sessionOf(process.pid));
    const commands = printed.split('\n').flatMap((line) => /^ {2}(.*)/.exec(line)?.[1] ?? []);
    const run = async (word: RegExp, ...more: readonly string[]) => {
      const command = commands.find((one) => word.test(one)) ?? `echo no ${String(word)}`;
      const { stdout, exitCode } = await execa('sh', ['-c', [command, ...more].join(' ')], {
        reject: false,
        stdin: 'ignore',
      });
      return { stdout, exitCode };
    };
    const status = await run(/ status$/);
    expect(status.exitCode).to.equal(1);
    expect(status.stdout).to.match(/^untracked +billing\/0 .*unknown-to-garden$/m);
    expect((await run(/ explain /)).stdout).to.match(
      /^untracked, unknown-to-garden, critical: 96b4ab9e/m,
    );
    const ledgers = await run(/^nsenter .* sh$/, "-c 'rollcall ledgers'");
    expect(ledgers.stdout).to.match(/^96b4ab9e\S* +billing\/0 /m);
    const first = await run(/^nsenter .* sh$/, "-c 'sudo rollcall explain 96b4ab9e'");
    expect(first.stdout).to.match(/^1\. Read below whose container it is/m);
    const folder = temporaryFolder();
    const shown = commands.find((one) => one.endsWith(' status')) ?? '';
    const capture = `${shown.slice(0, -'status'.length)}capture`;
    await execa('sh', ['-c', capture], { cwd: folder });
    const shell = commands.find((one) => /^nsenter .* sh$/.test(one)) ?? '';
    await execa('sh', ['-c', `${shell} -c 'rollcall capture in-shell.json.gz'`], { cwd: folder });
    expect(readdirSync(folder).toSorted()).to.have.length(2).and.include('in-shell.json.gz');
    expect(await run(/ drill /)).to.include({ exitCode: 0 });
    expect((await run(/^nsenter .* sh$/, "-c 'rollcall status'")).stdout).to.include('DRILL');
    const page = commands.find((one) => one.startsWith('http')) ?? '';
    expect(await (await fetch(page)).text()).to.include('3 untracked');
    expect((await fetch(`${page}v1/drill`, { method: 'POST' })).status).to.equal(405);
    await run(/^kill -9 /);
    await waitFor('the end of the page', async () => !(await fetch(page).catch(() => null)));
  });
});
