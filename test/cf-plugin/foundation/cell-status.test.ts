import { expect } from 'chai';
import type { CellStatus } from '../../../src/cf-plugin/foundation/cell-status.ts';
import { durationText } from '../../../src/terminal/duration-text.ts';
import { containers, LOST } from '../../present/agent-state-builder.ts';
import {
  cell,
  fleet,
  PROCESSES_HIDDEN,
  sensorLines,
  seriesOf,
  type StandInCell,
} from '../standin/fleet.ts';
import type { Series } from '../standin/log-cache.ts';
import { ranPlugin, statusOf } from '../standin/ran-plugin.ts';

const COULD_NOT_TELL = 'rollcall_could_not_tell';
const CONTAINERS = 'rollcall_containers';
const GARDEN_UP = 'rollcall_garden_up';
const LAST_PASS = 'rollcall_last_reconcile_timestamp_seconds';
const FINDING = 'rollcall_untracked_since_timestamp_seconds';
const PARTLY = 'Log Cache gave only a part of the metrics of the cell.';

async function only(series: readonly Series[]): Promise<CellStatus> {
  const { cells } = await statusOf({ series });
  expect(cells).to.have.length(1);
  return cells[0] ?? expect.fail('no cell');
}
const judged = (change: Partial<StandInCell>): Promise<CellStatus> =>
  only(seriesOf(cell(0, change)));

/** Makes the last samples of this metric so much older. */
const behind = (series: readonly Series[], seconds: number, metric: string) =>
  series.map((one) => (one.name === metric ? { ...one, age: one.age + seconds } : one));

const well = seriesOf(cell(0));
const lost = seriesOf(cell(0, { containers: containers(5, LOST) }));

const AGENT_STUCK =
  'Samples arrive, but the agent makes no passes: see the log of rollcall on the cell.';
const CELL_SILENT =
  'Check that the VM, its rollcall and its prom_scraper run, and that its clock is not behind.';

interface Verdict {
  readonly change: Partial<StandInCell>;
  readonly verdict: CellStatus['verdict'];
  /** Left out: not checked. */
  readonly why?: string;
}

const VERDICTS: Readonly<Record<string, Verdict>> = {
  'all tracked until three intervals of its agent are over': {
    change: { passAge: 45 },
    verdict: 'all-tracked',
  },
  'overdue when three intervals of its agent are over': {
    change: { passAge: 46 },
    verdict: 'overdue',
    why: `The last pass was 46s ago. ${AGENT_STUCK}`,
  },
  'all tracked until three intervals of an agent with longer ones are over': {
    change: { intervalSeconds: 60, passAge: 180 },
    verdict: 'all-tracked',
  },
  'overdue when three intervals of an agent with longer ones are over': {
    change: { intervalSeconds: 60, passAge: 181 },
    verdict: 'overdue',
  },
  'all tracked until three scrapes that come more rarely are over': {
    change: { scrapedEvery: 90, sampleAge: 80, passAge: 270 },
    verdict: 'all-tracked',
  },
  'overdue when three scrapes that come more rarely are over': {
    change: { scrapedEvery: 90, sampleAge: 80, passAge: 271 },
    verdict: 'overdue',
  },
  'all tracked for 45 s also where prom_scraper scrapes more often than the job sets': {
    change: { scrapedEvery: 5, intervalSeconds: 5, passAge: 45 },
    verdict: 'all-tracked',
  },
  'overdue after 45 s also where prom_scraper scrapes more often than the job sets': {
    change: { scrapedEvery: 5, intervalSeconds: 5, passAge: 46 },
    verdict: 'overdue',
  },
  'overdue because it is silent, not because its agent is stuck, where no sample arrives': {
    change: { sampleAge: 96, passAge: 100 },
    verdict: 'overdue',
    why: 'The last pass was 1m40s ago. Nothing has arrived for 1m36s. ' + CELL_SILENT,
  },
  'not yet gone within two minutes of silence': {
    change: { sampleAge: 119, passAge: 120 },
    verdict: 'overdue',
  },
  'gone after two minutes of silence': {
    change: { sampleAge: 200, passAge: 205 },
    verdict: 'gone',
    why:
      'Nothing has arrived for 3m20s. ' +
      'rep there still reports: check that rollcall and prom_scraper run.',
  },
  'gone with its rep': {
    change: { sampleAge: 305, passAge: 310, repSampleAge: null },
    verdict: 'gone',
    why:
      'Nothing has arrived for more than 5m, and no run on this machine saw a later sample. ' +
      'rep there is silent too: the VM is deleted or down, or its clock is behind.',
  },
  'unknown where it cannot compare everything': {
    change: PROCESSES_HIDDEN,
    verdict: 'unknown',
    why:
      'The agent cannot compare everything; ' +
      'sudo /var/vcap/jobs/rollcall/bin/rollcall status on the cell says why. ' +
      'The numbers are the last known ones.',
  },
};

describe('the verdict of a cell', () => {
  for (const [title, expected] of Object.entries(VERDICTS))
    it(`is ${title}`, async () => {
      const status = await judged(expected.change);
      expect(status.verdict).to.equal(expected.verdict);
      if (expected.why !== undefined) expect(status.why).to.equal(expected.why);
      expect(status.tracked, 'its last number').to.equal(20);
    });

  it('is gone for 15 minutes, and has the age of its last sample and the interval of its scrapes', async () => {
    const series = seriesOf(
      cell(0),
      cell(1, { sampleAge: 890, passAge: 895, repSampleAge: null }),
      cell(2, { sampleAge: 930, passAge: 935, repSampleAge: null }),
      cell(3, { scrapedEvery: 90 }),
    );
    const { cells } = await statusOf({ series });
    expect(cells.map((one) => `${one.verdict} ${one.sampleAgeSeconds}`)).to.deep.equal([
      'gone 890',
      'all-tracked 6',
      'all-tracked 6',
    ]);
    expect(cells.map((one) => one.scrapeIntervalSeconds)).to.have.members([15, 15, 90]);
  });

  it('is unknown before the first pass, and where Garden cannot be read', async () => {
    const first = well.map((one) => {
      if (one.name === LAST_PASS) return { ...one, value: '0' };
      return one.name === COULD_NOT_TELL ? { ...one, value: '1' } : one;
    });
    expect(await only(first)).to.include({ verdict: 'unknown', ageSeconds: null });
    expect((await only(first)).why).to.match(/^The agent has not reported a pass yet: /);
    const garden = await judged({
      report: {
        verdict: 'unknown',
        unknownCause: { kind: 'garden-unavailable', why: '' },
        garden: { state: 'unavailable', since: '', why: '' },
      },
    });
    expect(garden).to.include({ verdict: 'unknown', garden: 'down' });
    expect(garden.why).to.match(/^The agent cannot read Garden's list;/);
  });

  it('is unknown where a value is not a number', async () => {
    for (const value of ['NaN', '+Inf']) {
      const series = well.map((one) => (one.name === COULD_NOT_TELL ? { ...one, value } : one));
      expect(await only(series)).to.include({ verdict: 'unknown', why: PARTLY });
    }
  });

  it('ignores the series that an upgrade leaves behind', async () => {
    const before = seriesOf(
      cell(0, { version: '0.0.9', intervalSeconds: 300, sampleAge: 19, passAge: 19 }),
    );
    const leftOver = before.filter(({ name }) => name === 'rollcall_build_info');
    expect(await only([...leftOver, ...well])).to.include({
      version: '0.2.0',
      intervalSeconds: 15,
    });
  });

  it('counts no container twice when a tag that is added on the way has changed', async () => {
    const moved = lost.map((one) => ({ ...one, labels: { ...one.labels, product: 'another' } }));
    expect(await only([...lost, ...moved])).to.deep.include({
      untracked: 1,
      untrackedByReason: { 'unknown-to-garden': 1 },
    });
  });

  it('assumes an interval of 15 s where an agent does not report its own', async () => {
    const series = seriesOf(cell(0, { intervalSeconds: 60, passAge: 50 })).map((one) => {
      const { interval_seconds: _, ...labels } = one.labels;
      return { ...one, labels };
    });
    expect(await only(series)).to.include({ verdict: 'overdue', intervalSeconds: null });
  });
});

describe('a cell whose clock is ahead', () => {
  const aheadBy = (...seconds: readonly number[]) =>
    seriesOf(...seconds.map((one, number) => cell(number, { sampleAge: -one, passAge: -one })));
  const shown = async (series: readonly Series[]): Promise<readonly string[]> => {
    const { stdout } = await ranPlugin({ series });
    return stdout.split('\n');
  };

  it('has an age of 0s, and no note where it is less than 5 seconds ahead', async () => {
    const [titles = '', ...rows] = await shown(aheadBy(1, 3, 4.4));
    const age = titles.split(/ {3,}/).indexOf('age');
    for (const row of rows.slice(0, 3)) expect(row.split(/ {3,}/)[age]).to.equal('0s');
    expect(rows.join('\n')).not.to.match(/clock/);
  });

  it('is counted in a note where it is 5 seconds ahead or more', async () => {
    expect(await shown(aheadBy(5, 3))).to.include(
      "The clock of 1 cell is up to 5s ahead of the API's: check NTP there.",
    );
    expect(await shown(aheadBy(12, 3, 40))).to.include(
      "The clocks of 2 cells are up to 40s ahead of the API's: check NTP there.",
    );
    expect((await statusOf({ series: aheadBy(40) })).verdict).to.equal('all-tracked');
  });

  it('has an unknown age if it is more than a minute ahead', async () => {
    const lines = await shown(aheadBy(3600));
    expect(lines[1]?.split(/ {3,}/).at(-2)).to.equal('?');
    expect(lines.join('\n'))
      .to.contain("The clock of the cell is 1h ahead of the API's")
      .and.not.contain('-1h');
    expect(lines.join('\n')).not.to.contain('The clock of 1 cell');
  });
});

describe('a metric that was lost on the way', () => {
  for (const metric of [COULD_NOT_TELL, GARDEN_UP, CONTAINERS])
    it(`leaves the cell unknown from the third scrape on: ${metric}`, async () => {
      expect((await only(behind(well, 15, metric))).verdict).to.equal('all-tracked');
      expect((await only(behind(well, 30, metric))).verdict).to.not.equal('overdue');
      const later = await only(behind(well, 45, metric));
      expect(later).to.include({ verdict: 'unknown', why: PARTLY });
    });

  it('does not make a cell unknown if only one of its envelopes is missing', async () => {
    const series = seriesOf(...fleet(30)).map((one, index) =>
      index % 40 === 3 ? { ...one, age: one.age + 15 } : one,
    );
    expect((await statusOf({ series })).verdict).to.equal('all-tracked');
  });

  it('makes a cell unknown, not overdue, where its interval is only assumed and samples arrive', async () => {
    const withoutBuildInfo = (change: Partial<StandInCell>) =>
      only(seriesOf(cell(0, change)).filter(({ name }) => name !== 'rollcall_build_info'));
    const late = await withoutBuildInfo({ sampleAge: 6, passAge: 60 });
    expect(late).to.include({ verdict: 'unknown', why: PARTLY });
    const silent = await withoutBuildInfo({ sampleAge: 96, passAge: 100 });
    expect(silent.verdict).to.equal('overdue');
  });
});

describe('a finding', () => {
  it('ends with the scrape that lacks it, not before', async () => {
    const handles = async (series: readonly Series[]): Promise<readonly string[]> =>
      (await statusOf({ series })).untracked.map(({ handle }) => handle);
    expect(await handles(lost)).to.deep.equal([LOST.handle]);
    // The read of the findings did not have the last scrape yet.
    expect(await handles(behind(lost, 15, FINDING))).to.deep.equal([LOST.handle]);
    const over = [...well, ...lost.filter(({ name }) => name === FINDING)];
    expect(await handles(behind(over, 15, FINDING))).to.deep.equal([]);
  });

  it('makes its cell untracked, whatever the counts say', async () => {
    const series = [...well, ...lost.filter(({ name }) => name === FINDING)];
    expect(await only(series)).to.include({ verdict: 'untracked', untracked: 1 });
  });

  it('of a cell that is silent is still shown', async () => {
    const silent = cell(0, { containers: containers(5, LOST), sampleAge: 95, passAge: 100 });
    const { verdict, untracked, complete } = await statusOf({ series: seriesOf(silent) });
    expect({ verdict, complete }).to.deep.equal({ verdict: 'untracked', complete: false });
    expect(untracked.map(({ handle }) => handle)).to.deep.equal([LOST.handle]);
  });
});

describe('the sensors of a cell', () => {
  it('are in its JSON', async () => {
    const falco = { seen: 57, unseen: 3, expectedUnseen: 1, isSilent: true };
    const moreLines = sensorLines('falco', falco) + sensorLines('tracee', { isUp: false });
    const { sensors } = await judged({ moreLines });
    expect(sensors).to.deep.equal([
      { sensor: 'falco', up: true, silent: true, seen: 57, unseen: 3, expectedUnseen: 1 },
      {
        sensor: 'tracee',
        up: false,
        silent: false,
        seen: null,
        unseen: null,
        expectedUnseen: null,
      },
    ]);
    expect((await judged({})).sensors).to.deep.equal([]);
  });
});

describe('a recreated cell', () => {
  it('has one line, which is about the VM that reported last', async () => {
    const old = seriesOf(
      cell(0, { ip: '10.0.9.9', repSampleAge: null, sampleAge: 75, passAge: 80 }),
    );
    expect(await only([...old, ...well])).to.include({ ip: '10.0.4.10' });
  });
});

describe('the text of a duration', () => {
  it('has two units at most', () => {
    const times = [0, 0.4, 59.4, 59.6, 600, 3599, 3600, 7500, 86_400, 360_000, -3600];
    expect(times.map(durationText).join(' ')).to.equal(
      '0s 0s 59s 1m 10m 59m59s 1h 2h05m 1d 4d04h -1h',
    );
  });
});
