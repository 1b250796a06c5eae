import { expect } from 'chai';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { healthCheckHandle } from '../../src/demo-cell/cgroups/container-spec.ts';
import { startCell } from '../../src/demo-cell/cell/start-cell.ts';
import { waitFor } from '../wait-for.ts';
import { ancestryOf, handlesOf, needsCell } from './cells.ts';
import { clockAhead, MOVABLE_CLOCK } from './movable-clock.ts';
import { check, containerOf, rollcall, SHORT, statuses } from './rollcall.ts';
import { RunningAgent, STATUS_SOCKET } from './running-agent.ts';
import { WatchedCell } from './watched-cell.ts';

const A = 'aaaaaaaa-0000-4000-8000-000a';
const B = 'bbbbbbbb-0000-4000-8000-000b';
const CHECK = healthCheckHandle('of rep');

/**
 * More rows of docs/decisions/diego-stories.md: what lasts for a minute or more, or for good. The
 * test moves the clocks of the agent, and everything else takes its own time.
 */
describe('what hangs, or what nobody removes, on a cell of Diego', () => {
  let diego: WatchedCell;
  let cell: Cell;
  let agent: RunningAgent;

  before(async function () {
    needsCell(this);
    cell = await startCell({ runtime: 'containerd', label: 'diego' });
    agent = new RunningAgent(cell, MOVABLE_CLOCK);
    diego = new WatchedCell(cell, agent);
    // An agent must have seen a rep to miss it.
    await diego.startRep();
    await diego.startAgent();
  });

  after(() => diego?.stop());

  let ahead = 0;
  /** Everything that starts from now on is this old for the agent. */
  async function untilAhead(minutes: number): Promise<void> {
    for (; ahead < minutes; ahead++) await agent.moveClock();
  }

  const warnings = async (): Promise<readonly string[]> =>
    (await agent.report()).cell.warnings.map(({ sentence }) => sentence);

  /** Listed, with nothing that runs: its destroy failed in the network plugin. */
  async function halfDestroyed(handle: string): Promise<void> {
    await cell.setNetworkPlugin('fails');
    await cell.destroy(handle).catch(() => undefined);
    await waitFor('the end of its processes', () => cell.pids(handle).length === 0);
  }

  it('rep is gone while gdn and the apps live: a warning of the cell after a minute', async () => {
    await diego.managed(A, B);
    const warned = diego.next('cell.warning no-rep');
    const over = diego.next('cell.recovered no-rep');
    await diego.says([], async () => {
      await cell.rep.kill();
      await agent.afterPass();
      expect(await warnings(), 'it may only restart').to.deep.equal([]);
      await untilAhead(1);
      await warned();
      expect(await warnings()).to.deep.equal([
        'rep ran on this cell, and no rep has run for a minute, while 2 containers of apps and tasks do. If rep died, ' +
          'Diego starts these apps on other cells within a minute: they run twice. Otherwise somebody stopped the job.',
      ]);
      expect(await agent.metrics()).to.match(/^rollcall_cell_warning\{.*reason="no-rep".*\} 1$/m);
      const { stdout, exitCode } = await rollcall(cell, [
        'check',
        ...SHORT,
        '--status-socket',
        STATUS_SOCKET,
      ]);
      expect(exitCode).to.equal(0);
      expect(stdout.replaceAll(/\s+/g, ' ')).to.contain(
        'Warning: no rep runs, but 2 containers of apps and tasks do.',
      );
      // A rep that starts destroys what it owns.
      await diego.startRep();
      await diego.untilUnlisted(A, B);
      await over();
    });
  });

  it('a create hangs in the network plugin: a warning of the cell after five minutes', async () => {
    const warned = diego.next('cell.warning unfinished');
    const over = diego.next('cell.recovered unfinished');
    await cell.setNetworkPlugin('hangs');
    const created = cell.create({ handle: A, kind: 'app' }).catch(String);
    const plugin = await diego.onlyProcess('network-plugin');
    await agent.afterPass();
    expect(await warnings(), 'it may only be slow').to.deep.equal([]);
    expect(await diego.inReport(A)).to.include({ status: 'tracked', pids: 1 });
    await untilAhead(5);
    await warned();
    const inCell = ancestryOf(plugin).namespacePids[1];
    const sentence =
      `Garden has been creating 1 container for 5 min: ${A}. Only its init process (garden-init) runs. ` +
      `What hangs: network-plugin (process ${inCell}, started 5 min ago).`;
    expect(await warnings()).to.deep.equal([sentence]);
    // Its age is that of garden-init, so one check can tell.
    const later = await check(cell, SHORT, { env: clockAhead(5) });
    expect(later.report.cell.warnings.map((one) => one.sentence)).to.deep.equal([sentence]);
    expect(later.exitCode).to.equal(0);
    await cell.setNetworkPlugin('works');
    process.kill(plugin, 'SIGKILL');
    expect(await created).to.contain('exit status 1');
    await over();
    expect(await handlesOf(cell)).to.deep.equal([]);
  });

  it('a destroy hangs in the network plugin: no other attempt begins until it ends', async () => {
    await diego.managed(A);
    const untracked = diego.next(`container.untracked ${A} no-cgroup`);
    const gone = diego.next(`container.gone ${A} no-cgroup`);
    await cell.setNetworkPlugin('hangs');
    const destroyed = cell.destroy(A).catch(String);
    const plugin = await diego.onlyProcess('network-plugin');
    await untilAhead(5);
    await untracked();
    const inCell = ancestryOf(plugin).namespacePids[1];
    const container = await diego.inReport(A);
    expect(container.severity).to.equal('warning');
    expect(container.sentence).to.match(
      new RegExp(`network-plugin \\(process ${inCell}, started 5 min ago\\)`),
    );
    expect(container.sentence).to.contain('Its destroy hangs in such a process');
    expect(container.advice).to.contain('End the process that hangs');
    expect(await cell.destroy(A).catch(String)).to.contain('already being destroyed');
    await cell.setNetworkPlugin('works');
    process.kill(plugin, 'SIGKILL');
    expect(await destroyed).to.contain('exit status 1');
    await cell.destroy(A);
    await gone();
  });

  it('gdn died in the middle of a destroy, rep is older: perhaps it knows the container', async () => {
    await diego.managed(A);
    const untracked = diego.next(`container.untracked ${A} no-cgroup`);
    const gone = diego.next(`container.gone ${A} no-cgroup`);
    await diego.whileBbsIsAway(async () => {
      await halfDestroyed(A);
      await cell.garden.crash();
      await untracked();
      const { sentence, advice } = await diego.inReport(A);
      expect(sentence).to.contain(
        'gdn has died since it was made, perhaps in the middle of its destroy',
      );
      expect(advice).to.contain('If it stays for more than a minute, delete it');
    });
    await gone();
  });

  it('the same with a rep that restarted: nobody tries again, and a DELETE removes it at once', async () => {
    await diego.managed(A);
    const untracked = diego.next(`container.untracked ${A} no-cgroup`);
    const gone = diego.next(`container.gone ${A} no-cgroup`);
    await halfDestroyed(A);
    await cell.rep.kill();
    await cell.garden.crash();
    expect(await diego.startRep(), 'blind to it').to.include({ state: 'serving' });
    await untracked();
    const { sentence, advice } = await diego.inReport(A);
    expect(sentence).to.contain('Nobody tries to destroy it again.');
    expect(advice).to.contain('-X DELETE');
    expect(await handlesOf(cell)).to.deep.equal([A]);
    await cell.destroy(A);
    await gone();
  });

  it("rep's own health check is lost under it: a warning at once, and no restart helps", async () => {
    await cell.create({ handle: CHECK, kind: 'health-check' });
    await agent.afterPass();
    const untracked = diego.next(`container.untracked ${CHECK} unowned`);
    const gone = diego.next(`container.gone ${CHECK} unowned`);
    await cell.garden.crash();
    await untracked();
    const container = await diego.inReport(CHECK);
    expect(container).to.include({ severity: 'warning', kind: 'health-check', pids: 1 });
    expect(container.sentence).to.equal(
      'Only its init process (garden-init) still runs. Garden lists it, but Garden lost its properties. It is a health ' +
        'check of rep, which tries three times to destroy one and then no longer finds it: nothing in Diego removes it.',
    );
    const { report, exitCode } = await check(cell, SHORT);
    expect(statuses(report)).to.deep.equal({ [CHECK]: 'untracked unowned' });
    expect(exitCode).to.equal(1);
    await cell.rep.stop();
    await diego.startRep();
    await diego.longerThanTheGracePeriod();
    expect(containerOf(await agent.report(), CHECK).status).to.equal('untracked');
    await cell.destroy(CHECK);
    await gone();
  });
});
