import { expect } from 'chai';
import { ACKNOWLEDGED, LOST, STATES } from '../present/agent-state-builder.ts';
import { answering, socketServing, withLength } from '../probe/socket-server.ts';
import { expectRefused, typed, type Ran } from './rollcall.ts';
import { agentShowing } from './running-agent.ts';

const shown = STATES['untracked and acknowledged']();
const ENV = { SUDO_USER: 'jane', USER: 'root' };

const ack = (statusSocket: string, ...words: readonly string[]): Promise<Ran> =>
  typed(['ack', '--status-socket', statusSocket, ...words], { env: ENV });

const GIVEN = ['--for', '7d', '--reason', 'ticket 4711'];

describe('rollcall ack', () => {
  it('acknowledges a finding by its handle, its beginning or its app', async () => {
    const { socketPath, acknowledged } = await agentShowing(shown);
    const { code, stdout, stderr } = await ack(socketPath, LOST.handle, ...GIVEN);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.contain(LOST.handle);
    expect(stdout).to.contain('Acknowledged until 2026-12-24T10:00:00Z by jane (not verified)');
    for (const handle of [LOST.handle.slice(0, 8), 'invoice-renderer/0'])
      expect((await ack(socketPath, handle, ...GIVEN, '--by=joe', '--json')).code).to.equal(0);
    expect(acknowledged.map(({ handle, by }) => `${handle} ${by}`)).to.deep.equal([
      `${LOST.handle} jane`,
      `${LOST.handle} joe`,
      `${LOST.handle} joe`,
    ]);
    expect(acknowledged[0]).to.include({ milliseconds: 7 * 86_400_000, reason: 'ticket 4711' });
  });

  it('lists what is acknowledged, and withdraws it', async () => {
    const { socketPath, withdrawn } = await agentShowing(shown);
    const { code, stdout } = await ack(socketPath, '--list');
    expect(code).to.equal(0);
    expect(stdout).to.contain(ACKNOWLEDGED.handle).and.contain('jane (not verified)');
    const json = JSON.parse((await ack(socketPath, '--list', '--json')).stdout) as {
      acknowledgements: unknown[];
    };
    expect(json.acknowledgements).to.have.length(1);
    const undone = await ack(socketPath, '--undo', ACKNOWLEDGED.handle.slice(0, 6));
    expect(undone).to.include({ code: 0, stderr: '' });
    expect(undone.stdout).to.contain('it counts again');
    expect(withdrawn).to.deep.equal([ACKNOWLEDGED.handle]);
    const other = await ack(socketPath, '--undo', LOST.handle);
    expect(other.code).to.equal(2);
    expect(other.stderr).to.contain('No acknowledged finding matches').and.contain('--list');
    const { socketPath: idle } = await agentShowing(STATES['all tracked']());
    expect((await ack(idle, '--list')).stdout).to.equal('Nothing is acknowledged.\n');
  });

  it('says what is wrong with the arguments before it asks the agent', async () => {
    for (const [words, says] of [
      ['h --reason x --for 91d', 'at most 90d'],
      ['h --reason x --for 0d', '--for needs a time'],
      ['h --reason x --for 1w', '--for needs a time'],
      ['h --reason x', '--for needs a time'],
      ['h --for 7d', '--reason is missing'],
      ['h --for 7d --reason=', '--reason is missing'],
      ['h', 'at most 90d. --reason is missing'],
      ['--list --undo', '--list takes no --undo'],
    ] as const)
      expectRefused(await ack('/nowhere', ...words.split(' ')), says);
    const blank = await ack('/nowhere', 'h', '--for=7d', '--reason', ' ');
    expectRefused(blank, '--reason is missing');
  });

  it('exits 2 if there is no such finding, or if its answer cannot be read', async () => {
    const { socketPath } = await agentShowing(shown);
    const tracked = shown.report?.containers.find(({ status }) => status === 'tracked');
    const because = 'acknowledged nothing; it answered';
    for (const [handle = '', reason, says] of [
      [tracked?.handle, 'x', `${because} 409: only an untracked container`],
      ['nobody', 'x', 'No container "nobody"'],
      [LOST.handle, 'x'.repeat(300), 'reason has 1 to 200 characters'],
    ] as const)
      expectRefused(await ack(socketPath, handle, '--for=7d', '--reason', reason), says);
    const path = await socketServing(answering(withLength('{"acknowledgements":[1]}')));
    expectRefused(await ack(path, '--list'), "The agent's answer cannot be read");
  });

  it('accepts its options in any order', async () => {
    const { socketPath, withdrawn, acknowledged } = await agentShowing(shown);
    const { handle } = ACKNOWLEDGED;
    for (const words of [`--undo ${handle}`, `${handle} --undo`, `--undo -- ${handle}`])
      expect((await ack(socketPath, ...words.split(' '))).code).to.equal(0);
    expect(withdrawn).to.deep.equal([handle, handle, handle]);
    const given = await ack(socketPath, '--for', '1h', '--reason=-x', LOST.handle);
    expect(given.code).to.equal(0);
    expect(acknowledged.map(({ reason }) => reason)).to.deep.equal(['-x']);
  });
});
