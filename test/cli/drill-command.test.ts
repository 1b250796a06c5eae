import { expect } from 'chai';
import { runDrill } from '../../src/cli/drill-command.ts';
import { expectDocumented } from '../json-schemas.ts';
import { answering, socketServing, withLength } from '../probe/socket-server.ts';
import { state } from '../present/agent-state-builder.ts';
import { expectRefused, ran } from './rollcall.ts';
import { agentShowing } from './running-agent.ts';

const drill = (statusSocket: string, duration: string, format: 'table' | 'json' = 'table') =>
  ran((io) => runDrill({ statusSocket, format, color: 'never', for: duration }, io));

describe('rollcall drill', () => {
  it('asks the agent for a drill, and says its handle and end', async () => {
    const { socketPath, drills } = await agentShowing(state());
    const { code, stdout, stderr } = await drill(socketPath, '5m');
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.contain('Drill drill-1 runs until 2026-03-02T10:26:00Z.');
    const { stdout: json } = await drill(socketPath, '90s', 'json');
    expectDocumented(['drill', '--format=json'], json);
    expect(JSON.parse(json)).to.include({ schemaVersion: 1, handle: 'drill-1' });
    expect(drills).to.deep.equal([300, 90]);
  });

  for (const [duration, says] of [
    ['0', 'at least 1s'],
    ['500ms', 'at least 1s'],
    ['2h', 'at most 1h'],
    ['61m', 'at most 1h'],
    ['-5', '--for needs a time'],
  ] as const) {
    it(`refuses ${duration}`, async () => {
      expectRefused(await drill('/nowhere', duration), says);
    });
  }

  it('exits 2 if no agent answers, or if it gives another answer', async () => {
    expectRefused(await drill('/nowhere/at/all', '5m'), 'monit summary');
    for (const [body, head, why] of [
      ['{"error":"no"}', 'HTTP/1.1 400 x', '400: no.'],
      ['{}', 'HTTP/1.1 202 x', '202: {}.'],
    ] as const) {
      const path = await socketServing(answering(withLength(body, head)));
      const says = `rollcall: The agent did not start the drill; it answered ${why}\n`;
      expectRefused(await drill(path, '5m'), says);
    }
  });
});
