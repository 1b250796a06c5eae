import { expect } from 'chai';
import type { FoundationStatus } from '../../../src/cf-plugin/foundation/foundation-status.ts';
import { isSelected } from '../../../src/cf-plugin/foundation/roster.ts';
import { containers, LOST } from '../../present/agent-state-builder.ts';
import {
  cell,
  fleet,
  ON_WINDOWS,
  seriesOf,
  spreadFleet,
  type StandInCell,
} from '../standin/fleet.ts';
import { ranPlugin, statusOf } from '../standin/ran-plugin.ts';

const PILOT = [
  cell(0),
  cell(1),
  cell(2, { isCovered: false }),
  cell(3, { isCovered: false, job: 'iso_cell', deployment: 'iso' }),
];
const TWO_DEPLOYMENTS = [
  ...fleet(3),
  cell(3, { deployment: 'iso', containers: containers(4, LOST) }),
  cell(4, { deployment: 'iso' }),
];
/** Three cells whose clocks are this many seconds ahead of the API's. */
const cellsAhead = (seconds: number): readonly StandInCell[] =>
  fleet(3, { sampleAge: 6 - seconds, passAge: 9 - seconds, repSampleAge: 20 - seconds });

/** What a run shows of a foundation. */
interface Status {
  readonly cells: readonly StandInCell[];
  readonly typed?: readonly string[];
  /** For how many seconds Log Cache holds samples; left out: an hour. */
  readonly retainedSeconds?: number;
  /** By how many seconds a clock is ahead. */
  readonly clocks?: { readonly api?: number; readonly logCache?: number };
  /** The verdict, and how many cells have which. */
  readonly status: string;
  /** A part of the notes, or of why a cell has its verdict. */
  readonly said?: string;
}

const UNCERTAIN = 'so no age is certain: check NTP on the foundation.';
const logCacheIs = (difference: string): string =>
  `The clock of Log Cache is ${difference} the API's, ${UNCERTAIN}`;
const NOTHING_NEW = "nothing reaches Log Cache, or the clock of the API is ahead of the cells'.";
const WELL = 'all-tracked, 3 cells: 3 all tracked';
const WELL_BUT_UNKNOWN = 'unknown, 3 cells: 3 all tracked';

const STATUSES: Readonly<Record<string, Status>> = {
  'a cell with rep and without rollcall is never an all-clear': {
    cells: PILOT,
    status: 'unknown, 4 cells: 2 no rollcall, 2 all tracked',
  },
  'only the cells of the deployment that is asked for count': {
    cells: PILOT,
    typed: ['--deployment=iso'],
    status: 'unknown, 1 cell: 1 no rollcall',
  },
  'a cell of a group that is not expected to have rollcall is left out, as a note says': {
    cells: PILOT,
    typed: ['--expect-groups=diego_cell'],
    status: 'unknown, 3 cells: 1 no rollcall, 2 all tracked',
    said: 'Without rollcall, and left out by --expect-groups: 1 cell of iso_cell.',
  },
  'an expected group without a cell is misspelled, or its cells are lost': {
    cells: PILOT,
    typed: ['--expect-groups=router,diego_cel'],
    status: 'unknown, 2 cells: 2 all tracked',
    said: [
      'No cell is in the expected group router.',
      'No cell is in the expected group diego_cel.',
      'Without rollcall, and left out by --expect-groups: 2 cells of diego_cell, iso_cell.',
    ].join(' '),
  },
  'an expected group may have its cells in another deployment': {
    cells: [...fleet(2), cell(3, { job: 'iso_cell', deployment: 'iso' })],
    typed: ['--deployment=cf', '--expect-groups=diego_cell,iso_cell'],
    status: 'all-tracked, 2 cells: 2 all tracked',
  },
  'a Windows cell is not expected to have rollcall': {
    cells: [...fleet(2), cell(5, ON_WINDOWS)],
    status: 'all-tracked, 2 cells: 2 all tracked',
  },
  'a cell that was evicted from the heartbeat stays while its rep reports': {
    cells: [cell(0), cell(1, { sampleAge: 1000, passAge: 1005 })],
    status: 'unknown, 2 cells: 1 no rollcall, 1 all tracked',
  },
  'a cell may be missing without samples from rep': {
    cells: fleet(3, { repSampleAge: null }),
    status: WELL_BUT_UNKNOWN,
    said:
      'Log Cache has no samples from rep (is one of its nodes missing?): ' +
      'a cell without rollcall does not appear. Use --expect-cells N.',
  },
  'the number of cells that is expected replaces the samples from rep': {
    cells: fleet(3, { repSampleAge: null }),
    typed: ['--expect-cells=3'],
    status: WELL,
  },
  'a deployment is judged without the finding of another': {
    cells: TWO_DEPLOYMENTS,
    typed: ['--deployment=cf'],
    status: WELL,
  },
  'a deployment with a finding is untracked': {
    cells: TWO_DEPLOYMENTS,
    typed: ['--deployment=iso'],
    status: 'untracked, 2 cells: 1 untracked, 1 all tracked',
  },
  'fewer cells than expected are no all-clear': {
    cells: fleet(3),
    typed: ['--expect-cells=4'],
    status: WELL_BUT_UNKNOWN,
    said: 'Only 3 of 4 expected cells report.',
  },
  'more cells than expected are an all-clear': {
    cells: fleet(3),
    typed: ['--expect-cells=2'],
    status: WELL,
    said: '3 cells report, 2 were expected.',
  },
  'as many cells as expected are an all-clear': {
    cells: fleet(3),
    typed: ['--expect-cells=3'],
    status: WELL,
  },
  'a Log Cache that was restarted knows too little for three minutes': {
    cells: fleet(3),
    retainedSeconds: 100,
    status: WELL_BUT_UNKNOWN,
    said: 'Log Cache goes back only 1m36s for the heartbeat, after a restart',
  },
  'a Log Cache that was restarted knows enough after three minutes': {
    cells: fleet(3),
    retainedSeconds: 200,
    status: WELL,
  },
  'a Log Cache that was restarted may lack a cell without rollcall until rep has sent again': {
    cells: fleet(3),
    retainedSeconds: 50,
    status: WELL_BUT_UNKNOWN,
    said: 'Log Cache goes back only 20s for rep, after a restart',
  },
  'a lost cell that no earlier run saw is known for 15 minutes at most': {
    cells: fleet(3),
    retainedSeconds: 7200,
    status: WELL,
    said:
      'No earlier run on this machine with this API and user is known: a cell that was lost ' +
      'more than 15m ago would be missing. Use --expect-cells N to notice.',
  },
  'a lost cell that no earlier run saw is known for as long as Log Cache goes back': {
    cells: fleet(3),
    retainedSeconds: 341,
    status: WELL,
    said: 'lost more than 5m36s ago would be missing',
  },
  'a Log Cache that is half a minute ahead does not matter': {
    cells: fleet(3),
    clocks: { logCache: 30 },
    status: WELL,
  },
  'a Log Cache that is half a minute behind does not matter': {
    cells: fleet(3),
    clocks: { logCache: -30 },
    status: WELL,
  },
  'cells that are half a minute ahead do not matter': { cells: cellsAhead(30), status: WELL },
  'cells that are half a minute behind do not matter': { cells: cellsAhead(-30), status: WELL },
  'a clock of Log Cache that is further ahead is named': {
    cells: fleet(3),
    clocks: { logCache: 90 },
    status: WELL_BUT_UNKNOWN,
    said: logCacheIs('1m30s ahead of'),
  },
  'a clock of Log Cache that is further behind is named': {
    cells: fleet(3),
    clocks: { logCache: -90 },
    status: WELL_BUT_UNKNOWN,
    said: logCacheIs('1m30s behind'),
  },
  'a clock of Log Cache that is far ahead is named': {
    cells: fleet(3),
    clocks: { logCache: 400 },
    status: WELL_BUT_UNKNOWN,
    said: logCacheIs('6m40s ahead of'),
  },
  'a clock of Log Cache that is far behind is named': {
    cells: fleet(3),
    clocks: { logCache: -400 },
    status: WELL_BUT_UNKNOWN,
    said: logCacheIs('6m40s behind'),
  },
  'old data are no all-clear where the API is ahead': {
    cells: fleet(3),
    clocks: { api: 90 },
    status: 'unknown, 3 cells: 3 overdue',
    said: logCacheIs('1m30s behind'),
  },
  'old data are no all-clear where the API is far ahead': {
    cells: fleet(3),
    clocks: { api: 400 },
    status: 'unknown, 3 cells: 3 gone',
    said: logCacheIs('6m40s behind'),
  },
  'new data are no all-clear where the API is behind': {
    cells: fleet(3),
    clocks: { api: -90 },
    status: 'unknown, 3 cells: 3 unknown',
    said: logCacheIs('1m30s ahead of'),
  },
  'new data are no all-clear where the API is far behind': {
    cells: fleet(3),
    clocks: { api: -400 },
    status: 'unknown, 3 cells: 3 unknown',
    said: logCacheIs('6m40s ahead of'),
  },
  'new data are no all-clear where the cells are ahead': {
    cells: cellsAhead(90),
    status: 'unknown, 3 cells: 3 unknown',
    said: "The clock of the cell is 1m24s ahead of the API's",
  },
  'new data are no all-clear where the cells are far ahead': {
    cells: cellsAhead(400),
    status: 'unknown, 3 cells: 3 unknown',
    said: "The clock of the cell is 6m34s ahead of the API's",
  },
  'old data are no all-clear where the cells are behind': {
    cells: cellsAhead(-90),
    status: 'unknown, 3 cells: 3 overdue',
    said: NOTHING_NEW,
  },
  'old data are no all-clear where the cells are far behind': {
    cells: cellsAhead(-400),
    status: 'unknown, 3 cells: 3 gone',
    said: NOTHING_NEW,
  },
};

describe('in the status of a foundation', () => {
  for (const [title, expected] of Object.entries(STATUSES))
    it(title, async () => {
      const { stdout, code } = await ranPlugin(
        {
          series: seriesOf(...expected.cells),
          oldestAge: expected.retainedSeconds ?? 3600,
          clocks: expected.clocks ?? {},
        },
        ['--output=json', ...(expected.typed ?? [])],
      );
      const { verdict, why, complete, notes, cells } = JSON.parse(stdout) as FoundationStatus;
      expect(`${verdict}, ${why.replace(/\. .*/, '')}`).to.equal(expected.status);
      expect(complete).to.equal(verdict !== 'unknown');
      expect(code).to.equal(verdict === 'all-tracked' ? 0 : 1);
      const said = [...notes, ...cells.map((one) => one.why)].join(' ');
      expect(said).to.contain(expected.said ?? '');
    });

  it('a cell whose heartbeat is missing shows no finding, as nothing says that it still has it', async () => {
    const found = seriesOf(...fleet(2), cell(2, { containers: containers(20, LOST) }));
    const isBeatOf2 = ({ labels, name }: (typeof found)[number]): boolean =>
      labels['ip'] === '10.0.4.12' && name.startsWith('rollcall_') && !('handle' in labels);
    const { verdict, untracked, cells } = await statusOf({
      series: found.filter((one) => !isBeatOf2(one)),
    });
    expect({ verdict, untracked }).to.deep.equal({ verdict: 'unknown', untracked: [] });
    expect(cells[0]).to.include({ verdict: 'uncovered', untracked: null });
  });

  it('--untracked lists only cells with findings, and all cells are judged', async () => {
    const series = seriesOf(...TWO_DEPLOYMENTS);
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
    const names = ['0', '0aaa', '10.0.4.1', 'diego_cell/', 'diego_cell/0a', 'diego_cell/0aaa'];
    for (const given of names) expect(isFound(given), given).to.equal(true);
    for (const given of ['d', 'diego_cell', '10.0.4', 'cell/0aaa', 'diego_cell/1', 'aaa'])
      expect(isFound(given), given).to.equal(false);
  });
});

describe('a Log Cache that forgot samples', () => {
  const series = seriesOf(...fleet(3));

  it('knows no cell right after its restart, which says nothing about the cells', async () => {
    const { stderr, code } = await ranPlugin({ series, oldestAge: 1 });
    expect(code).to.equal(1);
    expect(stderr).to.equal(
      'Log Cache knows no cell, not even from rep: it was restarted less than a minute ago, ' +
        'or one of its nodes is missing. Check bosh instances, and try again in a minute.\n',
    );
  });

  it('holds the heartbeat of 250 and of 1,000 cells for long enough to tell a lost one', async () => {
    for (const count of [250, 1000]) {
      const cells = spreadFleet(count);
      const lost = {
        ...(cells[7] ?? expect.fail()),
        sampleAge: 150,
        passAge: 153,
        repSampleAge: null,
      };
      const all = await statusOf({ series: seriesOf(...cells.with(7, lost)) });
      expect(all.summary.byVerdict, `${count}`).to.include({
        gone: 1,
        'all-tracked': count - 1,
      });
      expect(all.cells[0]).to.include({ verdict: 'gone', sampleAgeSeconds: 150, tracked: 20 });
    }
  }).timeout(60_000);

  it('makes the answer unknown where the node of one source is missing', async () => {
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
