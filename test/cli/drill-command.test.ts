import process from 'node:process';
import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { drillEvents } from '../../src/present/events.ts';
import { answering, socketServing, withLength } from '../probe/socket-server.ts';
import { LOST, report, state } from '../present/agent-state-builder.ts';
import { waitFor } from '../wait-for.ts';
import { expectRefused, typed, type Ran } from './rollcall.ts';
import { agentShowing, DRILL } from './running-agent.ts';

const drill = (statusSocket: string, words = ''): Promise<Ran> =>
  typed(['drill', '--status-socket', statusSocket, ...words.split(' ').filter(Boolean)]);

describe('rollcall drill', () => {
  it('asks the agent for a drill, and says its handle and end', async () => {
    const { socketPath, drills } = await agentShowing(state());
    const { code, stdout, stderr } = await drill(socketPath, '--for 5m');
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.contain('Drill drill-1 runs until 2026-03-02T10:26:00Z.');
    const { stdout: json } = await drill(socketPath, '--for 90s --json');
    expect(JSON.parse(json)).to.include({ schemaVersion: 1, handle: 'drill-1' });
    expect(drills).to.deep.equal([300, 90]);
  });

  for (const [words, says] of [
    ['--for 0s', 'at least 1s'],
    ['--for 5', '--for needs a time such as 2s, 500ms or 1m'],
    ['--for 500ms', 'at least 1s'],
    ['--for 2h', 'at most 1h'],
    ['--for 61m', 'at most 1h'],
    ['--for=-5', '--for needs a time'],
    ['--undo --wait', '--undo takes no --wait.'],
    ['--undo --for 5m', '--undo takes no --for.'],
  ] as const)
    it(`refuses ${words}`, async () => expectRefused(await drill('/nowhere', words), says));

  it('waits until somebody has read its metrics, and says what is known', async () => {
    const scraped = { ...DRILL, scrapes: 1, lastScraped: '2026-03-02T10:21:09.500Z' };
    const logged = { ...drillEvents(DRILL).begin, at: '2026-03-02T10:21:00.000Z' };
    const shown = state({
      events: [logged],
      report: report([{ ...LOST, handle: asHandle('drill-1') }]),
    });
    const { socketPath, drills } = await agentShowing(shown, [DRILL, scraped]);
    const { code, stdout } = await drill(socketPath, '--wait');
    expect(code).to.equal(0);
    expect(drills).to.deep.equal([300]);
    const lines = stdout.split('\n').filter((line) => line.startsWith('20'));
    expect(lines[0]).to.equal('2026-03-02T10:21:00Z logged: rollcall.container.untracked');
    expect(lines[1]).to.match(/ exported: \/metrics has it$/);
    expect(lines[2]).to.match(/^2026-03-02T10:21:09Z scraped: somebody read \/metrics\./);
    const again = await agentShowing(shown, [scraped]);
    const json = await drill(again.socketPath, '--wait --json');
    expect(JSON.parse(json.stdout)).to.include({ handle: 'drill-1', exported: true, scrapes: 1 });
  });

  it('exits 1 if nobody read the metrics before it ended', async () => {
    const { socketPath } = await agentShowing(state(), [DRILL]);
    const { code, stdout } = await drill(socketPath, '--wait');
    expect(code).to.equal(1);
    expect(stdout).to.match(/Z not scraped: until a second before it ended, nobody had/);
  });

  it('leaves the drill running when it is interrupted', async () => {
    const { socketPath } = await agentShowing(
      state(),
      Array.from({ length: 100 }, () => DRILL),
    );
    const waiting = drill(socketPath, '--wait');
    const before = process.listenerCount('SIGTERM');
    await waitFor('its listener', () => process.listenerCount('SIGTERM') > before);
    process.emit('SIGTERM');
    const { code, stdout } = await waiting;
    expect(code).to.equal(1);
    expect(stdout.replaceAll('\n', ' ')).to.contain(
      'not scraped so far: the drill runs until 2026-03-02T10:26:00Z.',
    );
  });

  it('ends a drill, and says whether its metrics were read', async () => {
    const scraped = { ...DRILL, scrapes: 3, lastScraped: DRILL.since };
    const { socketPath } = await agentShowing(state(), [DRILL, scraped]);
    const { code, stdout } = await drill(socketPath, '--undo');
    expect({ code, stdout }).to.deep.equal({
      code: 0,
      stdout: 'Drill drill-1 has ended. Nobody read /metrics while it ran.\n',
    });
    expect((await drill(socketPath, '--undo')).stdout).to.contain(
      '/metrics was read 3 times while it ran.',
    );
    expectRefused(await drill(socketPath, '--undo'), 'no drill is running');
  });

  it('exits 2 if it gets another answer', async () => {
    for (const [body, head, why] of [
      ['{"error":"no"}', 'HTTP/1.1 400 x', '400: no.'],
      ['{}', 'HTTP/1.1 202 x', '202: {}.'],
    ] as const) {
      const path = await socketServing(answering(withLength(body, head)));
      const says = `rollcall: The agent did not start the drill; it answered ${why}\n`;
      expectRefused(await drill(path), says);
    }
  });
});
