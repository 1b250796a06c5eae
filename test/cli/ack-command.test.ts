import { expect } from 'chai';
import type { AckArguments } from '../../src/cli/ack-command.ts';
import { runAck } from '../../src/cli/ack-command.ts';
import { ACKNOWLEDGED, LOST, STATES } from '../present/agent-state-builder.ts';
import { answering, socketServing, withLength } from '../probe/socket-server.ts';
import { expectRefused, ran, typed } from './rollcall.ts';
import { agentShowing } from './running-agent.ts';

const shown = STATES['untracked and acknowledged']();
const ENV = { SUDO_USER: 'jane', USER: 'root' };

const ack = (statusSocket: string, change: Partial<AckArguments>) =>
  ran(
    (io) =>
      runAck(
        {
          statusSocket,
          format: 'table',
          color: 'never',
          list: false,
          undo: false,
          handle: LOST.handle,
          for: '7d',
          reason: 'ticket 4711',
          ...change,
        },
        io,
      ),
    { env: ENV },
  );

const UNDO = { undo: true, for: undefined, reason: undefined } as const;
const LIST = { list: true, handle: undefined, for: undefined, reason: undefined } as const;

describe('rollcall ack', () => {
  it('acknowledges a finding by its handle, its beginning or its app', async () => {
    const { socketPath, acknowledged } = await agentShowing(shown);
    const { code, stdout, stderr } = await ack(socketPath, {});
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.contain(LOST.handle);
    expect(stdout).to.contain('Acknowledged until 2026-12-24T10:00:00Z by jane (not verified)');
    for (const handle of [LOST.handle.slice(0, 8), 'invoice-renderer/0']) {
      expect((await ack(socketPath, { handle, by: 'joe', format: 'json' })).code).to.equal(0);
    }
    expect(acknowledged.map(({ handle, by }) => `${handle} ${by}`)).to.deep.equal([
      `${LOST.handle} jane`,
      `${LOST.handle} joe`,
      `${LOST.handle} joe`,
    ]);
    expect(acknowledged[0]).to.include({ milliseconds: 7 * 86_400_000, reason: 'ticket 4711' });
  });

  it('lists what is acknowledged, and withdraws it', async () => {
    const { socketPath, withdrawn } = await agentShowing(shown);
    const { code, stdout } = await ack(socketPath, LIST);
    expect(code).to.equal(0);
    expect(stdout).to.contain(ACKNOWLEDGED.handle).and.contain('jane (not verified)');
    const json = JSON.parse((await ack(socketPath, { ...LIST, format: 'json' })).stdout) as {
      acknowledgements: unknown[];
    };
    expect(json.acknowledgements).to.have.length(1);
    const undone = await ack(socketPath, { ...UNDO, handle: ACKNOWLEDGED.handle.slice(0, 6) });
    expect(undone).to.include({ code: 0, stderr: '' });
    expect(undone.stdout).to.contain('it counts again');
    expect(withdrawn).to.deep.equal([ACKNOWLEDGED.handle]);
    const other = await ack(socketPath, { ...UNDO, handle: LOST.handle });
    expect(other.code).to.equal(2);
    expect(other.stderr).to.contain('No acknowledged finding matches').and.contain('--list');
    const { socketPath: idle } = await agentShowing(STATES['all tracked']());
    expect((await ack(idle, LIST)).stdout).to.equal('Nothing is acknowledged.\n');
  });

  it('says what is wrong with the arguments before it asks the agent', async () => {
    for (const [change, says] of [
      [{ for: '91d' }, 'at most 90d'],
      [{ for: '0d' }, '--for needs a time'],
      [{ for: '1w' }, '--for needs a time'],
      [{ for: undefined }, '--for needs a time'],
      [{ reason: undefined }, '--reason is missing'],
      [{ reason: ' ' }, '--reason is missing'],
      [{ for: undefined, reason: undefined }, 'at most 90d. --reason is missing'],
      [{ handle: undefined }, 'ack needs the handle'],
      [{ undo: true }, '--undo takes no --for'],
      [{ list: true }, '--list takes no handle'],
      [{ ...LIST, undo: true }, '--list takes no --undo'],
    ] as const) {
      expectRefused(await ack('/nowhere', change), says);
    }
  });

  it('exits 2 if there is no such finding, or if no agent answers', async () => {
    const { socketPath } = await agentShowing(shown);
    const tracked = shown.report?.containers.find(({ status }) => status === 'tracked');
    for (const [change, says] of [
      [
        { handle: tracked?.handle },
        'acknowledged nothing; it answered 409: only an untracked container',
      ],
      [{ handle: 'nobody' }, 'No container "nobody"'],
      [{ reason: 'x'.repeat(300) }, 'reason has 1 to 200 characters'],
    ] as const)
      expectRefused(await ack(socketPath, change), says);
    expectRefused(await ack('/nowhere/at/all', {}), 'monit summary');
    const path = await socketServing(answering(withLength('{"acknowledgements":[1]}')));
    expectRefused(await ack(path, LIST), "The agent's answer cannot be read");
  });

  it('accepts its options in any order', async () => {
    const { socketPath, withdrawn, acknowledged } = await agentShowing(shown);
    const at = ['--status-socket', socketPath];
    const { handle } = ACKNOWLEDGED;
    for (const args of [
      ['--undo', handle],
      [handle, '--undo'],
      ['--undo', '--', handle],
    ]) {
      expect((await typed(['ack', ...at, ...args])).code).to.equal(0);
    }
    expect(withdrawn).to.deep.equal([handle, handle, handle]);
    const given = ['ack', ...at, '--for', '1h', '--reason=-x', LOST.handle];
    expect((await typed(given)).code).to.equal(0);
    expect(acknowledged.map(({ reason }) => reason)).to.deep.equal(['-x']);
    expect((await typed(['ack', ...at, '--list'])).stdout).to.contain(handle);
    expect((await typed(['ack', ...at])).stderr).to.contain('ack needs the handle');
    expect((await typed(['ack', ...at, 'a', 'b'])).stderr).to.contain('Unknown argument: b');
  });
});
