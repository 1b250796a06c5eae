import { expect } from 'chai';
import { containers, LOST } from '../../present/agent-state-builder.ts';
import { cell, fleet, NOW, seriesOf, spreadFleet } from '../standin/fleet.ts';
import { withStoppedDeadlines } from '../standin/stopped-deadlines.ts';
import { LogCacheStore } from '../standin/log-cache.ts';
import { ranPlugin, statusOf } from '../standin/ran-plugin.ts';
import { TOKEN } from '../standin/tokens.ts';

const FAILING = { kind: 'answer', status: 500, body: 'no' } as const;

const reads = (requests: readonly URL[]): readonly URL[] =>
  requests.filter(({ pathname }) => pathname.startsWith('/api/'));

describe('the plugin', () => {
  it('asks Log Cache at once for all that a healthy foundation needs, with one token', async () => {
    const series = seriesOf(...spreadFleet(250));
    // No read is answered before all 21 of them, and the API root, have begun.
    const { code, standIn } = await withStoppedDeadlines(() =>
      ranPlugin({ series, begun: () => 22 }),
    );
    expect(code).to.equal(0);
    expect(standIn.mostAtOnce()).to.equal(21);
    expect(reads(standIn.requests)).to.have.length(21);
    expect(new Set(standIn.tokens)).to.deep.equal(new Set([TOKEN]));
  });

  it('asks in pages of a thousand, and for no name, source or span twice', async () => {
    const series = seriesOf(...spreadFleet(1000));
    const { standIn, code } = await ranPlugin({ series });
    expect(code).to.equal(0);
    const asked = reads(standIn.requests);
    expect(asked.length).to.be.within(25, 45);
    expect(new Set(asked.map(String)).size).to.equal(asked.length);
    for (const { searchParams } of asked) {
      expect(Number(searchParams.get('limit'))).to.be.oneOf([1, 1000]);
    }
    // Only the oldest samples are asked for without an end; those of the heartbeat fill two pages.
    expect(asked.filter((one) => !one.searchParams.has('end_time'))).to.have.length(3);
  }).timeout(30_000);

  it('asks for more only where a cell is missing, and only for its last scrapes', async () => {
    const cells = spreadFleet(250);
    const silent = { ...(cells[9] ?? expect.fail()), sampleAge: 70, passAge: 72 };
    const { standIn, stdout } = await ranPlugin({
      series: seriesOf(...cells.with(9, silent)),
    });
    expect(stdout).to.match(/^250 cells: 1 overdue, 249 all tracked\./m);
    const asked = reads(standIn.requests);
    // Five spans for the times of the last scrapes, and three sources at two moments.
    expect(asked.length).to.be.within(21 + 5 + 6, 21 + 5 + 12);
    expect(standIn.sentBytes()).to.be.lessThan(5_000_000);
  }).timeout(20_000);

  it('asks for no more where reads fail already', async () => {
    let failures = 0;
    const { stdout, standIn } = await ranPlugin({
      series: seriesOf(...fleet(3), cell(3, { sampleAge: 70, passAge: 72 })),
      fault: ({ pathname }) => {
        if (!pathname.endsWith('/read/rep')) return null;
        failures += 1;
        return { kind: 'answer', status: 500, body: 'context deadline exceeded' };
      },
    });
    expect(failures).to.equal(3);
    expect(reads(standIn.requests)).to.have.length(21);
    expect(stdout).to.contain(
      'Partial data: Log Cache answers 500: context deadline exceeded for 3 of 21 reads. ' +
        'Try again.',
    );
  });

  it('asks for page after page where more envelopes have the same time than a page holds', async () => {
    const same = seriesOf(...fleet(1500));
    const { summary } = await statusOf({ series: same });
    expect(summary.byVerdict['all-tracked']).to.equal(1500);
  }).timeout(30_000);

  it('asks for at most 30 pages of a span, and says that there are more', async () => {
    const same = fleet(1000).flatMap((one) => seriesOf(one).slice(0, 1));
    const read = new LogCacheStore(same, NOW).read('rollcall-heartbeat', new URLSearchParams());
    const one = read.body.slice(read.body.indexOf('[') + 1, read.body.indexOf('}}},') + 3);
    const body = `{"envelopes":{"batch":[${Array.from({ length: 1000 }, () => one).join(',')}]}}`;
    let pages = 0;
    const status = await statusOf({
      series: seriesOf(cell(0)),
      fault: ({ pathname, searchParams }) => {
        if (!pathname.endsWith('/rollcall-findings') || !searchParams.has('end_time')) return null;
        pages += 1;
        return { kind: 'answer', status: 200, body };
      },
    });
    expect(pages).to.equal(30);
    expect(status.verdict).to.equal('unknown');
    expect(status.notes[0]).to.match(
      /Log Cache sent an answer that is too large or nested too deep for 1 of 21/,
    );
  });
});

describe('a lost cell', () => {
  const verdicts = async (oldestAge: number, sampleAge: number) => {
    const lost = cell(1, { sampleAge, passAge: sampleAge + 3, repSampleAge: null });
    const series = seriesOf(cell(0), lost);
    const { cells, lookedBackSeconds } = await statusOf({ series, oldestAge });
    return [...cells.map(({ verdict }) => verdict), lookedBackSeconds ?? 0];
  };

  it('is found for as long as the answer says, up to 15 minutes, however far back Log Cache goes', async () => {
    for (const held of [190, 460, 839, 4000]) {
      for (let sampleAge = 130; sampleAge < Math.min(held, 900); sampleAge += 170) {
        const [first, second, known] = await verdicts(held, sampleAge);
        expect([first, second], `${held} ${sampleAge}`).to.deep.equal(['gone', 'all-tracked']);
        expect(known).to.be.within(Math.min(held, 900) - 15, Math.min(held, 900));
      }
    }
    expect(await verdicts(839, 836)).to.include('gone');
  });

  it('is found for five minutes where cells are scraped each minute, as the answer says', async () => {
    const scrapedEachMinute = fleet(2, { scrapedEvery: 60, sampleAge: 50, passAge: 55 });
    const status = await statusOf({ series: seriesOf(...scrapedEachMinute) });
    expect(status.lookedBackSeconds).to.equal(300);
  });
});

describe('a Log Cache that answers only a part', () => {
  const series = seriesOf(...fleet(3));

  it('never gives an all-clear, whichever read fails', async () => {
    for (let failing = 1; failing <= 19; failing += 1) {
      let asked = 0;
      const status = await statusOf({
        series,
        fault: ({ pathname }) => {
          if (!pathname.startsWith('/api/')) return null;
          asked += 1;
          return asked === failing ? FAILING : null;
        },
      });
      expect(status, `${failing}`).to.include({ verdict: 'unknown', complete: false });
      expect(status.notes[0]).to.match(
        /Log Cache answers 500: no for 1 of 21 reads\. Try again\.$/,
      );
    }
  });

  it('leaves a cell unknown, not silent, gone or uncovered, if its heartbeat was not read', async () => {
    const status = await statusOf({
      series: seriesOf(
        cell(0),
        cell(1, { sampleAge: 70, passAge: 72 }),
        cell(2, { isCovered: false }),
      ),
      fault: ({ pathname, searchParams }) =>
        pathname.endsWith('/rollcall-heartbeat') && searchParams.get('start_time') === '0'
          ? FAILING
          : null,
    });
    expect(status.summary.byVerdict).to.include({ unknown: 2, 'all-tracked': 1 });
    expect(status.cells[0]?.why).to.equal(
      'Not all samples of the cell could be read: Log Cache answers 500: no. Try again.',
    );
    expect(status.lookedBackSeconds).to.equal(null);
  });

  it('leaves a silent cell unknown where any read failed, as its last scrapes are not searched', async () => {
    const status = await statusOf({
      series: seriesOf(cell(0), cell(1, { sampleAge: 200, passAge: 202 })),
      fault: ({ pathname }) => (pathname.endsWith('/rollcall-findings') ? FAILING : null),
    });
    expect(status.cells[0]).to.include({
      verdict: 'unknown',
      why: 'Not all samples of the cell could be read: Log Cache answers 500: no. Try again.',
    });
  });

  it('names the cause where the findings were not read', async () => {
    const status = await statusOf({
      series: seriesOf(cell(0, { containers: containers(5, LOST) })),
      fault: ({ pathname }) => (pathname.endsWith('/rollcall-findings') ? FAILING : null),
    });
    expect(status.notes).to.include(
      '1 untracked instance is counted but not named: Log Cache answers 500: no. ' +
        'See sudo /var/vcap/jobs/rollcall/bin/rollcall status on the cell.',
    );
  });

  it('is read up to the time limit', async () => {
    const status = await withStoppedDeadlines(({ pass }) => {
      let hanging = 0;
      return statusOf({
        series,
        fault: ({ pathname }) => {
          if (!pathname.endsWith('/rollcall-findings') && !pathname.endsWith('/rep')) return null;
          hanging += 1;
          if (hanging === 4) pass();
          return { kind: 'hang' };
        },
      });
    });
    expect(status.verdict).to.equal('unknown');
    expect(status.notes[0]).to.match(
      /Log Cache does not answer in time \(--timeout 60\) for \d+ of 21/,
    );
  });
});
