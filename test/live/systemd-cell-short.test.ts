import { expect } from 'chai';
import { createLimited, free, hold, warningsOf } from './container-limits.ts';
import { check, containerOf, SHORT, statuses } from './rollcall.ts';
import { inSystemdCell, needsSystemd } from './systemd-cell.ts';

const APP = 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f';
const PRIVILEGED = 'c0ffee00-1234-4567-89ab-cdef';
const LOST = '8a37cb6f-385b-4dd3-732c-34d6';

// `npm test -- --all` boots a virtual machine for this alone, so it is short: one cell and two
// checks.
describe('a cell of today: systemd, cgroup v2 alone, containerd, CPU throttling', () => {
  before(function () {
    needsSystemd(this);
  });

  afterEach(free);

  it('shows every container, and that a throttled one runs without its limits', async () => {
    await inSystemdCell({ layout: 'throttled', runtime: 'containerd' }, async (cell) => {
      await createLimited(cell, APP, 'containerd');
      await cell.create({ handle: PRIVILEGED, kind: 'app', privileged: true, peas: ['envoy'] });
      await cell.create({ handle: LOST, kind: 'app' });
      cell.throttle(APP);
      const before = await check(cell, SHORT);
      expect(statuses(before.report), before.report.why).to.deep.equal({
        [APP]: 'tracked',
        [PRIVILEGED]: 'tracked',
        [LOST]: 'tracked',
      });
      expect([before.exitCode, before.stderr]).to.deep.equal([0, '']);
      expect(before.report.cgroups).to.deep.include({ mode: 'v2', primary: 'v2' });
      expect(containerOf(before.report, APP).cgroups).to.deep.equal({ v2: `/garden/bad/${APP}` });
      expect(warningsOf(before.report)).to.deep.equal([`limit-lost 1 ${APP}`]);

      hold(`/garden/bad/${APP}`, 24);
      await cell.forget(LOST);
      const after = await check(cell, SHORT);
      expect(statuses(after.report)).to.deep.equal({
        [APP]: 'untracked limit-lost',
        [PRIVILEGED]: 'tracked',
        [LOST]: 'untracked unknown-to-garden',
      });
      expect(after.exitCode).to.equal(1);
    });
  });
});
