import { expect } from 'chai';
import type { FoundationStatus } from '../../../src/cf-plugin/foundation/status.ts';
import { METRICS, QUERY_NAMES, type QueryName } from '../../../src/cf-plugin/log-cache/queries.ts';
import { containers, LOST } from '../../present/agent-state-builder.ts';
import { cell, fleet, seriesOf } from '../standin/fleet.ts';
import type { StandInOptions } from '../standin/foundation.ts';
import type { Series } from '../standin/log-cache.ts';
import { ranPlugin } from '../standin/ran-plugin.ts';

const SERIES = fleet(3).flatMap(seriesOf);

async function ran(
  foundation: StandInOptions,
): Promise<{ readonly code: number; readonly status: FoundationStatus }> {
  const { code, stdout } = await ranPlugin(foundation, ['--output', 'json']);
  return { code, status: JSON.parse(stdout) as FoundationStatus };
}

const withoutAnswer = (...names: readonly QueryName[]): StandInOptions => ({
  series: SERIES,
  fault: ({ searchParams }) =>
    names.some((name) => (searchParams.get('query') ?? '').startsWith(`${METRICS[name][0]}{`))
      ? { kind: 'answer', status: 500, body: 'context deadline exceeded' }
      : null,
});

describe('cf rollcall-status with a part of the data', () => {
  for (const name of QUERY_NAMES) {
    it(`is never content without an answer for ${name}`, async () => {
      const { code, status } = await ran(withoutAnswer(name));
      expect(code).to.equal(1);
      expect(status.verdict).to.equal('unknown');
      expect(status.summary.cells).to.equal(3);
      expect(status.notes[0]).to.equal(
        `Only a part of the data: Log Cache answers 500: context deadline exceeded for 1 of 9 queries (${name}). Try again.`,
      );
    });
  }

  it('shows what is untracked however much is missing', async () => {
    const series = [...SERIES, ...seriesOf(cell(7, { containers: containers(5, LOST) }))];
    const { status } = await ran({ ...withoutAnswer('containers', 'lastLook', 'build'), series });
    expect(status.verdict).to.equal('untracked');
    expect(status.complete).to.equal(false);
    expect(status.untracked.map(({ handle }) => handle)).to.deep.equal([LOST.handle]);
  });

  it('calls no cell gone that is missing in one answer only, as 1 of 250 was in a loaded Log Cache', async () => {
    const missing = (metric: string): readonly Series[] =>
      SERIES.filter(({ name, labels }) => name !== metric || labels['ip'] !== '10.0.4.11');
    const metrics = new Set(SERIES.map(({ name }) => name));
    expect(metrics.size).to.be.greaterThan(8);
    for (const metric of metrics) {
      const { status } = await ran({ series: missing(metric) });
      expect(status.summary.byVerdict.gone, metric).to.equal(0);
      expect(status.summary.cells, metric).to.equal(3);
    }
    // Two metrics have it: by status and by reason.
    expect((await ran({ series: missing('rollcall_containers') })).code).to.equal(0);
    expect((await ran({ series: missing('rollcall_untracked') })).code).to.equal(0);
    // Only the sum depends on it.
    expect((await ran({ series: missing('rollcall_garden_listed') })).status.why).to.equal(
      '3 cells: 3 all tracked. No container is untracked.',
    );
    // One metric has it, so that it cannot be known.
    const { status } = await ran({ series: missing('rollcall_could_not_tell') });
    expect(status.verdict).to.equal('unknown');
    expect(status.cells[0]).to.include({ ip: '10.0.4.11', verdict: 'unknown' });
  });

  it('does not need to know how far back Log Cache goes', async () => {
    const { code, status } = await ran({
      series: SERIES,
      fault: ({ pathname }) => (pathname.includes('/read/') ? { kind: 'reset' } : null),
    });
    expect(code).to.equal(0);
    expect(status.goneKnownForSeconds).to.equal(null);
    expect(status.notes[0]).to.match(/^Log Cache did not say how far back it goes/);
  });

  it('says how many are counted and not named', async () => {
    const series = seriesOf(cell(0, { containers: containers(5, LOST), maxSeries: 0 }));
    const { status } = await ran({ series });
    expect(status.untracked).to.deep.equal([]);
    expect(status.verdict).to.equal('untracked');
    expect(status.notes[0]).to.match(/^1 untracked instance is counted and not named/);
  });
});
