import { expect } from 'chai';
import { execa } from 'execa';
import type { WhoseView } from '../../src/model/answers.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { state } from '../present/agent-state-builder.ts';
import { rollcall } from './rollcall.ts';
import { agentShowing } from './running-agent.ts';

/** Asks an agent whose first pass has not ended. */
async function whose(input: string, ...ids: readonly string[]) {
  const { socketPath } = await agentShowing(state());
  const args = [PROGRAM, 'whose', '--json', '--status-socket', socketPath, '--', ...ids];
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

  it('answers each line of standard input, and an id that begins with a dash', async () => {
    const { answers, exitCode } = await whose('479c5b59-177\n\n  garden.servi \n', '-x', '-');
    expect(answers.map(({ id, answer }) => [id, answer])).to.deep.equal([
      ['-x', 'unread'],
      ['479c5b59-177', 'unread'],
      ['garden.servi', 'unnameable'],
    ]);
    expect(exitCode).to.equal(2);
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
