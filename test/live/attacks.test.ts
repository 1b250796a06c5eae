import { expect } from 'chai';
import { inSharedCell, needsCell } from './cells.ts';
import { moveTo } from './container-processes.ts';
import { check, statuses } from './rollcall.ts';

const A = 'aaaaaaaa-0000-4000-8000-000a';
const B = 'bbbbbbbb-0000-4000-8000-000b';
const SETTLE = ['--settle', '6s'];

describe('an attack on the time of a finding', function () {
  const inPlainCell = inSharedCell({});

  before(function () {
    needsCell(this);
  });

  it('does not hide a lost container whose processes alternate between two cgroups', () =>
    inPlainCell(async (cell) => {
      for (const handle of [A, B]) await cell.create({ handle, kind: 'app' });
      const pids = cell.pids(A);
      const garden = cell.mode === 'v2' ? '/garden' : '/system.slice/garden.service/garden';
      const home = `${garden}/${A}`;
      await cell.forget(A);
      let turns = 0;
      const alternating = setInterval(() => {
        for (const pid of pids) moveTo(cell, pid, turns % 2 === 0 ? '/cron.service' : home);
        turns += 1;
      }, 900);
      const { report, exitCode } = await check(cell, SETTLE).finally(() => {
        clearInterval(alternating);
      });
      expect(turns).to.be.at.least(4);
      expect(statuses(report)[A]).to.match(/^untracked (?:escaped|unknown-to-garden)$/);
      expect(exitCode).to.equal(1);
    }));
});
