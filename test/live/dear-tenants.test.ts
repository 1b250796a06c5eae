import { expect } from 'chai';
import { MANY_PROCESSES, startMany, type ManyProcesses } from '../../tools/bench/many-processes.ts';
import { compiled } from './compiled.ts';
import { cellFor } from './cells.ts';
import { check, SHORT, statuses } from './rollcall.ts';
import { startAgent, type RunningAgent } from './running-agent.ts';

const A = 'aaaaaaaa-0000-4000-8000-0010';
const B = 'bbbbbbbb-0000-4000-8000-0010';
const C = 'cccccccc-0000-4000-8000-0010';
const TRACKED = { [A]: 'tracked', [B]: 'tracked' };
/**
 * A whole sweep, so that each process had its turn, and every fourth pass, which reads gdn again.
 */
const PASSES = 12;
/**
 * A sweep reads the cgroups of 16 processes in each pass, and a tenth of the mount tables: nothing
 * else of each process.
 */
const MAX_MORE_READS = 200;
const MAX_MORE_BYTES = 64 * 1024;
const IO = 'cat /proc/$(pgrep -n -f "[a]gent --config")/io';

interface Cost {
  readonly reads: number;
  readonly bytes: number;
}

/** What a pass reads, on average of a sweep. */
async function costOfPass(agent: RunningAgent): Promise<Cost> {
  const now = async (): Promise<Cost> => {
    const { stdout } = await agent.run(['sh', '-c', IO]);
    const [bytes = Number.NaN, reads = Number.NaN] = ['rchar', 'syscr'].map((key) =>
      Number(new RegExp(`^${key}: (\\d+)$`, 'm').exec(stdout)?.[1]),
    );
    return { reads, bytes };
  };
  const [before, from] = [await now(), await agent.passes()];
  while ((await agent.passes()) < from + PASSES) await agent.afterPass();
  const [after, passes] = [await now(), (await agent.passes()) - from];
  return {
    reads: (after.reads - before.reads) / passes,
    bytes: (after.bytes - before.bytes) / passes,
  };
}

/** While a destroy is pending, each pass reads the cgroups and the first mount of every process. */
const MAX_READS_OF_A_PROCESS = 6;
const MAX_BYTES_OF_A_PROCESS = 4096;

/** Of each: a name that rollcall looks for. */
const ATTACKS: Readonly<Record<string, Omit<ManyProcesses, 'program'>>> = {
  '1,000 processes named gdn': { name: 'gdn', count: 1000 },
  '1,000 processes named rep': { name: 'rep', count: 1000 },
  '1,000 processes named falco': { name: 'falco', count: 1000 },
  '200 named gdn, with 65,536 groups': { name: 'gdn', count: 200, groups: 65_536 },
  '200 with 65,536 groups and a root of their own': {
    name: 'gdn',
    count: 200,
    groups: 65_536,
    chroot: '/empty',
  },
};

/** The default. */
const INTERVAL_SECONDS = 15;
const CHURN_MILLISECONDS = 10_000;
/** In a cell of two containers: two hundred times what the fastest pass takes. */
const MIN_REST_MILLISECONDS = 3000;

describe('a tenant that wants passes to be dear', () => {
  it('gets no pass for each crash of its app', async function () {
    const cell = await cellFor(this, {}, A, B);
    const agent = await startAgent(cell, { reconcile: { intervalSeconds: INTERVAL_SECONDS } });
    await agent.report();
    const [before, began] = [await agent.passes(), performance.now()];
    while (performance.now() - began < CHURN_MILLISECONDS) await cell.churn(1);
    const [passes, took] = [(await agent.passes()) - before, performance.now() - began];
    expect(passes).to.be.at.most(1 + took / MIN_REST_MILLISECONDS);
    expect(statuses(await agent.report())).to.include(TRACKED);
  });

  for (const [title, attack] of Object.entries(ATTACKS)) {
    it(`does not make them read more: ${title}`, async function () {
      this.timeout(120_000);
      const program = await compiled(this, MANY_PROCESSES);
      const cell = await cellFor(this, {}, A, B);
      const quiet = await startAgent(cell);
      await quiet.afterPass();
      for (let pass = 0; pass < PASSES; pass++) await quiet.afterPass();
      const before = await costOfPass(quiet);
      await quiet.end('TERM');
      await startMany(cell, A, { program, ...attack });
      // One that starts reads the names of all of them.
      const agent = await startAgent(cell);
      for (let pass = 0; pass < PASSES; pass++) await agent.afterPass();
      const cost = await costOfPass(agent);
      expect(cost.reads - before.reads, 'more reads').to.be.below(MAX_MORE_READS);
      expect(cost.bytes - before.bytes, 'more bytes').to.be.below(MAX_MORE_BYTES);
      expect(statuses(await agent.report())).to.deep.equal(TRACKED);
      const { report, exitCode } = await check(cell, SHORT);
      expect(statuses(report)).to.deep.equal(TRACKED);
      expect(exitCode).to.equal(0);
    });
  }

  it('does not make them read its long files while a destroy is pending', async function () {
    this.timeout(120_000);
    const program = await compiled(this, MANY_PROCESSES);
    const cell = await cellFor(this, {}, A, B, C);
    const agent = await startAgent(cell, {
      reconcile: { intervalSeconds: 1, gracePeriodSeconds: 600 },
    });
    await agent.untilShown({ ...TRACKED, [C]: 'tracked' });
    await cell.kill(C);
    await agent.untilShown({ ...TRACKED, [C]: 'pending no-cgroup' });
    const before = await costOfPass(agent);
    const count = 200;
    await startMany(cell, A, { program, name: 'app', count, groups: 65_536 });
    for (let pass = 0; pass < PASSES; pass++) await agent.afterPass();
    const cost = await costOfPass(agent);
    expect(statuses(await agent.report())).to.deep.equal({ ...TRACKED, [C]: 'pending no-cgroup' });
    expect((cost.reads - before.reads) / count).to.be.below(MAX_READS_OF_A_PROCESS);
    expect((cost.bytes - before.bytes) / count).to.be.below(MAX_BYTES_OF_A_PROCESS);
  });
});
