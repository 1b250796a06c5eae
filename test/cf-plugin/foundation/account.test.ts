import { expect } from 'chai';
import { asHandle } from '../../../src/model/ids.ts';
import { containers, UNOWNED } from '../../present/agent-state-builder.ts';
import { rowsOf } from '../../rows.ts';
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

const accountOf = async (series: readonly Series[], ...typed: readonly string[]) =>
  (await statusOf({ series }, ...typed)).account;

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

/** What bbs sends, but for words such as `LRPsRunning=50 age=10`; nothing without words. */
function bbsIn(text: string): readonly Series[] {
  const words = text.split(' ').filter((word) => word.includes('='));
  const { age = 10, ...change } = Object.fromEntries(
    words.map((word): [string, number] => {
      const [name = '', value] = word.split('=');
      return [name, Number(value)];
    }),
  );
  return text === '' ? [] : bbsSeries({ ...DIEGO, ...change }, age);
}

/** What holds | the cells | what bbs sends | what is typed, or `held=` | containers by kernels, Garden and reps, and how many more fit; differences, what is not known, and Diego. */
const ACCOUNTS = `
kernels, lists and reps are added up | 0-2 | now | | 60 60 60 690 on 3 of 3, 0 unknown, Diego 0
a cell that was not compared is left out, and so is a sum that lacks one | 0-2; 3 age=100/102; 4 rep=-1 | | | 80 80 null 920 on 4 of 5, 1 unknown, Diego undefined
a difference that has lasted five minutes is named, in its direction | 0; 1 rep=18; 2 rep=23/1; 3 rep=21/1 | | | 80 80 82 920 on 4 of 4, 10.0.4.12 -2 for 300, 10.0.4.11 2 for 300, 0 unknown, Diego undefined
two minutes are enough where Log Cache does not hold five | 0 rep=18 | | held=170 | 20 20 18 230 on 1 of 1, 10.0.4.10 2 for 120, 0 unknown, Diego undefined
less is not enough | 0 rep=18 | | held=110 | 20 20 18 230 on 1 of 1, 1 unknown, Diego undefined
a cell that is scraped seldom is not known | 0-1 every=60 age=50/55 | | | 40 40 40 460 on 2 of 2, 2 unknown, Diego undefined
reps may count more than Diego | 0-2 | LRPsRunning=50 TasksRunning=1 | | 60 60 60 690 on 3 of 3, 0 unknown, Diego 8
what is claimed may run | 0-2 | LRPsRunning=50 LRPsClaimed=20 | | 60 60 60 690 on 3 of 3, 0 unknown, Diego 0
reps may count less than Diego | 0-2 | LRPsRunning=64 | | 60 60 60 690 on 3 of 3, 0 unknown, Diego -6
Diego counts all cells, so that one cannot be compared with it | 0-2 | LRPsRunning=64 | --cell=10.0.4.11 | 20 20 20 230 on 1 of 1, 0 unknown, Diego undefined
it counts a cell whose metrics have been lost for longer than Log Cache is asked for | 0-2 | LRPsRunning=90 PresentCells=4 | | 60 60 60 690 on 3 of 3, 0 unknown, Diego undefined
it counts a cell whose rep is silent | 0-2; 3 rep-sent=100 | LRPsRunning=90 PresentCells=4 | | 80 80 null null on 4 of 4, 1 unknown, Diego undefined
a Diego that counts no instances is not compared | 0-2 | LRPsRunning=0 LRPsClaimed=0 | | 60 60 60 690 on 3 of 3, 0 unknown, Diego undefined
a Diego that counts nothing is not compared | 0-2 | ${Object.keys(DIEGO)
  .map((name) => `${name}=0`)
  .join(' ')} | | 60 60 60 690 on 3 of 3, 0 unknown, Diego undefined
counts that are old are not compared | 0-2 | LRPsRunning=90 age=50 | | 60 60 60 690 on 3 of 3, 0 unknown, Diego undefined
`;

describe('the account of a foundation', () => {
  for (const [title, cells = '', bbs = '', asked = '', shown] of rowsOf(ACCOUNTS))
    it(`${title}: ${cells} ${bbs}`, async () => {
      const [, held] = /^held=(\d+)$/.exec(asked) ?? [];
      const typed = asked.startsWith('--') ? [asked] : [];
      const foundation = {
        series: [...seriesIn(cells), ...bbsIn(bbs)],
        oldestAge: Number(held ?? 3600),
      };
      const { account } = await statusOf(foundation, ...typed);
      const { containers: of, differences } = account;
      const text = [
        `${of.kernels} ${of.garden} ${of.rep} ${of.room} on ${account.cells.compared} of ${account.cells.all}`,
        ...differences.gardenAndRep.map((one) => `${one.cell.ip} ${one.more} for ${one.seconds}`),
        `${differences.unknownCells} unknown`,
        `Diego ${differences.repAndDiego?.more}`,
      ];
      expect(text.join(', ')).to.equal(shown);
    });

  it('is said in sentences', async () => {
    const linesOf = async (cells: string, bbs = '') => {
      const { stdout } = await ranPlugin({ series: [...seriesIn(cells), ...bbsIn(bbs)] });
      return stdout.split('\n\n')[0]?.split('\n') ?? [];
    };
    expect(await linesOf('0-2', 'now')).to.deep.equal([
      "Compared on 3 of 3 cells: 60 containers in kernels, 60 in Garden's lists, 60 in rep's counts; 690 free container slots.",
      'Diego, on all cells: 60 instances desired, 57 running, 1 claimed, 2 missing, 0 extra; 2 tasks running.',
    ]);
    expect((await linesOf('0; 1 rep=18; 2 rep=23/1; 3 rep=21/1'))[2]).to.match(
      /^For at least 5m: Garden on diego_cell\/\w{8} lists 2 (more|fewer) than rep counts, and 1 other cell differs\.$/,
    );
    expect(await linesOf('0-1 every=60 age=50/55')).to.include(
      "On 2 cells, it is not known whether Garden's list and rep's count differ.",
    );
    expect(await linesOf('0-1 age=100/105')).to.deep.equal([
      'No cell could be compared.',
      "Diego's own counts are not known.",
    ]);
    expect((await linesOf('0-2', 'LRPsRunning=50'))[2]).to.equal(
      'For at least 5m: all reps count 7 more than Diego does; Diego does not count instances that are being evacuated.',
    );
  });

  it('does not find in the kernel what has no cgroup', async () => {
    const NO_CGROUP = { ...UNOWNED, handle: asHandle('h-1'), reason: 'no-cgroup' } as const;
    const one = cell(0, { containers: containers(19, NO_CGROUP) });
    expect((await accountOf(seriesOf(one))).containers).to.include({ kernels: 19, garden: 20 });
    const DRILL = { ...UNOWNED, handle: asHandle('drill-1'), drill: true } as const;
    const drill = cell(0, { containers: containers(20, DRILL) });
    expect((await accountOf(seriesOf(drill))).containers.kernels).to.equal(20);
  });

  it('does not name one that began four minutes ago, or was in the other direction', async () => {
    const series = seriesIn('0 rep=18');
    expect((await accountOf(series)).differences.gardenAndRep).to.have.length(1);
    for (const before of ['20', '25', '-1', 'NaN']) {
      const young = since(series, 'ContainerCount', before, 4);
      expect((await accountOf(young)).differences.gardenAndRep, before).to.deep.equal([]);
    }
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
});
