import { expect } from 'chai';
import { execa } from 'execa';
import type { WhoseView } from '../../src/model/answers.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { state } from '../present/agent-state-builder.ts';
import { rollcall } from './rollcall.ts';
import { agentShowing } from './running-agent.ts';

/** Asks an agent whose first pass has not ended, with these words after the command. */
async function whose(input: string, ...words: readonly string[]) {
  const { socketPath } = await agentShowing(state());
  const args = [PROGRAM, 'whose', '--status-socket', socketPath, '--json', ...words];
  const { exitCode, stdout, stderr } = await execa(process.execPath, args, {
    input,
    reject: false,
  });
  const answers = stdout === '' ? [] : (JSON.parse(stdout) as WhoseView).answers;
  return { exitCode, stderr, answers };
}

describe('rollcall whose', () => {
  it('needs an id', async () => {
    const { code, stderr } = await rollcall(['whose']);
    expect([code, stderr]).to.deep.equal([
      2,
      'rollcall: whose needs an id, or - for standard input. See rollcall whose --help.\n',
    ]);
  });

  it('answers each of several ids, in their order, with options between them', async () => {
    const { answers } = await whose('', 'A', 'B', '--color', 'never', '007', 'C');
    expect(answers.map(({ id }) => id)).to.deep.equal(['A', 'B', '007', 'C']);
  });

  it('answers each line of standard input for a dash, among other ids', async () => {
    const input = '479c5b59-177\n\n  garden.servi \n';
    const { answers, exitCode } = await whose(input, 'A', '-', 'B');
    expect(answers.map(({ id, answer }) => [id, answer])).to.deep.equal([
      ['A', 'unread'],
      ['479c5b59-177', 'unread'],
      ['garden.servi', 'unnameable'],
      ['B', 'unread'],
    ]);
    expect(exitCode).to.equal(2);
  });

  it('refuses a standard input without an id, so that it never looks as if all were named', async () => {
    for (const input of ['', '\n \n']) {
      const { exitCode, stderr } = await whose(input, '-');
      expect([exitCode, stderr]).to.deep.equal([
        2,
        'rollcall: Standard input has no id: give one a line. See rollcall whose --help.',
      ]);
    }
  });

  it('answers ids that begin with a dash after two dashes, and refuses them as options before', async () => {
    const { answers } = await whose('read\n', 'A', '--', '-x', '--all', '-');
    expect(answers.map(({ id }) => id)).to.deep.equal(['A', '-x', '--all', 'read']);
    const { exitCode, stderr } = await whose('', 'A', '--all');
    expect([exitCode, stderr]).to.deep.equal([
      2,
      'rollcall: Unknown argument: all. See rollcall whose --help.',
    ]);
  });

  it('takes the last one of an option that is typed twice', async () => {
    const words = '--garden-timeout never A --garden-timeout 2s B';
    const { answers } = await whose('', ...words.split(' '));
    expect(answers.map(({ id }) => id)).to.deep.equal(['A', 'B']);
  });

  it('shows in its help that it takes several ids', async () => {
    const { code, stdout } = await rollcall(['whose', '--help']);
    expect(code).to.equal(0);
    const help = stdout.replaceAll(/\s+/g, ' ');
    expect(help).to.match(/^rollcall whose \[id\.\.\] /);
    expect(help).to.contain('- reads ids from standard input');
  });

  it('shows at most 4,096 characters of an id, without what controls a terminal', async () => {
    const { answers } = await whose(`${'x'.repeat(1024 * 1024)}\na\u001b[31m\n`, '-');
    expect(answers.map(({ id }) => id.length)).to.deep.equal([4096, 'a\\u{1b}[31m'.length]);
  });

  it('refuses more than 10,000 ids', async () => {
    const { exitCode, stderr } = await whose('x\n'.repeat(10_001), '-');
    expect(exitCode).to.equal(2);
    expect(stderr).to.include('more than 10000 ids or 4 MiB');
  });
});
