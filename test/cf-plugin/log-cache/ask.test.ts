import http from 'node:http';
import { mock } from 'node:test';
import { expect } from 'chai';
import type { FoundationStatus } from '../../../src/cf-plugin/foundation/status.ts';
import { cell, fleet, seriesOf } from '../standin/fleet.ts';
import type { Fault, StandInOptions } from '../standin/foundation.ts';
import { hanging, withHeldDeadlines } from '../standin/held-deadlines.ts';
import { ranPlugin } from '../standin/ran-plugin.ts';

const SERIES = fleet(3).flatMap(seriesOf);
const WITH_SILENT = [...SERIES, ...seriesOf(cell(3, { scraped: 120, reconciled: 123 }))];
const TOO_MUCH: Fault = { kind: 'answer', status: 504, body: 'context deadline exceeded' };

const metricsOf = (requests: readonly URL[]): readonly string[] =>
  requests.flatMap(({ searchParams }) => {
    const [, metric] = /^rollcall_(\w+)\{/.exec(searchParams.get('query') ?? '') ?? [];
    return metric === undefined ? [] : [metric];
  });

/** The metric of each query in order, and the status that the plugin made of the answers. */
async function asked(foundation: StandInOptions) {
  const { code, stdout, stderr, standIn } = await ranPlugin(foundation, ['--output', 'json']);
  const status = JSON.parse(stdout) as FoundationStatus;
  return { code, status, stderr, queries: metricsOf(standIn.requests), standIn };
}

/** Log Cache has no time for the queries about these metrics, so many times. */
function tooMuch(metrics: RegExp, times = Infinity): (url: URL) => Fault {
  const failed = new Map<string, number>();
  return ({ searchParams }) => {
    const query = searchParams.get('query') ?? '';
    const before = failed.get(query) ?? 0;
    failed.set(query, before + 1);
    return metrics.test(query) && before < times ? TOO_MUCH : null;
  };
}

describe('how much the plugin asks Log Cache at a time', () => {
  it('is everything', async () => {
    const { queries, standIn } = await withHeldDeadlines(({ set }) =>
      asked({ series: SERIES, begun: () => set().length }),
    );
    expect(queries).to.have.length(9);
    // With the clock and the oldest envelope.
    expect(standIn.mostAtOnce()).to.equal(11);
  });

  it('begins with what takes longest', async () => {
    // As they are sent: what is on one connection may come before what is on another.
    const get = mock.method(http, 'get');
    try {
      await asked({ series: SERIES });
    } finally {
      get.mock.restore();
    }
    const sent = get.mock.calls.map(({ arguments: [url] }) => new URL(String(url)));
    expect(metricsOf(sent)[0]).to.equal('last_reconcile_timestamp_seconds');
  });

  it('is asked again, two at a time, where it was too much', async () => {
    const fault = tooMuch(/containers|garden_up/, 1);
    const { code, queries } = await asked({ series: SERIES, fault });
    expect(code).to.equal(0);
    expect(queries.slice(9)).to.have.members(['containers', 'garden_up']);
  });

  it('is not asked again for long where it stays too much', async () => {
    const fault = tooMuch(/containers|garden|omitted/);
    const { code, queries, status } = await asked({ series: SERIES, fault });
    expect(code).to.equal(1);
    expect(queries.slice(9)).to.have.members(['containers', 'garden_listed']);
    expect(status.notes[0]).to.contain('4 of 9 queries (containers, listed, gardenUp, omitted)');
  });

  it('is asked again although everything was too much at once', async () => {
    const { code, queries } = await asked({ series: SERIES, fault: tooMuch(/source_id/, 1) });
    expect(queries).to.have.length(18);
    // The clock is not asked for again.
    expect(code).to.equal(1);
  });

  it('ends with what Log Cache said where it stays too much', async () => {
    const fault = tooMuch(/source_id="rollcall"/);
    const { code, queries, stderr } = await asked({ series: SERIES, fault });
    expect(code).to.equal(1);
    expect(queries.length).to.be.at.most(11);
    expect(stderr).to.match(/answers 504: context deadline exceeded\. Look at the log/);
  });

  it('is not asked again where Log Cache does not answer at all', async () => {
    const fault = ({ pathname }: URL): Fault =>
      pathname.startsWith('/api/') ? { kind: 'reset' } : null;
    expect((await asked({ series: SERIES, fault })).queries, 'reset').to.have.length(9);
    const silent = await withHeldDeadlines((deadlines) =>
      asked({ series: SERIES, ...hanging(deadlines) }),
    );
    expect(silent.queries, 'hang').to.have.length(9);
  });

  it('keeps what is known of the others when it is too much for the silent cells', async () => {
    const fault = ({ searchParams }: URL): Fault => (searchParams.has('time') ? TOO_MUCH : null);
    const { code, status } = await asked({ series: WITH_SILENT, fault });
    expect(code).to.equal(1);
    expect(status.summary.byVerdict).to.include({ 'all-tracked': 3, stale: 1 });
    expect(status.notes[0]).to.contain('for 7 of 9 queries');
  });

  it('does not grow where the time of the last pass was too much already', async () => {
    const fault = tooMuch(/last_reconcile/);
    const { status, standIn } = await asked({ series: WITH_SILENT, fault });
    expect(status.summary.cells).to.equal(3);
    expect(status.complete).to.equal(false);
    expect(standIn.requests.filter(({ searchParams }) => searchParams.has('time'))).to.deep.equal(
      [],
    );
  });
});
