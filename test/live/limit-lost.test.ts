import { expect } from 'chai';
import { installProgram } from '../../tools/demo-cell/kept-cell.ts';
import {
  createLimited,
  free,
  hold,
  LIMITS,
  numberIn,
  warningsOf,
  writeTo,
} from './container-limits.ts';
import { check, containerOf, explain, SHORT, statuses } from './rollcall.ts';
import { inSystemdCell, needsSystemd } from './systemd-cell.ts';
import { take } from './typed-steps.ts';

const A = 'aaaaaaaa-0000-4000-8000-000a';
const B = 'bbbbbbbb-0000-4000-8000-000b';

describe('The agent, on a cell that is a machine with all controllers in cgroup v2,', () => {
  before(function () {
    needsSystemd(this);
  });

  beforeEach(free);
  afterEach(free);

  for (const runtime of ['runc', 'containerd'] as const) {
    it(`says of the cell who runs without limits, and of a container what it holds (${runtime})`, async () => {
      await inSystemdCell({ layout: 'throttled', runtime }, async (cell) => {
        for (const handle of [A, B]) await createLimited(cell, handle, runtime);
        const before = await check(cell, SHORT);
        expect(statuses(before.report)).to.deep.equal({ [A]: 'tracked', [B]: 'tracked' });
        expect(warningsOf(before.report)).to.deep.equal([]);

        // The mere loss is the cell's, and changes neither verdict nor exit code.
        cell.throttle(A);
        const lost = await check(cell, SHORT);
        expect(statuses(lost.report)).to.deep.equal({ [A]: 'tracked', [B]: 'tracked' });
        expect(lost.report.verdict).to.equal('all-tracked');
        expect(lost.exitCode).to.equal(0);
        expect(warningsOf(lost.report)).to.deep.equal([`limit-lost 1 ${A}`]);

        // A limit in bad/H is one again.
        writeTo(`/garden/bad/${A}/memory.max`, `${LIMITS.memory}`);
        writeTo(`/garden/bad/${A}/pids.max`, `${LIMITS.pids}`);
        expect(warningsOf((await check(cell, SHORT)).report)).to.deep.equal([]);
        writeTo(`/garden/bad/${A}/memory.max`, 'max');
        writeTo(`/garden/bad/${A}/pids.max`, 'max');

        // It takes more than its limit.
        hold(`/garden/bad/${A}`, 24);
        const exceeded = await check(cell, SHORT);
        expect(exceeded.exitCode).to.equal(1);
        expect(statuses(exceeded.report)).to.deep.equal({
          [A]: 'untracked limit-lost',
          [B]: 'tracked',
        });
        const found = containerOf(exceeded.report, A);
        expect(found).to.include({ severity: 'critical', throttled: true });
        expect(found.sentence).to.match(
          /^This container uses 2\d MiB of memory with a limit of 16 MiB\./,
        );

        // Released: its processes are back, what they took is charged to the empty bad/H.
        cell.unthrottle(A);
        expect(numberIn(`/garden/bad/${A}/memory.current`)).to.be.greaterThan(LIMITS.memory);
        const held = await check(cell, SHORT);
        expect(statuses(held.report)).to.include({ [A]: 'untracked limit-lost' });
        expect(containerOf(held.report, A).throttled).to.equal(false);
        expect(warningsOf(held.report)).to.deep.equal([]);

        free();
        const freed = await check(cell, SHORT);
        expect(statuses(freed.report)).to.deep.equal({ [A]: 'tracked', [B]: 'tracked' });
        expect(freed.exitCode).to.equal(0);
      });
    });
  }

  it('explains steps that can be typed as they are printed, after which the finding is gone', async () => {
    await inSystemdCell({ layout: 'throttled', runtime: 'containerd' }, async (cell) => {
      installProgram(cell);
      await createLimited(cell, A, 'containerd');
      cell.throttle(A);
      hold(`/garden/bad/${A}`, 24);

      const { reason, advice } = await explain(cell, A, SHORT);
      expect(reason).to.equal('limit-lost');
      const [look, restart, prevent] = advice?.steps ?? [];
      expect(look?.result).to.match(/^Little available → step 2 at once/);
      expect(await take(cell, look?.command ?? '')).to.match(/ available\nMem:(?: +\d+){6}\n/);

      // cf is not here. What Diego does then: it replaces the container.
      expect(await take(cell, restart?.command ?? '')).to.equal('');
      expect(restart?.result).to.equal('The new container starts with its limits.');
      await cell.destroy(A);
      await createLimited(cell, B, 'containerd');
      const { report, exitCode } = await check(cell, SHORT);
      expect(statuses(report)).to.deep.equal({ [B]: 'tracked' });
      expect(warningsOf(report)).to.deep.equal([]);
      expect(exitCode).to.equal(0);

      // The next deploy does it, and no command of the cell.
      expect(prevent?.command).to.equal(null);
    });
  });
});
