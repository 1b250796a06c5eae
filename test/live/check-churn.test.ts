import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import type { CellOptions } from '../../tools/demo-cell/cell/start-cell.ts';
import { cellFor } from './cells.ts';
import { passTaker, type Grace, type TakePass } from './passes.ts';
import { statuses } from './rollcall.ts';

const STAYS = '8a37cb6f-385b-4dd3-732c-34d6';
const PRIVILEGED = 'c0ffee00-1234-4567-89ab-cdef';

/**
 * What Garden does not list, or lost the owner of, is a finding at the first pass. A container
 * whose processes are just moved into, or killed in, its cgroups differs for a moment, which is all
 * that is forgiven: less than Diego's own time limits.
 */
const GRACE: Grace = { lost: 0, others: 10_000 };

/**
 * Takes one pass after the other while `work` lasts. Every second pass knows nothing of the ones
 * before, as a check does.
 */
async function passesDuring(work: Promise<void>, takePass: TakePass) {
  const findings = new Set<string>();
  const tally = { passes: 0, mostContainers: 0, mostRemembered: 0 };
  const churn = { isOver: false };
  const end = work.finally(() => {
    churn.isOver = true;
  });
  while (!churn.isOver) {
    const afresh = tally.passes % 2 === 1;
    const { report, remembered } = await takePass({ grace: GRACE, afresh });
    tally.passes += 1;
    tally.mostContainers = Math.max(tally.mostContainers, report.containers.length);
    tally.mostRemembered = Math.max(tally.mostRemembered, remembered);
    if (report.verdict === 'unknown') findings.add(report.why);
    for (const { handle, status, reason } of report.containers) {
      if (status === 'untracked') findings.add(`${handle} ${reason ?? ''}`);
    }
  }
  await end;
  return { ...tally, findings: [...findings] };
}

const CHURNS: readonly (Pick<CellOptions, 'mode' | 'layout' | 'runtime'> & {
  readonly rounds: number;
  readonly cheap: boolean;
})[] = [
  { mode: 'v1', layout: 'plain', runtime: 'runc', rounds: 300, cheap: true },
  { mode: 'hybrid', layout: 'throttled', runtime: 'containerd', rounds: 300, cheap: false },
  { mode: 'v2', layout: 'throttled', runtime: 'containerd', rounds: 300, cheap: true },
];

describe('containers that come and go during passes', () => {
  for (const { rounds, cheap, ...shape } of CHURNS) {
    const { mode, layout, runtime } = shape;
    const kind = cheap ? 'in no time' : 'with all their processes';

    it(`${rounds} rounds ${kind} raise no finding (${mode}, ${layout}, ${runtime})`, async function () {
      const cell = await cellFor(this, shape);
      await cell.create({ handle: STAYS, kind: 'app', peas: ['envoy'] });
      await cell.create({ handle: PRIVILEGED, kind: 'app', privileged: true });
      const takePass = passTaker(cell);
      const tally = await passesDuring(cell.churn(rounds, { parallel: 4, cheap }), takePass);
      process.stdout.write(
        `      ${tally.passes} passes, up to ${tally.mostContainers} containers in one\n`,
      );
      expect(tally.findings).to.deep.equal([]);
      expect(tally.mostContainers, 'passes saw containers come and go').to.be.greaterThan(2);
      expect(tally.mostRemembered, 'memory').to.equal(tally.mostContainers);
      await expectNothingLeft(takePass, cell);
    });
  }
});

async function expectNothingLeft(takePass: TakePass, cell: Cell): Promise<void> {
  const { report, remembered } = await takePass();
  expect(statuses(report)).to.deep.equal({ [STAYS]: 'tracked', [PRIVILEGED]: 'tracked' });
  expect(report.leftoverCgroups).to.deep.equal([]);
  expect(remembered).to.equal(2);
  await cell.forget(STAYS);
  const { report: after } = await takePass();
  expect(statuses(after)[STAYS], 'and it still finds').to.equal('untracked unknown-to-garden');
}
