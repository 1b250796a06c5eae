import fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { cellFor } from './cells.ts';
import { check, containerOf, SHORT, statuses, type ReportJson } from './rollcall.ts';
import { startAgent, type RunningAgent } from './running-agent.ts';

const A = 'aaaaaaaa-0000-4000-8000-000f';
const B = 'bbbbbbbb-0000-4000-8000-000f';
const LOST = 'cccccccc-0000-4000-8000-000f';
const LATE = 'dddddddd-0000-4000-8000-000f';
const COUNT = 10_000;
const PASSES = 3;

/** The directory of the memory hierarchy, or of v2, in which Garden makes cgroups. */
function gardenOf({ mode, hierarchies }: Cell): string {
  const tree = hierarchies.find(
    ({ controllers }) => mode === 'v2' || controllers.includes('memory'),
  );
  return `${tree?.root ?? ''}${mode === 'v2' ? '' : '/system.slice/garden.service'}/garden`;
}

/**
 * Twice what a walk reads anew of such a directory: a second walk may follow, and a cgroup needs
 * two reads.
 */
const MAX_MORE_READS = 2 * 2 * 256;

const READS = 'grep syscr /proc/$(pgrep -n -f "[a]gent --config")/io';

/** How often a pass reads from a file, on average of some passes; a cgroup needs two reads. */
async function readsPerPass(agent: RunningAgent): Promise<number> {
  const reads = async (): Promise<number> =>
    Number(/\d+/.exec((await agent.run(['sh', '-c', READS])).stdout)?.[0]);
  const [before, from] = [await reads(), await agent.passes()];
  for (let pass = 0; pass < PASSES; pass++) await agent.afterPass();
  return ((await reads()) - before) / ((await agent.passes()) - from);
}

const warningsOf = ({ cell }: ReportJson): readonly string[] =>
  cell.warnings.map(({ reason }) => reason);

describe('a Garden directory with more cgroups than one pass reads', () => {
  for (const mode of ['v1', 'v2'] as const) {
    it(`hides no known container, and never says that all is tracked (${mode})`, async function () {
      this.timeout(240_000);
      const cell = await cellFor(this, { mode }, A, B, LOST);
      const garden = gardenOf(cell);
      const agent = await startAgent(cell);
      await agent.until('mounts.chosen');
      await agent.afterPass();
      expect((await agent.report()).verdict).to.equal('all-tracked');
      const before = await readsPerPass(agent);
      for (let n = 0; n < COUNT; n++) fs.mkdirSync(join(garden, `empty${n}`));
      await agent.afterPass();
      expect((await readsPerPass(agent)) - before, 'more reads').to.be.below(MAX_MORE_READS);
      await agent.until('cell.warning too-many-cgroups');

      const report = await agent.report();
      expect(statuses(report)).to.deep.equal({ [A]: 'tracked', [B]: 'tracked', [LOST]: 'tracked' });
      expect(report).to.include({ verdict: 'unknown' });
      expect(warningsOf(report)).to.deep.equal(['too-many-cgroups']);
      expect(await agent.metrics()).to.match(/^rollcall_could_not_tell\{.*\} 1$/m);

      const checked = await check(cell, SHORT);
      expect(statuses(checked.report)).to.deep.equal(statuses(report));
      expect(checked.exitCode).to.equal(2);
      expect(checked.report.why).to.contain('more cgroups than one pass reads');

      await cell.create({ handle: LATE, kind: 'app' });
      await cell.forget(LOST);
      await agent.until(`container.untracked ${LOST} unknown-to-garden`);
      const found = await agent.report();
      expect(statuses(found)).to.deep.equal({
        [A]: 'tracked',
        [B]: 'tracked',
        [LATE]: 'tracked',
        [LOST]: 'untracked unknown-to-garden',
      });
      expect(containerOf(found, LOST)).to.include({ severity: 'critical' });
      expect(found.verdict).to.equal('untracked');

      for (let n = 0; n < COUNT; n++) fs.rmdirSync(join(garden, `empty${n}`));
      await agent.until('cell.recovered too-many-cgroups');
      expect((await readsPerPass(agent)) - before, 'reads after it').to.be.below(2048);
      expect(statuses(await agent.report())).to.deep.equal(statuses(found));
      const untracked = agent.timeline().filter((line) => line.startsWith('container.untracked'));
      expect(untracked).to.deep.equal([`container.untracked ${LOST} unknown-to-garden`]);
      expect(agent.timeline().join()).not.to.contain('could-not-tell');
    });
  }
});
