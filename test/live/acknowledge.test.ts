import { expect } from 'chai';
import { typed } from '../cli/rollcall.ts';
import { cellFor } from './cells.ts';
import { check, explain } from './rollcall.ts';
import { startAgent, STATUS_SOCKET } from './running-agent.ts';

const A = 'aaaaaaaa-0000-4000-8000-000a';
const B = 'bbbbbbbb-0000-4000-8000-000b';
const AT = ['--status-socket', STATUS_SOCKET];

describe('an acknowledgement on a cell in a box', () => {
  it('hides a finding from no view, changes exit codes, and outlives the agent', async function () {
    const cell = await cellFor(this, {}, A, B);
    const agent = await startAgent(cell);
    // In this process, because it only asks the agent.
    const asked = (command: 'ack' | 'status', ...rest: readonly string[]) =>
      typed([command, '--status-socket', cell.outside(STATUS_SOCKET), ...rest]);
    const ack = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await asked('ack', ...args);
      expect([code, stderr]).to.deep.equal([0, '']);
      return stdout;
    };
    await agent.until('mounts.chosen');
    await cell.forget(A);
    await agent.until('container.untracked');
    const found = await check(cell, AT);
    expect(found.exitCode).to.equal(1);
    expect(found.report.containers[0]).to.include({ handle: A, sinceSource: 'agent' });

    expect(await ack('aaaa', '--for', '7d', '--reason', 'ticket 4711')).to.contain(A);
    const { report, exitCode } = await check(cell, AT);
    expect([exitCode, report.verdict]).to.deep.equal([0, 'all-tracked']);
    expect(report.why).to.contain('1 acknowledged');
    expect(report.summary).to.include({ untracked: 0, acknowledged: 1 });
    expect((await explain(cell, A, AT)).exitCode).to.equal(0);
    const status = await asked('status');
    expect(status.code).to.equal(0);
    expect(status.stdout).to.contain('acknowledged: unknown-to-garden, critical');
    expect(await agent.metrics()).to.match(/^rollcall_untracked_since\S*acknowledged="true"/m);
    expect(await agent.metrics()).to.match(
      /^rollcall_untracked\{reason="unknown-to-garden",severity="critical"\} 0$/m,
    );
    // Nobody asks an agent that is not there.
    expect((await check(cell, ['--status-socket', '/nowhere'])).exitCode).to.equal(1);

    expect(await agent.end('KILL')).not.to.equal(0);
    agent.start();
    await agent.until('mounts.chosen', 2);
    await agent.afterPass();
    expect(await agent.report()).to.include({ verdict: 'all-tracked' });
    expect(agent.timeline().filter((line) => line.includes('acknowledged'))).to.deep.equal([
      `container.acknowledged ${A} unknown-to-garden`,
    ]);

    // Its app ends, and garden-init stays: a warning, which nobody acknowledged.
    await agent.run(['sh', '-c', KEEP_ONLY_INIT]);
    await agent.until('container.unacknowledged');
    const changed = await agent.report();
    expect(changed.verdict).to.equal('untracked');
    expect(changed.containers.find(({ handle }) => handle === A)).to.include({
      severity: 'warning',
      acknowledged: null,
    });
    const ends = agent.parsed().filter(({ message }) => message.endsWith('.unacknowledged'));
    expect(ends.map(({ data }) => data['ended'])).to.deep.equal(['changed']);

    // Again, as it is now, for a moment: the agent ends it by itself.
    await ack(A, '--for', '1s', '--reason', 'a moment');
    await agent.until('container.unacknowledged', 2);
    expect((await agent.report()).verdict).to.equal('untracked');
    await ack(A, '--for', '1h', '--reason', 'known', '--by', 'jane');
    expect(await ack('--list')).to.contain('by jane (not verified): known');
    expect(await ack('--undo', 'aaaa')).to.contain('counts again');
    expect((await check(cell, AT)).exitCode).to.equal(1);
    expect(await ack('--list')).to.equal('Nothing is acknowledged.\n');
  });
});

/** Ends every process in the container's cgroup but its init. */
const KEEP_ONLY_INIT = `for pid in $(grep -lr CF_INSTANCE_GUID=${A} /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3); do
  grep -q garden-init /proc/$pid/cmdline || kill -9 $pid
done`;
