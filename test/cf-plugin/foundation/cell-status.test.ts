import { expect } from 'chai';
import type { CellStatus } from '../../../src/cf-plugin/foundation/cell-status.ts';
import { durationText } from '../../../src/terminal/duration-text.ts';
import { containers, LOST, UNOWNED } from '../../present/agent-state-builder.ts';
import { cell, fleet, seriesOf, type StandInCell } from '../standin/fleet.ts';
import type { Series } from '../standin/log-cache.ts';
import { statusOf } from '../standin/ran-plugin.ts';

const COULD_NOT_TELL = 'rollcall_could_not_tell';
const CONTAINERS = 'rollcall_containers';
const GARDEN_UP = 'rollcall_garden_up';
const LAST_PASS = 'rollcall_last_reconcile_timestamp_seconds';
const FINDING = 'rollcall_untracked_since_timestamp_seconds';
const PARTLY = 'Log Cache gave only a part of its metrics.';

async function only(series: readonly Series[]): Promise<CellStatus> {
  const { cells } = await statusOf({ series });
  expect(cells).to.have.length(1);
  return cells[0] ?? expect.fail('no cell');
}
const judged = (change: Partial<StandInCell>): Promise<CellStatus> =>
  only(seriesOf(cell(0, change)));

/** Makes the last samples of these metrics so much older. */
const behind = (series: readonly Series[], seconds: number, ...metrics: readonly string[]) =>
  series.map((one) => (metrics.includes(one.name) ? { ...one, age: one.age + seconds } : one));

const well = seriesOf(cell(0));
const lost = seriesOf(cell(0, { containers: containers(5, LOST) }));

describe('the verdict of a cell', () => {
  it('is stale after three intervals of the agent or of the scrapes, whichever is longer', async () => {
    expect((await judged({ reconciled: 45 })).verdict).to.equal('all-tracked');
    expect((await judged({ reconciled: 46 })).verdict).to.equal('stale');
    const slow = { intervalSeconds: 60 };
    expect((await judged({ ...slow, reconciled: 180 })).verdict).to.equal('all-tracked');
    expect((await judged({ ...slow, reconciled: 181 })).verdict).to.equal('stale');
    const scraped = { scrapedEvery: 90, scraped: 80 };
    expect(await judged({ ...scraped, reconciled: 270 })).to.include({
      verdict: 'all-tracked',
      scrapeIntervalSeconds: 90,
    });
    expect((await judged({ ...scraped, reconciled: 271 })).verdict).to.equal('stale');
  });

  it('is not stale sooner where prom_scraper asks more often than the job sets', async () => {
    const often = { scrapedEvery: 5, intervalSeconds: 5 };
    expect((await judged({ ...often, reconciled: 45 })).verdict).to.equal('all-tracked');
    expect((await judged({ ...often, reconciled: 46 })).verdict).to.equal('stale');
  });

  it('says whether the cell is silent or its agent stuck', async () => {
    expect((await judged({ reconciled: 100, scraped: 96 })).why).to.equal(
      'Its last pass was 1m40s ago. It is silent: nothing has arrived for 1m36s. Check that the VM, its rollcall and its prom_scraper run, and that its clock is not behind.',
    );
    expect((await judged({ reconciled: 100, scraped: 4 })).why).to.equal(
      'Its last pass was 1m40s ago. Its samples arrive, but the agent makes no passes: see the log of rollcall on the cell.',
    );
  });

  it('is gone after two minutes of silence, with its last numbers, for 15 minutes', async () => {
    expect((await judged({ reconciled: 120, scraped: 119 })).verdict).to.equal('stale');
    const dead = { reconciled: 310, scraped: 305 };
    expect(await judged({ ...dead, repSent: null })).to.include({
      verdict: 'gone',
      tracked: 20,
      why: 'Nothing has arrived for more than 5m. Its rep is silent too: the VM is deleted or down, or its clock is behind.',
    });
    expect(await judged({ reconciled: 205, scraped: 200 })).to.include({
      verdict: 'gone',
      tracked: 20,
      sampleAgeSeconds: 200,
      why: 'Nothing has arrived for 3m20s. Its rep still reports: check that its rollcall and prom_scraper run.',
    });
    const { cells } = await statusOf({
      series: [
        ...fleet(1).flatMap(seriesOf),
        ...seriesOf(cell(1, { scraped: 890, reconciled: 895, repSent: null })),
        ...seriesOf(cell(2, { scraped: 930, reconciled: 935, repSent: null })),
      ],
    });
    expect(cells.map(({ verdict }) => verdict)).to.deep.equal(['gone', 'all-tracked']);
  });

  it('is not known before the first pass, and while the cell cannot compare', async () => {
    const first = well.map((one) => {
      if (one.name === LAST_PASS) return { ...one, value: '0' };
      return one.name === COULD_NOT_TELL ? { ...one, value: '1' } : one;
    });
    expect(await only(first)).to.include({ verdict: 'unknown', ageSeconds: null });
    expect((await only(first)).why).to.match(/^It has not reported a pass yet: /);
    const { why } = await judged({
      report: { verdict: 'unknown', unknownCause: { kind: 'no-anchor', gdns: 'none' } },
    });
    expect(why).to.match(/^It cannot compare everything; rollcall status on the cell says why\./);
    const away = { state: 'unavailable', since: '', why: '' } as const;
    const garden = await judged({
      report: {
        verdict: 'unknown',
        unknownCause: { kind: 'garden-unavailable', why: '' },
        garden: away,
      },
    });
    expect(garden).to.include({ verdict: 'unknown', garden: 'down' });
    expect(garden.why).to.match(/^It cannot read Garden's list;/);
  });

  it('is not known of a number that is none', async () => {
    for (const value of ['NaN', '+Inf']) {
      const series = well.map((one) => (one.name === COULD_NOT_TELL ? { ...one, value } : one));
      expect(await only(series)).to.include({ verdict: 'unknown', why: PARTLY });
    }
  });

  it('is not misled by the series that an upgrade leaves behind', async () => {
    const before = seriesOf(cell(0, { version: '0.0.9', intervalSeconds: 300, scraped: 19 }));
    const leftOver = before.filter(({ name }) => name === 'rollcall_build_info');
    expect(await only([...leftOver, ...well])).to.include({
      version: '0.1.0',
      intervalSeconds: 15,
    });
  });

  it('counts no container twice when a tag of the way here has changed', async () => {
    const moved = lost.map((one) => ({ ...one, labels: { ...one.labels, product: 'another' } }));
    expect(await only([...lost, ...moved])).to.deep.include({
      untracked: 1,
      untrackedByReason: { 'unknown-to-garden': 1 },
    });
  });

  it('takes 15 s for the interval of an agent that does not tell it', async () => {
    const series = seriesOf(cell(0, { reconciled: 50, intervalSeconds: 60 })).map((one) => {
      const { interval_seconds: _, ...labels } = one.labels;
      return { ...one, labels };
    });
    expect(await only(series)).to.include({ verdict: 'stale', intervalSeconds: null });
  });
});

describe('a metric that was lost on the way', () => {
  for (const metrics of [[COULD_NOT_TELL], [GARDEN_UP], [CONTAINERS]]) {
    it(`leaves the cell unknown from the third scrape on: ${metrics.join(' and ')}`, async () => {
      expect((await only(behind(well, 15, ...metrics))).verdict).to.equal('all-tracked');
      expect((await only(behind(well, 30, ...metrics))).verdict).to.not.equal('stale');
      expect(await only(behind(well, 45, ...metrics))).to.include({
        verdict: 'unknown',
        why: PARTLY,
      });
    });
  }

  it('does not make a cell unknown if only one of its envelopes is missing', async () => {
    const series = fleet(30)
      .flatMap(seriesOf)
      .map((one, index) => (index % 40 === 3 ? { ...one, age: one.age + 15 } : one));
    expect((await statusOf({ series })).verdict).to.equal('all-tracked');
  });

  it('is not known of a cell whose interval is only guessed', async () => {
    const ofWhole = (change: Partial<StandInCell>) =>
      only(
        seriesOf(cell(0, { intervalSeconds: 60, ...change })).filter(
          ({ name }) => name !== 'rollcall_build_info',
        ),
      );
    expect(await ofWhole({ reconciled: 60 })).to.include({ verdict: 'unknown', why: PARTLY });
    expect((await ofWhole({ reconciled: 100, scraped: 96 })).verdict).to.equal('stale');
  });
});

describe('a finding', () => {
  it('ends with the scrape that lacks it, and not before', async () => {
    const handles = async (series: readonly Series[]): Promise<readonly string[]> =>
      (await statusOf({ series })).untracked.map(({ handle }) => handle);
    expect(await handles(lost)).to.deep.equal([LOST.handle]);
    // The read of the findings did not have the last scrape yet.
    expect(await handles(behind(lost, 15, FINDING))).to.deep.equal([LOST.handle]);
    const over = [...well, ...lost.filter(({ name }) => name === FINDING)];
    expect(await handles(behind(over, 15, FINDING))).to.deep.equal([]);
  });

  it('is untracked, whatever the counts say', async () => {
    const series = [...well, ...lost.filter(({ name }) => name === FINDING)];
    expect(await only(series)).to.include({ verdict: 'untracked', untracked: 1 });
  });

  it('is not counted where somebody has acknowledged it, and comes after the others', async () => {
    const acknowledged = lost
      .filter(({ name }) => name === FINDING)
      .map((one) => ({ ...one, labels: { ...one.labels, acknowledged: 'true' } }));
    const quiet = await statusOf({ series: [...well, ...acknowledged] });
    expect(quiet.verdict).to.equal('all-tracked');
    expect(quiet.untracked.map((one) => one.acknowledged)).to.deep.equal([true]);
    const open = seriesOf(cell(0, { containers: containers(5, UNOWNED) }));
    const { untracked, cells } = await statusOf({ series: [...open, ...acknowledged] });
    expect(untracked.map(({ handle }) => handle)).to.deep.equal([UNOWNED.handle, LOST.handle]);
    expect(cells[0]).to.include({ untracked: 1, untrackedOmitted: 0 });
  });

  it('of a cell that is silent is still shown', async () => {
    const silent = seriesOf(
      cell(0, { containers: containers(5, LOST), reconciled: 100, scraped: 95 }),
    );
    const { verdict, untracked, complete } = await statusOf({ series: silent });
    expect({ verdict, complete }).to.deep.equal({ verdict: 'untracked', complete: false });
    expect(untracked.map(({ handle }) => handle)).to.deep.equal([LOST.handle]);
  });
});

describe('the sensors and acknowledgements of a cell', () => {
  const more = `rollcall_acknowledged 2
rollcall_sensor_up{sensor="falco"} 1
rollcall_sensor_up{sensor="tracee"} 0
rollcall_sensor_silent{sensor="falco"} 1
rollcall_sensor_containers{sensor="falco",state="seen"} 57
rollcall_sensor_containers{sensor="falco",state="unseen"} 3
rollcall_sensor_containers{sensor="falco",state="expected_unseen"} 1
`;
  it('are in its JSON', async () => {
    const { acknowledged, sensors } = await judged({ more });
    expect(acknowledged).to.equal(2);
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
  it('has one line, of the VM that it was heard from last', async () => {
    const old = cell(0, { ip: '10.0.9.9', repSent: null, reconciled: 80, scraped: 75 });
    expect(await only([...seriesOf(old), ...well])).to.include({ ip: '10.0.4.10' });
  });
});

describe('durationText', () => {
  it('has two units at most', () => {
    const times = [0, 0.4, 59.4, 59.6, 600, 3599, 3600, 7500, 86_400, 360_000, -3600];
    expect(times.map(durationText).join(' ')).to.equal(
      '0s 0s 59s 1m 10m 59m59s 1h 2h05m 1d 4d04h -1h',
    );
  });
});
