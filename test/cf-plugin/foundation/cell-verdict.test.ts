import { expect } from 'chai';
import { staleAfterSeconds } from '../../../src/cf-plugin/foundation/cell-verdict.ts';
import { foundationStatus } from '../../../src/cf-plugin/foundation/foundation-status.ts';
import { durationText, type CellStatus } from '../../../src/cf-plugin/foundation/status.ts';
import { containers, LOST } from '../../present/agent-state-builder.ts';
import { cell, seriesOf, type StandInCell } from '../standin/fleet.ts';
import type { Series } from '../standin/log-cache.ts';
import { question, readingsOf } from './readings.ts';

const cellsOf = (series: readonly Series[]): readonly CellStatus[] =>
  foundationStatus(readingsOf(series), question()).cells;

function judged(change: Partial<StandInCell>): Pick<CellStatus, 'verdict' | 'why'> {
  const [only] = cellsOf(seriesOf(cell(0, change)));
  if (only === undefined) throw new Error('no cell');
  return only;
}

describe('the verdict of a cell', () => {
  it('is never stale while a scrape comes each 15 seconds, whatever the interval', () => {
    for (const intervalSeconds of [1, 5, 15, 16, 60, 300]) {
      for (let scraped = 0; scraped <= 15; scraped += 1) {
        // Just before it was scraped, an interval had passed since the last pass, which took five
        // seconds.
        const reconciled = scraped + intervalSeconds + 5;
        const { verdict } = judged({ intervalSeconds, scraped, reconciled });
        expect(verdict, `${intervalSeconds}s, ${scraped}s`).to.equal('all-tracked');
      }
    }
  });

  it('is not stale where the operator lets prom_scraper ask once a minute', () => {
    const slow = { scrapedEvery: 60, scraped: 60, reconciled: 80 };
    expect(judged(slow).verdict).to.equal('all-tracked');
    expect(judged({ ...slow, scraped: 170, reconciled: 181 }).verdict).to.equal('stale');
    // One that was away for a while has gaps; the others of its group tell how often they are
    // asked.
    const group = [cell(1), cell(2), cell(3, { scrapedEvery: 200, scraped: 50, reconciled: 55 })];
    const [worst] = cellsOf(group.flatMap(seriesOf));
    expect(worst).to.include({ verdict: 'stale', scrapeIntervalSeconds: 15 });
  });

  it('is stale after three intervals, of the reconcile or of the scrape, whichever is longer', () => {
    const limit = (intervalSeconds: number, scrapeIntervalSeconds: number): number =>
      staleAfterSeconds({ intervalSeconds, scrapeIntervalSeconds });
    expect([limit(5, 15), limit(15, 15), limit(60, 15), limit(15, 90)]).to.deep.equal([
      45, 45, 180, 270,
    ]);
    expect(judged({ reconciled: 45 }).verdict).to.equal('all-tracked');
    expect(judged({ reconciled: 46 }).verdict).to.equal('stale');
    expect(judged({ reconciled: 180, intervalSeconds: 60 }).verdict).to.equal('all-tracked');
    expect(judged({ reconciled: 181, intervalSeconds: 60 }).verdict).to.equal('stale');
  });

  it('counts no container twice when a tag of the way here has changed', () => {
    const lost = seriesOf(cell(0, { containers: containers(3, LOST) }));
    const moved = lost.map((one) => ({
      ...one,
      labels: { ...one.labels, placement_tag: 'another' },
    }));
    const [only] = cellsOf([...lost, ...moved]);
    expect(only).to.deep.include({ untracked: 1, untrackedByReason: { 'unknown-to-garden': 1 } });
  });

  it('says whether the cell is silent or its agent stuck', () => {
    expect(judged({ reconciled: 100, scraped: 96 }).why).to.equal(
      'Its last pass was 1m40s ago. It is silent: nothing has come for 1m36s. Look whether the VM, its rollcall and its prom_scraper run, and whether its clock is behind.',
    );
    // Two scrapes have not come, and the limit of 45 s has just passed: that is no sign of a stuck
    // agent.
    expect(judged({ reconciled: 46, scraped: 32 }).why).to.match(
      /It is silent: nothing has come for 32s/,
    );
    expect(judged({ reconciled: 100, scraped: 15 }).why).to.match(/Its samples arrive/);
    expect(judged({ reconciled: 100, scraped: 4 }).why).to.equal(
      'Its last pass was 1m40s ago. Its samples arrive, but the agent does not look any more: look at the log of rollcall on the cell.',
    );
  });

  it('is gone when only the past knows it', () => {
    expect(judged({ reconciled: 299, scraped: 298 }).verdict).to.equal('stale');
    expect(judged({ reconciled: 310, scraped: 305 }).verdict).to.equal('gone');
    expect(cellsOf(seriesOf(cell(0, { reconciled: 1000, scraped: 999 })))).to.deep.equal([]);
  });

  it('takes 15 s for the interval of an agent that does not tell it', () => {
    const series = seriesOf(cell(0, { reconciled: 50, intervalSeconds: 60 })).map((one) => {
      const { interval_seconds: _, ...labels } = one.labels;
      return { ...one, labels };
    });
    expect(cellsOf(series)[0]).to.include({ verdict: 'stale', intervalSeconds: null });
  });

  it('is not stale by an interval that is only guessed, where the build was lost on the way', () => {
    const ofWhole = (change: Partial<StandInCell>) =>
      cellsOf(
        seriesOf(cell(0, { intervalSeconds: 60, ...change })).filter(
          ({ name }) => name !== 'rollcall_build_info',
        ),
      )[0];
    expect(ofWhole({ reconciled: 60 })).to.include({
      verdict: 'unknown',
      why: 'Log Cache gave only a part of its metrics.',
    });
    expect(ofWhole({ reconciled: 100, scraped: 96 })?.verdict).to.equal('stale');
  });

  it('is not known before the first pass, and while the cell cannot compare', () => {
    const first = seriesOf(cell(0)).map((one) =>
      one.name === 'rollcall_last_reconcile_timestamp_seconds' ? { ...one, value: '0' } : one,
    );
    expect(cellsOf(first)[0]).to.include({ verdict: 'unknown', ageSeconds: null });
    const garden = judged({
      report: {
        unknownCause: { kind: 'garden-unavailable', why: '' },
        garden: { state: 'unavailable', since: '', why: '' },
      },
    });
    expect(garden.verdict).to.equal('unknown');
    expect(garden.why).to.match(/^It cannot read Garden's list;/);
  });

  it('is known of a cell whose clock is a minute ahead, and not of one that is further', () => {
    expect(judged({ reconciled: -60 }).verdict).to.equal('all-tracked');
    expect(judged({ reconciled: -61 })).to.include({
      verdict: 'unknown',
      why: 'Its clock is 1m01s ahead, so the age of its data is not known.',
    });
  });

  it('is not stale sooner where prom_scraper asks more often than the job sets', () => {
    const often = { scrapedEvery: 5, intervalSeconds: 5 };
    const [only] = cellsOf(seriesOf(cell(0, { ...often, reconciled: 45 })));
    expect(only).to.include({ verdict: 'all-tracked', scrapeIntervalSeconds: 15 });
    expect(judged({ ...often, reconciled: 46 }).verdict).to.equal('stale');
  });

  it('is not misled by the series that an upgrade leaves behind', () => {
    const before = seriesOf(cell(0, { version: '0.0.9', intervalSeconds: 300, scraped: 120 }));
    const after = seriesOf(cell(0, { version: '0.1.0' }));
    const leftOver = before.filter(({ name }) => name === 'rollcall_build_info');
    for (const series of [
      [...leftOver, ...after],
      [...after, ...leftOver],
    ]) {
      expect(cellsOf(series)).to.have.length(1);
      expect(cellsOf(series)[0]).to.include({ version: '0.1.0', intervalSeconds: 15 });
    }
  });

  it('is not known of a number that is none', () => {
    for (const value of ['NaN', '+Inf']) {
      const series = seriesOf(cell(0)).map((one) =>
        one.name === 'rollcall_could_not_tell' ? { ...one, value } : one,
      );
      expect(cellsOf(series)[0]?.verdict).to.equal('unknown');
    }
  });
});

describe('durationText', () => {
  it('has two units at most', () => {
    const times = [0, 0.4, 59.4, 59.6, 600, 3599, 3600, 7500, 86_400, 360_000, -3600];
    expect(times.map(durationText)).to.deep.equal([
      '0s',
      '0s',
      '59s',
      '1m',
      '10m',
      '59m59s',
      '1h',
      '2h05m',
      '1d',
      '4d04h',
      '-1h',
    ]);
  });
});
