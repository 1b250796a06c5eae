import { expect } from 'chai';
import { foundationStatus } from '../../../src/cf-plugin/foundation/foundation-status.ts';
import type { FoundationStatus } from '../../../src/cf-plugin/foundation/status.ts';
import { containers, LOST } from '../../present/agent-state-builder.ts';
import { cell, seriesOf } from '../standin/fleet.ts';
import type { Series } from '../standin/log-cache.ts';
import { question, readingsOf } from './readings.ts';

const COULD_NOT_TELL = 'rollcall_could_not_tell';
const CONTAINERS = 'rollcall_containers';
const UNTRACKED = 'rollcall_untracked';
const GARDEN_UP = 'rollcall_garden_up';
const LISTED = 'rollcall_garden_listed';
const LAST_PASS = 'rollcall_last_reconcile_timestamp_seconds';
const FINDING = 'rollcall_untracked_since_timestamp_seconds';
const OMITTED = 'rollcall_untracked_omitted';
const PARTLY = 'Log Cache gave only a part of its metrics.';

const status = (series: readonly Series[]): FoundationStatus =>
  foundationStatus(readingsOf(series), question());
const only = (series: readonly Series[]) => {
  const [first] = status(series).cells;
  if (first === undefined) throw new Error('no cell');
  return first;
};

/** Makes the last samples of these metrics so much older. */
const behind = (series: readonly Series[], seconds: number, ...metrics: readonly string[]) =>
  series.map((one) => (metrics.includes(one.name) ? { ...one, age: one.age + seconds } : one));

const well = seriesOf(cell(0));
const lost = seriesOf(cell(0, { containers: containers(5, LOST) }));

describe('what a cell has reported only earlier', () => {
  it('is not current because its last pass is: a second round brings values of minutes ago', () => {
    const outdated = status(behind(well, 250, COULD_NOT_TELL, CONTAINERS, UNTRACKED));
    expect(outdated).to.include({ verdict: 'unknown', complete: false });
    expect(outdated.cells[0]).to.include({
      verdict: 'unknown',
      why: PARTLY,
      couldNotTell: null,
      tracked: null,
      untracked: null,
    });
  });

  for (const metrics of [[COULD_NOT_TELL], [GARDEN_UP], [CONTAINERS, UNTRACKED]]) {
    it(`leaves the cell unknown from the third scrape on: ${metrics.join(' and ')}`, () => {
      // One scrape behind for a lost envelope, one more where a scrape arrived between two queries.
      expect(only(behind(well, 30, ...metrics)).verdict).to.equal('all-tracked');
      expect(only(behind(well, 37, ...metrics)).verdict).to.equal('all-tracked');
      expect(only(behind(well, 38, ...metrics))).to.include({ verdict: 'unknown', why: PARTLY });
    });
  }

  it('is counted in scrapes as long as those of its instance group', () => {
    const slow = seriesOf(cell(0, { scrapedEvery: 60, scraped: 5 }));
    expect(only(behind(slow, 150, COULD_NOT_TELL)).verdict).to.equal('all-tracked');
    expect(only(behind(slow, 151, COULD_NOT_TELL)).verdict).to.equal('unknown');
  });

  it('does not matter where a current metric says the same', () => {
    expect(only(behind(well, 100, UNTRACKED))).to.include({ verdict: 'all-tracked', untracked: 0 });
    const { cells, why } = status(behind(well, 100, CONTAINERS));
    expect(cells[0]).to.include({ verdict: 'all-tracked', untracked: 0, tracked: null });
    expect(why).to.match(/none is untracked/);
    // Only a sum depends on it.
    expect(status(behind(well, 100, LISTED)).why).to.match(/No container is untracked\.$/);
    // What is over is not brought back by the older of two.
    const over = [
      ...well.filter(({ name }) => name !== CONTAINERS),
      ...behind(lost, 100, CONTAINERS).filter(({ name }) => name === CONTAINERS),
    ];
    expect(only(over)).to.include({ verdict: 'all-tracked', untracked: 0 });
  });

  it('is not known of a severity that is missing', () => {
    const critical = ({ name, labels }: Series): boolean =>
      name === UNTRACKED && labels['reason'] === 'no-cgroup' && labels['severity'] === 'critical';
    const series = well.filter((one) => one.name !== CONTAINERS && !critical(one));
    expect(only(series)).to.include({ verdict: 'unknown', untracked: null });
  });

  it('stays shown where it was untracked', () => {
    const named = status(behind(lost, 100, COULD_NOT_TELL, CONTAINERS, UNTRACKED));
    expect(named.verdict).to.equal('untracked');
    expect(named.untracked.map(({ handle }) => handle)).to.deep.equal([LOST.handle]);
    const unnamed = status(
      behind(lost, 100, CONTAINERS, UNTRACKED).filter(({ name }) => name !== FINDING),
    );
    expect(unnamed).to.include({ verdict: 'untracked', complete: false });
    expect(unnamed.cells[0]).to.deep.include({
      verdict: 'unknown',
      untracked: 1,
      untrackedByReason: { 'unknown-to-garden': 1 },
    });
  });

  it('takes no name from a finding when the omitted count is outdated', () => {
    // A scrape arrived between the queries for the findings and for their number.
    const series = behind(lost, 15, FINDING).map((one) =>
      one.name === OMITTED ? { ...one, value: '1', age: one.age + 100 } : one,
    );
    expect(status(series).untracked.map(({ handle }) => handle)).to.deep.equal([LOST.handle]);
    expect(only(series).untrackedOmitted).to.equal(null);
  });

  it('is no sign of a stuck agent where it is the time of the last pass', () => {
    expect(only(behind(well, 100, LAST_PASS))).to.include({ verdict: 'unknown', why: PARTLY });
  });

  it('is the last that is known of a cell that has fallen silent as a whole', () => {
    const silent = seriesOf(cell(0, { scraped: 200, reconciled: 203 }));
    expect(only(behind(silent, 15, COULD_NOT_TELL, CONTAINERS))).to.include({
      verdict: 'stale',
      tracked: 20,
      couldNotTell: false,
    });
  });
});

describe('a cell that says that Garden is down', () => {
  const away = seriesOf(
    cell(0, {
      report: {
        unknownCause: { kind: 'garden-unavailable', why: '' },
        garden: { state: 'unavailable', since: '', why: '' },
      },
    }),
  );
  const isOf = (metric: string) => (one: Series) => one.name === metric;

  it('could not tell, although its other samples are of the scrape before', () => {
    const before = well.filter(isOf(COULD_NOT_TELL)).map((one) => ({ ...one, age: one.age + 15 }));
    for (const other of [before, []]) {
      const series = [...away.filter(({ name }) => name !== COULD_NOT_TELL), ...other];
      const { verdict, why, garden } = only(series);
      expect({ verdict, garden }).to.deep.equal({ verdict: 'unknown', garden: 'down' });
      expect(why).to.match(/^It cannot read Garden's list; rollcall status on the cell says why\./);
    }
  });

  it('counts by its newest sample, and by the worse of two as new', () => {
    const up = well.filter(isOf(GARDEN_UP)).map((one) => ({
      ...one,
      // A label that the plugin ignores makes it a series of its own.
      labels: { ...one.labels, product: 'another' },
    }));
    const older = (series: readonly Series[]) => series.map((one) => ({ ...one, age: 21 }));
    const down = away.filter(isOf(GARDEN_UP));
    const rest = well.filter(({ name }) => name !== GARDEN_UP);
    expect(only([...rest, ...older(down), ...up]).garden).to.equal('up');
    expect(only([...rest, ...up, ...older(down)]).garden).to.equal('up');
    expect(only([...rest, ...down, ...older(up)]).garden).to.equal('down');
    expect(only([...rest, ...up, ...down]).garden).to.equal('down');
    expect(only([...rest, ...down, ...up]).garden).to.equal('down');
  });

  it('has not made a pass yet where the time of its last one is 0, which says nothing of Garden', () => {
    const first = away.map((one) => (one.name === LAST_PASS ? { ...one, value: '0' } : one));
    expect(only(first)).to.include({
      verdict: 'unknown',
      garden: 'down',
      why: 'It has not told the time of a pass: it may have just started, or none can be made; rollcall status on the cell says why.',
    });
  });
});
