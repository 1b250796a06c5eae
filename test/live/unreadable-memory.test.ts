import fs from 'node:fs';
import { expect } from 'chai';
import { LATE_COMMAND } from '../../src/model/process.ts';
import { cellFor } from './cells.ts';
import { check, containerOf, statuses, type ReportJson } from './rollcall.ts';
import { RunningAgent } from './running-agent.ts';
import { needsSilentFuse, startSilentFuse } from './silent-fuse.ts';

const H = 'aaaaaaaa-0000-4000-8000-000d';
const PID_FILE = '/var/vcap/data/agent/pid';

/** Nothing here may read the command lines of other processes, as `pgrep -f` and `ps` do. */
describe('a process whose memory the kernel cannot deliver', () => {
  // A container can wait in a page fault: whoever read its command line hung in the kernel, too.
  it('hangs neither a check nor the agent, and a report says what it lacks', async function () {
    const cell = await cellFor(this);
    await needsSilentFuse(this);
    await cell.create({ handle: H, kind: 'app' });
    await startSilentFuse(cell, H, 'map', { count: 3, waits: isUnreadable });
    await cell.forget(H);
    const started = performance.now();
    const { report, exitCode, stderr } = await check(cell, ['--settle', '100ms']);
    expect([exitCode, stderr]).to.deep.equal([1, '']);
    expect(performance.now() - started).to.be.below(15_000);
    expectFact(report);

    const agent = new RunningAgent(cell, ['sh', '-c', `echo $$ >${PID_FILE}; exec "$@"`, 'sh']);
    await agent.prepare({});
    agent.start();
    try {
      expectFact(await agent.untilShown({ [H]: 'untracked unknown-to-garden' }));
      await agent.until('cell.warning hanging-reads');
      const pid = fs.readFileSync(cell.outside(PID_FILE), 'utf8').trim();
      const asked = performance.now();
      await agent.run(['kill', '-TERM', pid]);
      expect(await agent.untilEnd()).to.equal(0);
      expect(performance.now() - asked).to.be.below(5000);
    } finally {
      const pid = fs.readFileSync(cell.outside(PID_FILE), 'utf8').trim();
      await agent.run(['kill', '-KILL', pid]);
    }
  });
});

function expectFact(report: ReportJson): void {
  expect(statuses(report)).to.deep.equal({ [H]: 'untracked unknown-to-garden' });
  const commands = containerOf(report, H).processes.map(({ command }) => command);
  // Once two reads hang, those of other processes are not made.
  expect(commands.filter((command) => command === LATE_COMMAND)).to.have.length.at.least(3);
  expect(report.cell.warnings.map(({ reason }) => reason)).to.deep.equal(['hanging-reads']);
}

/** Whether the thread waits that wants to change the memory. */
const isUnreadable = (pid: number): boolean =>
  fs
    .globSync(`/proc/${pid}/task/*/status`)
    .some((file) => /^Name:\tchange\n[^]*^State:\tD/m.test(fs.readFileSync(file, 'utf8')));
