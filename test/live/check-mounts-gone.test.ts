import { expect } from 'chai';
import { lendingCells } from './cells.ts';
import { passTaker } from './passes.ts';
import { inside, statuses } from './rollcall.ts';

const APP = '8a37cb6f-385b-4dd3-732c-34d6';
const LOST = 'c0ffee00-1234-4567-89ab-cdef';
const UNOWNED = '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111';

describe('check while mounts go away', function () {
  const cellFor = lendingCells();

  it('uses another hierarchy of Garden, and with none left says so', async function () {
    const cell = await cellFor(this, { mode: 'hybrid', layout: 'throttled', tag: 'ab' });
    await cell.create({ handle: APP, kind: 'app', peas: ['envoy'] });
    await cell.create({ handle: LOST, kind: 'app', privileged: true });
    await cell.create({ handle: UNOWNED, kind: 'task' });
    await cell.forget(LOST);
    await cell.loseOwner(UNOWNED);
    cell.moveOut(APP, 'freezer');
    const unmount = (path: string) => inside(cell, ['umount', '--recursive', '--lazy', path]);
    const takePass = passTaker(cell);
    const expected = statuses((await takePass({ afresh: true })).report);
    const primary = async () => {
      const { report } = await takePass({ afresh: true });
      expect(statuses(report)).to.deep.equal(expected);
      return report.cgroups.primary;
    };
    expect(await primary()).to.equal('memory');
    await unmount('/sys/fs/cgroup/memory');
    expect(await primary(), 'the second set').to.equal('memory');
    await unmount('/tmp/cgroups-ab');
    expect(await primary()).to.equal('pids');
    await unmount('/sys/fs/cgroup/pids');
    expect(await primary()).to.equal('cpu');
    await unmount('/sys/fs/cgroup');
    const { report: blind } = await takePass({ afresh: true });
    expect(blind.verdict).to.equal('unknown');
    expect(blind.why).to.match(/^Unknown: no cgroup hierarchy is usable/);
  });

  it('one that makes pass after pass keeps the last picture while none is left', async function () {
    const cell = await cellFor(this);
    await cell.create({ handle: APP, kind: 'app' });
    const takePass = passTaker(cell);
    await takePass();
    await inside(cell, ['umount', '--recursive', '--lazy', '/sys/fs/cgroup']);
    const { report, remembered } = await takePass();
    expect(report.verdict).to.equal('unknown');
    expect(statuses(report)).to.deep.equal({ [APP]: 'tracked' });
    expect(remembered).to.equal(1);
  });
});
