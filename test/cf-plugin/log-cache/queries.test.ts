import { expect } from 'chai';
import type { FoundationStatus } from '../../../src/cf-plugin/foundation/status.ts';
import type { Sample } from '../../../src/cf-plugin/log-cache/answer.ts';
import {
  CLOCK,
  QUERY_NAMES,
  samplesOf,
  spanOfLateScrapes,
} from '../../../src/cf-plugin/log-cache/queries.ts';
import { metricsText } from '../../../src/present/metrics.ts';
import { containers, LOST, report, state } from '../../present/agent-state-builder.ts';
import { cell, fleet, seriesOf, type StandInCell } from '../standin/fleet.ts';
import { ranPlugin } from '../standin/ran-plugin.ts';

const QUERIES = QUERY_NAMES.map((name) => samplesOf(name, 30));

describe('the queries to Log Cache', () => {
  it('ask for metrics that the agent has, under the source id that they have', () => {
    const exposed = metricsText(state({ report: report(containers(3, LOST)) }));
    for (const query of QUERIES) {
      const [, metric = '', source = ''] =
        /(rollcall_\w+)\{source_id="([\w-]+)"\}/.exec(query) ?? [];
      const line = exposed.split('\n').find((text) => text.startsWith(metric) && metric !== '');
      expect(line, query).to.be.a('string');
      // What has no source_id of its own gets that of the scrape configuration.
      const own = /source_id="([\w-]+)"/.exec(line ?? '')?.[1] ?? 'rollcall';
      expect(source, query).to.equal(own);
    }
  });

  it('have no matcher but source_id, because Log Cache reads every other as an equality', () => {
    for (const query of [CLOCK, ...QUERIES]) {
      const selectors = [...query.matchAll(/\{(.*?)\}/g)];
      expect(selectors).not.to.have.length(0);
      for (const [, matchers] of selectors) expect(matchers).to.match(/^source_id="[\w-]+"$/);
    }
  });
});

const NOW = 1_795_581_690;
const sample = (age: number, every: number | null = 15): Sample => ({
  labels: {},
  value: 1,
  at: NOW - age,
  every,
});
const spanFor = (...ages: readonly number[]) =>
  spanOfLateScrapes(
    ages.map((age) => sample(age)),
    NOW,
  );

const RANGE = /^(\w+)\{.*\[(\d+)s\]$/;

/** How far back each query reached, by its metric. */
async function spans(cells: readonly StandInCell[]): Promise<Readonly<Record<string, number>>> {
  const { standIn } = await ranPlugin({ series: cells.flatMap(seriesOf) });
  const found: Record<string, number> = {};
  for (const { searchParams } of standIn.requests) {
    const [, metric, seconds] = RANGE.exec(searchParams.get('query') ?? '') ?? [];
    if (metric !== undefined) found[metric] = Number(seconds);
  }
  return found;
}

describe('how far back the plugin asks', () => {
  it('is a minute, unless a cell does not have two scrapes in it', () => {
    expect(spanFor()).to.equal(null);
    expect(spanFor(0, 14, 31, 40)).to.equal(null);
    expect(spanOfLateScrapes([sample(3, null)], NOW)).to.equal(null);
    expect(spanOfLateScrapes([sample(50, null)], NOW)).to.not.equal(null);
  });

  it('has the last two scrapes of each cell that is late', () => {
    expect(spanFor(3, 100)).to.deep.equal({ until: NOW - 95, seconds: 25 });
    expect(spanFor(3, 100, 120)).to.deep.equal({ until: NOW - 95, seconds: 45 });
    expect(spanFor(3, 50, 280)).to.deep.equal({ until: NOW - 45, seconds: 300 });
    // Scraped once a minute: never two in the first one.
    expect(spanOfLateScrapes([sample(2, 60)], NOW)).to.deep.equal({ until: NOW, seconds: 120 });
  });

  it('loses no cell where an envelope of its last scrape is lost', async () => {
    const lost = (metric: string) =>
      fleet(3)
        .flatMap(seriesOf)
        .map((one) => (one.name === metric ? { ...one, age: one.age + 15 } : one));
    for (const metric of ['rollcall_could_not_tell', 'rollcall_garden_up', 'rollcall_containers']) {
      expect((await ranPlugin({ series: lost(metric) })).code, metric).to.equal(0);
    }
  });

  it('is whole minutes above one, because Log Cache does not read what its proxy makes of 75s', async () => {
    for (let age = 41; age <= 300; age += 1) {
      const { seconds } = spanFor(45, age) ?? { seconds: 0 };
      expect(seconds).to.be.at.least(Math.min(300, age - 45 + 15));
      if (seconds > 60) expect(seconds % 60, String(age)).to.equal(0);
    }
    const series = [...fleet(3), cell(3, { scraped: 70, reconciled: 75 })].flatMap(seriesOf);
    const { stdout } = await ranPlugin({ series }, ['--output', 'json']);
    expect(stdout).to.contain('"byVerdict"').and.not.contain('bad duration');
  });

  it('does not grow for a cell that is gone, nor for one that is ahead', () => {
    expect(spanFor(3, 301, 899)).to.equal(null);
    expect(spanFor(-20, 3)).to.equal(null);
  });

  it('is short for all metrics but two, because Log Cache reads all envelopes in it', async () => {
    const healthy = await spans(fleet(3));
    expect(healthy).to.include({ rollcall_last_reconcile_timestamp_seconds: 900 });
    expect(healthy).to.include({ rollcall_untracked_since_timestamp_seconds: 300 });
    expect(Object.values(healthy).toSorted((a, b) => a - b)).to.deep.equal([
      60, 60, 60, 60, 60, 60, 60, 300, 900,
    ]);
  });

  it('goes on showing the last numbers of a silent cell, asked for where they are', async () => {
    const series = [...fleet(3), cell(3, { scraped: 120, reconciled: 123 })].flatMap(seriesOf);
    const { stdout, standIn } = await ranPlugin({ series }, ['--output', 'json']);
    const { cells } = JSON.parse(stdout) as FoundationStatus;
    expect(cells[0]).to.include({ verdict: 'stale', listed: 20, tracked: 20 });
    const late = standIn.requests.filter(({ searchParams }) => searchParams.has('time'));
    expect(late).to.have.length(7);
    for (const { searchParams } of late) {
      // The stand-in's clock stands at 1772446905.
      expect(searchParams.get('time')).to.equal('1772446790');
      expect(searchParams.get('query')).to.contain('[25s]');
    }
  });

  it('calls nothing fresh by the newest sample when the time of Log Cache is not known', async () => {
    // The last passes ended 58 seconds ago, beyond the limit of 45, and the newest sample is as
    // old.
    const { code, stdout } = await ranPlugin(
      {
        series: fleet(3, { scraped: 55, reconciled: 58 }).flatMap(seriesOf),
        fault: ({ search }) => (search.includes('clock') ? { kind: 'reset' } : null),
      },
      ['--output', 'json'],
    );
    expect(code).to.equal(1);
    const { verdict, complete, notes } = JSON.parse(stdout) as FoundationStatus;
    expect({ verdict, complete }).to.deep.equal({ verdict: 'unknown', complete: false });
    expect(notes[0]).to.match(
      /^The time of Log Cache is not known: it cannot be reached \(ECONNRESET\)\./,
    );
  });

  it('takes two hundred thousand series as well as a few', () => {
    const many = Array.from({ length: 200_000 }, (_, number) => ({
      labels: { index: `${number}` },
      value: 1,
      at: 100 + (number % 7),
      every: 15,
    }));
    expect(spanOfLateScrapes(many, 200)).to.deep.equal(spanOfLateScrapes(many.slice(0, 7), 200));
  });
});
