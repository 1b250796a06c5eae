import { expect } from 'chai';
import { seriesIn, seriesOf, spreadFleet } from '../standin/fleet.ts';
import { ranPlugin, statusOf } from '../standin/ran-plugin.ts';

describe('the roster of cells', () => {
  const pilot = seriesIn('0-1; 2 uncovered; 3 uncovered job=iso_cell deployment=iso');

  it('has a line for a cell with rep and without rollcall, which is never an all-clear', async () => {
    const { code, stdout } = await ranPlugin({ series: pilot });
    expect(code).to.equal(1);
    expect(stdout).to.match(/^cf .* 10\.0\.4\.12 +no rollcall +\?/m);
    expect(stdout).to.match(
      /^4 cells: 2 no rollcall, 2 all tracked\. Nothing is known to be untracked, but not everything/m,
    );
    const { verdict, complete, cells } = await statusOf({ series: pilot });
    expect({ verdict, complete }).to.deep.equal({ verdict: 'unknown', complete: false });
    expect(cells[0]).to.include({ verdict: 'uncovered', listed: null, sampleAgeSeconds: null });
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

  it('is limited by --deployment and --expect-groups, and reports once what is left out', async () => {
    expect((await statusOf({ series: pilot }, '--deployment=iso')).summary.byVerdict).to.include({
      uncovered: 1,
      'all-tracked': 0,
    });
    const some = await statusOf({ series: pilot }, '--expect-groups', 'diego_cell');
    expect(some.summary.byVerdict).to.include({ uncovered: 1, 'all-tracked': 2 });
    expect(some.notes[0]).to.equal(
      'Without rollcall, and left out by --expect-groups: 1 cell of iso_cell.',
    );
  });

  it('is incomplete where an expected group has no cell: its name is misspelled, or its cells are lost', async () => {
    const none = await statusOf({ series: pilot }, '--expect-groups', 'router, diego_cel');
    expect(none).to.include({ verdict: 'unknown', complete: false });
    expect(none.notes.slice(0, 3)).to.deep.equal([
      'No cell is in the expected group router.',
      'No cell is in the expected group diego_cel.',
      'Without rollcall, and left out by --expect-groups: 2 cells of diego_cell, iso_cell.',
    ]);
    // A group of another deployment has cells.
    const others = await statusOf(
      { series: seriesIn('0-1; 3 job=iso_cell deployment=iso') },
      '--deployment=cf',
      '--expect-groups=diego_cell, iso_cell',
    );
    expect(others).to.include({ verdict: 'all-tracked', complete: true });
    expect(others.expectedGroups).to.deep.equal(['diego_cell', 'iso_cell']);
  });

  it('does not expect rollcall on Windows cells', async () => {
    const { verdict, summary } = await statusOf({ series: seriesIn('0-1; 5 windows') });
    expect({ verdict, cells: summary.cells }).to.deep.equal({ verdict: 'all-tracked', cells: 2 });
  });

  it('keeps a cell that was evicted from the heartbeat and whose rep still reports', async () => {
    const { cells } = await statusOf({ series: seriesIn('0; 1 age=1000/1005') });
    expect(cells.map(({ verdict }) => verdict)).to.deep.equal(['uncovered', 'all-tracked']);
  });

  it('leaves the answer incomplete where it is missing, unless a number is expected', async () => {
    const series = seriesIn('0-2 rep-sent=never');
    const { verdict, notes } = await statusOf({ series });
    expect(verdict).to.equal('unknown');
    expect(notes[0]).to.match(
      /^Log Cache has no samples from rep \(is one of its nodes missing\?\)/,
    );
    expect((await statusOf({ series }, '--expect-cells=3')).verdict).to.equal('all-tracked');
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

  it('makes the answer incomplete for three minutes', async () => {
    const status = await statusOf({ series, oldestAge: 100 });
    expect(status).to.include({ verdict: 'unknown', complete: false, goneKnownForSeconds: 96 });
    expect(status.notes[0]).to.match(
      /^Log Cache goes back only 1m3\ds for the heartbeat, after a /,
    );
    expect(await statusOf({ series, oldestAge: 200 })).to.include({ verdict: 'all-tracked' });
    const short = await statusOf({ series, oldestAge: 50 });
    expect(short.notes[1]).to.match(/^Log Cache goes back only 20s for rep, after a restart/);
  });

  it('says how far back a lost cell can be known', async () => {
    const noteFor = async (oldestAge: number): Promise<string | undefined> =>
      (await statusOf({ series, oldestAge })).notes.at(-1);
    expect(await noteFor(7200)).to.equal(
      'A lost cell is shown as gone for 15m and then disappears: use --expect-cells N to notice.',
    );
    expect(await noteFor(341)).to.contain('shown as gone for 5m36s');
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

describe('the clocks of a foundation', () => {
  const series = seriesIn('0-2');
  const moved = (ahead: number) =>
    seriesIn(`0-2 age=${6 - ahead}/${9 - ahead} rep-sent=${20 - ahead}`);

  it('do not matter where they differ by half a minute', async () => {
    for (const logCache of [-30, 30]) {
      expect((await statusOf({ series, clocks: { logCache } })).verdict).to.equal('all-tracked');
    }
    expect((await statusOf({ series: moved(30) })).verdict).to.equal('all-tracked');
    expect((await statusOf({ series: moved(-30) })).verdict).to.not.equal('untracked');
  });

  for (const [ahead, said] of [
    [90, '1m30s ahead of'],
    [-90, '1m30s behind'],
    [400, '6m40s ahead of'],
    [-400, '6m40s behind'],
  ] as const) {
    it(`are named where that of Log Cache is ${said} the API's`, async () => {
      const { verdict, notes } = await statusOf({ series, clocks: { logCache: ahead } });
      expect(verdict).to.equal('unknown');
      expect(notes[0]).to.equal(
        `The clock of Log Cache is ${said} the API's, so no age is certain: check NTP on the foundation.`,
      );
    });

    it(`never make an all-clear of old data: the API's is ${ahead} s ahead`, async () => {
      const status = await statusOf({ series, clocks: { api: ahead } });
      expect(status.verdict).to.equal('unknown');
      expect(status.summary.cells).to.equal(3);
      expect(status.notes.join(' ')).to.match(/clock of Log Cache/);
    });

    it(`never make an all-clear of old data: the cells' are ${ahead} s ahead`, async () => {
      const status = await statusOf({ series: moved(ahead) });
      expect(status.verdict).to.equal('unknown');
      if (ahead > 0) expect(status.cells[0]?.why).to.match(/^Its clock is \d+m\d\ds ahead/);
      else expect(status.notes.join(' ')).to.match(/the clock of the API is ahead of the cells'/);
    });
  }
});

describe('agents of 0.1.0 beside new ones', () => {
  it('have their heartbeat in the other source, and are seen, silent and gone as new ones', async () => {
    const some = '2 old age=95/100; 3 old age=187/190 rep-sent=never; 4 old every=60 age=50/55';
    const { cells } = await statusOf({ series: seriesIn(`0; 1 old; ${some}`) });
    expect(cells.map(({ ip, verdict }) => `${ip} ${verdict}`)).to.deep.equal([
      '10.0.4.13 gone',
      '10.0.4.12 stale',
      '10.0.4.10 all-tracked',
      '10.0.4.14 all-tracked',
      '10.0.4.11 all-tracked',
    ]);
  });
});
