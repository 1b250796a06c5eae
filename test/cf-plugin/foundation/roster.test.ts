import { expect } from 'chai';
import type { FoundationStatus } from '../../../src/cf-plugin/foundation/foundation-status.ts';
import { isSelected } from '../../../src/cf-plugin/foundation/roster.ts';
import { rowsOf } from '../../rows.ts';
import { seriesIn, seriesOf, spreadFleet } from '../standin/fleet.ts';
import { ranPlugin, statusOf } from '../standin/ran-plugin.ts';

const PILOT = '0-1; 2 uncovered; 3 uncovered job=iso_cell deployment=iso';
const TWO_DEPLOYMENTS = '0-2; 3 deployment=iso holds=4+LOST; 4 deployment=iso';
const clockOf = (is: string): string =>
  `The clock of Log Cache is ${is} the API's, so no age is certain: check NTP on the foundation.`;
const OLD = "nothing reaches Log Cache, or the clock of the API is ahead of the cells'.";

/**
 * What holds | the cells | what is typed, `held=`: since how many seconds Log Cache holds anything, `log-cache=` or `api=`: by how
 * many its clock is ahead | the verdict, and the cells by theirs | what is said besides.
 */
const STATUSES = `
a cell with rep and without rollcall is never an all-clear | ${PILOT} | | unknown, 4 cells: 2 no rollcall, 2 all tracked
a cell of another deployment is not looked at | ${PILOT} | --deployment=iso | unknown, 1 cell: 1 no rollcall
a cell of a group that is not expected to have rollcall is left out, which is said once | ${PILOT} | --expect-groups=diego_cell | unknown, 3 cells: 1 no rollcall, 2 all tracked | Without rollcall, and left out by --expect-groups: 1 cell of iso_cell.
an expected group without a cell is misspelled, or its cells are lost | ${PILOT} | --expect-groups=router,diego_cel | unknown, 2 cells: 2 all tracked | No cell is in the expected group router. No cell is in the expected group diego_cel. Without rollcall, and left out by --expect-groups: 2 cells of diego_cell, iso_cell.
an expected group may have its cells in another deployment | 0-1; 3 job=iso_cell deployment=iso | --deployment=cf --expect-groups=diego_cell,iso_cell | all-tracked, 2 cells: 2 all tracked
rollcall is not expected on Windows cells | 0-1; 5 windows | | all-tracked, 2 cells: 2 all tracked
a cell that was evicted from the heartbeat is kept while its rep reports | 0; 1 age=1000/1005 | | unknown, 2 cells: 1 no rollcall, 1 all tracked
without the roster a cell may be missing | 0-2 rep-sent=never | | unknown, 3 cells: 3 all tracked | Log Cache has no samples from rep (is one of its nodes missing?): a cell without rollcall does not appear. Use --expect-cells N.
without the roster the number that is expected is enough | 0-2 rep-sent=never | --expect-cells=3 | all-tracked, 3 cells: 3 all tracked
a deployment is judged alone | ${TWO_DEPLOYMENTS} | --deployment=cf | all-tracked, 3 cells: 3 all tracked
a deployment with a finding is untracked | ${TWO_DEPLOYMENTS} | --deployment=iso | untracked, 2 cells: 1 untracked, 1 all tracked
fewer cells than expected are too few | 0-2 | --expect-cells=4 | unknown, 3 cells: 3 all tracked | Only 3 of 4 expected cells report.
more cells than expected are no gap | 0-2 | --expect-cells=2 | all-tracked, 3 cells: 3 all tracked | 3 cells report, 2 were expected.
as many cells as expected are no gap | 0-2 | --expect-cells=3 | all-tracked, 3 cells: 3 all tracked
a Log Cache that was restarted knows too little for three minutes | 0-2 | held=100 | unknown, 3 cells: 3 all tracked | Log Cache goes back only 1m36s for the heartbeat, after a restart
a Log Cache that was restarted knows enough after three minutes | 0-2 | held=200 | all-tracked, 3 cells: 3 all tracked
a Log Cache that was restarted may lack a cell without rollcall before rep has sent again | 0-2 | held=50 | unknown, 3 cells: 3 all tracked | Log Cache goes back only 20s for rep, after a restart
a lost cell that no earlier run saw is known for 15 minutes at most | 0-2 | held=7200 | all-tracked, 3 cells: 3 all tracked | No earlier run on this machine with this API and user is known: a cell that was lost more than 15m ago would be missing. Use --expect-cells N to notice.
a lost cell that no earlier run saw is known for as long as Log Cache goes back | 0-2 | held=341 | all-tracked, 3 cells: 3 all tracked | lost more than 5m36s ago would be missing
it does not matter that Log Cache is half a minute ahead | 0-2 | log-cache=30 | all-tracked, 3 cells: 3 all tracked
it does not matter that Log Cache is half a minute behind | 0-2 | log-cache=-30 | all-tracked, 3 cells: 3 all tracked
it does not matter that the cells are half a minute ahead | 0-2 age=-24/-21 rep-sent=-10 | | all-tracked, 3 cells: 3 all tracked
it does not matter that the cells are half a minute behind | 0-2 age=36/39 rep-sent=50 | | all-tracked, 3 cells: 3 all tracked
a clock of Log Cache that is further ahead is named | 0-2 | log-cache=90 | unknown, 3 cells: 3 all tracked | ${clockOf('1m30s ahead of')}
a clock of Log Cache that is further behind is named | 0-2 | log-cache=-90 | unknown, 3 cells: 3 all tracked | ${clockOf('1m30s behind')}
a clock of Log Cache that is far ahead is named | 0-2 | log-cache=400 | unknown, 3 cells: 3 all tracked | ${clockOf('6m40s ahead of')}
a clock of Log Cache that is far behind is named | 0-2 | log-cache=-400 | unknown, 3 cells: 3 all tracked | ${clockOf('6m40s behind')}
old data is no all-clear where the API is ahead | 0-2 | api=90 | unknown, 3 cells: 3 stale | ${clockOf('1m30s behind')}
old data is no all-clear where the API is far ahead | 0-2 | api=400 | unknown, 3 cells: 3 gone | ${clockOf('6m40s behind')}
new data is no all-clear where the API is behind | 0-2 | api=-90 | unknown, 3 cells: 3 unknown | ${clockOf('1m30s ahead of')}
new data is no all-clear where the API is far behind | 0-2 | api=-400 | unknown, 3 cells: 3 unknown | ${clockOf('6m40s ahead of')}
new data is no all-clear where the cells are ahead | 0-2 age=-84/-81 rep-sent=-70 | | unknown, 3 cells: 3 unknown | The clock of the cell is 1m24s ahead of the API's
new data is no all-clear where the cells are far ahead | 0-2 age=-394/-391 rep-sent=-380 | | unknown, 3 cells: 3 unknown | The clock of the cell is 6m34s ahead of the API's
old data is no all-clear where the cells are behind | 0-2 age=96/99 rep-sent=110 | | unknown, 3 cells: 3 stale | ${OLD}
old data is no all-clear where the cells are far behind | 0-2 age=406/409 rep-sent=420 | | unknown, 3 cells: 3 gone | ${OLD}
`;

describe('the status of a foundation', () => {
  for (const [title, cells = '', asked = '', shown, said = ''] of rowsOf(STATUSES))
    it(`${title}: ${cells} ${asked}`, async () => {
      const words = asked.split(' ').filter(Boolean);
      const numberOf = (name: string, otherwise: number): number =>
        Number(
          words.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? otherwise,
        );
      const { stdout, code } = await ranPlugin(
        {
          series: seriesIn(cells),
          oldestAge: numberOf('held', 3600),
          clocks: { logCache: numberOf('log-cache', 0), api: numberOf('api', 0) },
        },
        ['--output=json', ...words.filter((one) => one.startsWith('-'))],
      );
      const { verdict, why, complete, notes, cells: all } = JSON.parse(stdout) as FoundationStatus;
      expect(`${verdict}, ${why.replace(/\. .*/, '')}`).to.equal(shown);
      expect(complete).to.equal(verdict !== 'unknown');
      expect(code).to.equal(verdict === 'all-tracked' ? 0 : 1);
      expect([...notes, ...all.map((one) => one.why)].join(' ')).to.contain(said);
    });

  it('shows no finding of a cell whose heartbeat is not there: nothing says that it still is one', async () => {
    const found = seriesIn('0-1; 2 holds=20+LOST');
    const isBeatOf2 = ({ labels, name }: (typeof found)[number]): boolean =>
      labels['ip'] === '10.0.4.12' && name.startsWith('rollcall_') && !('handle' in labels);
    const { verdict, untracked, cells } = await statusOf({
      series: found.filter((one) => !isBeatOf2(one)),
    });
    expect({ verdict, untracked }).to.deep.equal({ verdict: 'unknown', untracked: [] });
    expect(cells[0]).to.include({ verdict: 'uncovered', untracked: null });
  });

  it('lists fewer cells with --untracked, and judges all', async () => {
    const series = seriesIn(TWO_DEPLOYMENTS);
    const { cells, summary } = await statusOf({ series }, '--untracked');
    expect(cells.map(({ ip }) => ip)).to.deep.equal(['10.0.4.13']);
    expect(summary.cells).to.equal(5);
  });
});

describe('a cell that is asked for', () => {
  it('is found by the beginning of its index, and by that of its group only with a slash', () => {
    const location = {
      deployment: 'cf',
      instanceGroup: 'diego_cell',
      index: '0aaa',
      ip: '10.0.4.1',
    };
    const isFound = (given: string): boolean =>
      isSelected(location, { cell: given, deployment: null });
    for (const given of '0 0aaa 10.0.4.1 diego_cell/ diego_cell/0a diego_cell/0aaa'.split(' '))
      expect(isFound(given), given).to.equal(true);
    for (const given of 'd diego_cell 10.0.4 cell/0aaa diego_cell/1 aaa'.split(' '))
      expect(isFound(given), given).to.equal(false);
  });
});

describe('a Log Cache that forgot', () => {
  const series = seriesIn('0-2');

  it('knows nothing right after its restart, which says nothing of the cells', async () => {
    const { stderr, code } = await ranPlugin({ series, oldestAge: 1 });
    expect(code).to.equal(1);
    expect(stderr).to.equal(
      'Log Cache knows no cell, not even from rep: it was restarted less than a minute ago, or one of its nodes is missing. Check bosh instances, and try again in a minute.\n',
    );
  });

  it('holds the heartbeat of 250 and of 1,000 cells for long enough to tell a lost one', async () => {
    for (const count of [250, 1000]) {
      const cells = spreadFleet(count);
      const dead = { ...(cells[7] ?? expect.fail()), scraped: 150, reconciled: 153, repSent: null };
      const all = await statusOf({ series: cells.with(7, dead).flatMap(seriesOf) });
      expect(all.summary.byVerdict, `${count}`).to.include({
        gone: 1,
        'all-tracked': count - 1,
      });
      expect(all.cells[0]).to.include({ verdict: 'gone', sampleAgeSeconds: 150, tracked: 20 });
    }
  }).timeout(60_000);

  it('has each source on another node', async () => {
    const without = (source: string) =>
      series.filter(({ labels }) => labels['source_id'] !== source);
    const others = await statusOf({ series: without('rollcall') });
    expect(others.verdict).to.equal('unknown');
    expect(others.notes[0]).to.match(/none of the other metrics: is one of its nodes missing\?$/);
    const beats = await statusOf({ series: without('rollcall-heartbeat') });
    expect(beats.verdict).to.equal('unknown');
    expect(beats.summary.byVerdict).to.include({ unknown: 3 });
  });
});
