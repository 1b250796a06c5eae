import { expect } from 'chai';
import { asHandle } from '../../../src/model/ids.ts';
import { containers, UNOWNED } from '../../present/agent-state-builder.ts';
import { bbsSeries, cell, seriesIn, seriesOf } from '../standin/fleet.ts';
import type { Series } from '../standin/log-cache.ts';
import { ranPlugin, statusOf } from '../standin/ran-plugin.ts';

const DIEGO = {
  LRPsDesired: 60,
  LRPsRunning: 57,
  LRPsClaimed: 1,
  LRPsMissing: 2,
  LRPsExtra: 0,
  PresentCells: 3,
  SuspectRunningActualLRPs: 0,
  SuspectClaimedActualLRPs: 0,
  TasksRunning: 2,
};
const three = seriesIn('0-2');
const accountOf = async (series: readonly Series[], ...typed: readonly string[]) =>
  (await statusOf({ series }, ...typed)).account;
const linesOf = async (series: readonly Series[]): Promise<readonly string[]> =>
  (await ranPlugin({ series })).stdout.split('\n\n')[0]?.split('\n') ?? [];

/** What came before the last minute was another value. */
const since = (series: readonly Series[], name: string, before: string, samples: number) =>
  series.flatMap((one) => {
    const { age, every = 15 } = one;
    if (one.name !== name) return [one];
    return [
      { ...one, count: samples },
      { ...one, value: before, age: age + samples * every },
    ];
  });

describe('the account of a foundation', () => {
  it('adds up kernels, lists and reps, and shows what Diego counts', async () => {
    expect(await linesOf([...three, ...bbsSeries(DIEGO)])).to.deep.equal([
      "Compared on 3 of 3 cells: 60 containers in kernels, 60 in Garden's lists, 60 in rep's counts; 690 free container slots.",
      'Diego, on all cells: 60 instances desired, 57 running, 1 claimed, 2 missing, 0 extra; 2 tasks running.',
    ]);
    const { differences } = await accountOf([...three, ...bbsSeries(DIEGO)]);
    expect(differences).to.deep.equal({
      gardenAndRep: [],
      unknownCells: 0,
      repAndDiego: { more: 0, seconds: 0 },
    });
  });

  it('leaves out the cells that were not compared, and a sum that lacks one of them', async () => {
    const account = await accountOf(seriesIn('0-2; 3 age=100/102; 4 rep=-1'));
    expect(account.cells).to.deep.equal({ compared: 4, all: 5 });
    expect(account.containers).to.deep.equal({ kernels: 80, garden: 80, rep: null, room: 920 });
    expect(account.diego).to.equal(null);
  });

  it('does not find in the kernel what has no cgroup', async () => {
    const NO_CGROUP = { ...UNOWNED, handle: asHandle('h-1'), reason: 'no-cgroup' } as const;
    const one = cell(0, { containers: containers(19, NO_CGROUP) });
    expect((await accountOf(seriesOf(one))).containers).to.include({ kernels: 19, garden: 20 });
    const DRILL = { ...UNOWNED, handle: asHandle('drill-1'), drill: true } as const;
    const drill = cell(0, { containers: containers(20, DRILL) });
    expect((await accountOf(seriesOf(drill))).containers.kernels).to.equal(20);
  });

  it('names a difference between Garden and rep that has lasted five minutes, and in which direction', async () => {
    const series = seriesIn('0; 1 rep=18; 2 rep=23/1; 3 rep=21/1');
    const named = (await accountOf(series)).differences.gardenAndRep.map(
      ({ cell: { deployment, instanceGroup, index, ip }, more, seconds }) =>
        `${deployment}/${instanceGroup}/${index} ${ip} ${more} ${seconds}`,
    );
    expect(named).to.have.members([
      `cf/diego_cell/${cell(1).index} 10.0.4.11 2 300`,
      `cf/diego_cell/${cell(2).index} 10.0.4.12 -2 300`,
    ]);
    const [, , line] = await linesOf(series);
    expect(line).to.match(
      /^For at least 5m: Garden on diego_cell\/\w{8} lists 2 (more|fewer) than rep counts, and 1 other cell differs\.$/,
    );
  });

  it('does not name one that began four minutes ago, or was in the other direction', async () => {
    const series = seriesIn('0 rep=18');
    expect((await accountOf(series)).differences.gardenAndRep).to.have.length(1);
    for (const before of ['20', '25', '-1', 'NaN']) {
      const young = since(series, 'ContainerCount', before, 4);
      expect((await accountOf(young)).differences.gardenAndRep, before).to.deep.equal([]);
    }
  });

  it('needs two minutes of a difference where Log Cache does not hold five', async () => {
    const lastingFor = async (oldestAge: number) => {
      const status = await statusOf({ series: seriesIn('0 rep=18'), oldestAge });
      return status.account.differences.gardenAndRep.map(({ seconds }) => seconds);
    };
    expect(await lastingFor(170)).to.deep.equal([120]);
    expect(await lastingFor(110)).to.deep.equal([]);
  });

  it('does not take for a difference that rep is older than the list of a cell that drains', async () => {
    // A container less every 20 seconds in both; rep sent 50 seconds ago.
    const drained = seriesIn('0 rep-sent=50').flatMap((one) => {
      const { name, age, every = 15 } = one;
      if (name !== 'rollcall_garden_listed' && name !== 'ContainerCount') return [one];
      return Array.from({ length: 40 }, (_, index) => ({
        ...one,
        age: age + index * every,
        count: 1,
        value: String(20 + Math.floor((age + index * every) / 20)),
      }));
    });
    const { gardenAndRep, unknownCells } = (await accountOf(drained)).differences;
    expect({ gardenAndRep, unknownCells }).to.deep.equal({ gardenAndRep: [], unknownCells: 0 });
  });

  it('says on how many cells it does not know', async () => {
    const slow = seriesIn('0-1 every=60 age=50/55');
    expect(await linesOf(slow)).to.include(
      "On 2 cells, it is not known whether Garden's list and rep's count differ.",
    );
    const none = seriesIn('0-1 age=100/105');
    expect(await linesOf(none)).to.deep.equal([
      'No cell could be compared.',
      "Diego's own counts are not known.",
    ]);
  });

  it('names a difference between all reps and Diego in the same way', async () => {
    const of = async (change: Partial<typeof DIEGO>, ...more: readonly string[]) =>
      (await accountOf([...three, ...bbsSeries({ ...DIEGO, ...change })], ...more)).differences
        .repAndDiego?.more ?? null;
    expect(await of({ LRPsRunning: 50, TasksRunning: 1 })).to.equal(8);
    expect(await of({ LRPsRunning: 50, LRPsClaimed: 20 })).to.equal(0);
    expect(await of({ LRPsRunning: 64 })).to.equal(-6);
    // Diego counts all cells.
    expect(await of({ LRPsRunning: 64 }, '--cell=10.0.4.11')).to.equal(null);
    const [, , line] = await linesOf([...three, ...bbsSeries({ ...DIEGO, LRPsRunning: 50 })]);
    expect(line).to.equal(
      'For at least 5m: all reps count 7 more than Diego does; Diego does not count instances that are being evacuated.',
    );
  });

  it('does not compare with a Diego that counts nothing, or with a rep that is silent', async () => {
    const zeros = Object.fromEntries(Object.keys(DIEGO).map((name) => [name, 0]));
    const running = { ...DIEGO, LRPsRunning: 90 };
    const unknown = [
      // Its metrics have been lost for longer than Log Cache is asked for.
      [...three, ...bbsSeries({ ...running, PresentCells: 4 })],
      [...three, ...bbsSeries({ ...running, LRPsRunning: 0, LRPsClaimed: 0 })],
      [...three, ...bbsSeries(zeros)],
      [...three, ...bbsSeries(running, 50)],
      [...seriesIn('0-2; 3 rep-sent=100'), ...bbsSeries({ ...running, PresentCells: 4 })],
    ];
    for (const [index, series] of unknown.entries()) {
      expect((await accountOf(series)).differences.repAndDiego, `${index}`).to.equal(null);
    }
  });
});
