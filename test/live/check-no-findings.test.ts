import { expect } from 'chai';
import { lendingCells } from './cells.ts';
import { check, containerOf, ignoring, SHORT, statuses } from './rollcall.ts';

const A = '8a37cb6f-385b-4dd3-732c-34d6';
const B = 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f';
const C = 'c0ffee00-1234-4567-89ab-cdef';

describe('what is no finding of check', function () {
  const cellFor = lendingCells();

  it('what is left over, and what is not of Garden', async function () {
    const cell = await cellFor(this, { layout: 'throttled' });
    await cell.create({ handle: A, kind: 'app' });
    await cell.others.bpmJob('rep', 'unique-scope');
    await cell.others.bpmJob('route_emitter', 'scope');
    await cell.others.bpmJob('prom_scraper', 'cgroupfs');
    await cell.others.dockerScope('systemd');
    await cell.others.dockerScope('cgroupfs');
    await cell.others.systemdUnit('ssh.service');
    cell.others.leaveDirectory(B);
    const { report, exitCode } = await check(cell, SHORT);
    expect(exitCode).to.equal(0);
    expect(statuses(report)).to.deep.equal({ [A]: 'tracked' });
    expect(ignoring(report)).to.equal('3 bpm, 2 docker, 1 systemd');
    expect(report.stale).to.have.lengthOf(1);
    expect(report.stale[0]).to.match(new RegExp(`/garden/good/${B}$`));
  });

  it('a Garden inside a container belongs to it, also when Garden forgets the outer one', async function () {
    const cell = await cellFor(this, { runtime: 'containerd' });
    await cell.create({ handle: A, kind: 'app', privileged: true, nested: [B, 'inner'] });
    await cell.create({ handle: C, kind: 'app', nested: ['inner'] });
    const { report } = await check(cell, SHORT);
    expect(statuses(report)).to.deep.equal({ [A]: 'tracked', [C]: 'tracked' });
    expect(containerOf(report, A).pids).to.equal(4);
    await cell.forget(A);
    await cell.forget(C);
    const { report: after } = await check(cell, SHORT);
    expect(statuses(after)).to.deep.equal({
      [A]: 'untracked unknown-to-garden',
      [C]: 'untracked unknown-to-garden',
    });
  });
});
