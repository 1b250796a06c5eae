import { expect } from 'chai';
import { twoSenders } from '../../../src/cf-plugin/foundation/two-senders.ts';
import {
  BEAT,
  BUILD,
  cellsOf,
  type CellSamples,
} from '../../../src/cf-plugin/log-cache/cell-samples.ts';
import type { Sample } from '../../../src/cf-plugin/log-cache/read.ts';
import { LOST } from '../../present/agent-state-builder.ts';
import { cell, seriesOf, type StandInCell } from '../standin/fleet.ts';
import type { Series } from '../standin/log-cache.ts';
import { statusOf } from '../standin/ran-plugin.ts';

const SCRAPES = 15;
const PASSES = 15;
/** A Unix time, by the clock of the API. */
const START = 1_800_000_000;

interface Sender {
  /** Seconds after START at which it sends first, and from which on it sends no more. */
  readonly from: number;
  readonly to: number;
  /** By how many seconds its clock is ahead. */
  readonly ahead: number;
  readonly version: string;
  /** Seconds after START of its first pass; before, it says 0. */
  readonly firstPass: number;
}

const AGENT: Sender = { from: 0, to: 3600, ahead: 0, version: '0.2.0', firstPass: -5 };

/** How long before a scrape the last pass ended: passes come at random times. */
const sinceLastPass = (second: number): number => (second * 7919.7) % PASSES;

/** What a sender says in each scrape: which version it is, and when its last pass ended. */
function samplesOf({ from, to, ahead, version, firstPass }: Sender): readonly Sample[] {
  const count = Math.ceil((to - from) / SCRAPES);
  return Array.from({ length: count }, (_, scrape) => from + scrape * SCRAPES).flatMap((second) => {
    const at = START + second + ahead;
    const pass = second < firstPass ? 0 : at - sinceLastPass(second + ahead);
    const tags = { index: 'a', ip: '10.0.4.10', version, interval_seconds: String(PASSES) };
    return [
      { name: BUILD, value: 1, at, tags },
      { name: BEAT, value: pass, at, tags: { index: 'a', ip: '10.0.4.10' } },
    ];
  });
}

/**
 * What shows two senders, so many seconds after START, where these send under the tags of one cell.
 */
function shownAt(second: number, ...senders: readonly Sender[]): string | null {
  const now = START + second;
  const sent = senders.flatMap((one) => samplesOf({ ...one, to: Math.min(one.to, second) }));
  const [known = expect.fail('no cell')] = cellsOf(sent, now).values();
  return twoSenders(known satisfies CellSamples, { now, since: now - 60, interval: SCRAPES });
}

const MOMENTS = Array.from({ length: 300 }, (_, index) => 600 + index);

describe('two senders under the tags of one cell', () => {
  it('are noticed in every moment by what they say of themselves', () => {
    for (const phase of [1, 4, 7.5, 11, 14])
      for (const second of MOMENTS)
        expect(
          shownAt(second, AGENT, { ...AGENT, from: phase, version: '0.1.9' }),
          `${phase} ${second}`,
        ).to.match(/: the version changes from 0\.[12]\.[09] to 0\.[12]\.[09] and back$/);
  });

  it('are noticed where the last pass of one is an old one', () => {
    const stuck = (sample: Sample) =>
      sample.name === BEAT ? { ...sample, value: START - 60 } : sample;
    const now = START + 600;
    const sent = [
      ...samplesOf({ ...AGENT, to: 600 }).map(stuck),
      ...samplesOf({ ...AGENT, from: 4, to: 600 }),
    ];
    const [known = expect.fail('no cell')] = cellsOf(sent, now).values();
    expect(twoSenders(known, { now, since: now - 60, interval: SCRAPES })).to.equal(
      'Two senders report as this cell, or its clock was set back: ' +
        'the time of the last pass goes back 3 times',
    );
  });

  it('are escaped and bounded in what they call themselves', () => {
    const version = `\u001b[31m${'x'.repeat(1000)}`;
    const shown = shownAt(600, AGENT, { ...AGENT, from: 7, version }) ?? '';
    expect(shown).to.not.contain('\u001b');
    expect(shown.length).to.be.below(200);
  });
});

describe('one sender', () => {
  it('is not two of them while it only reports', () => {
    for (const second of MOMENTS) expect(shownAt(second, AGENT)).to.equal(null);
  });

  it('is not two of them after a restart or an upgrade, before and after its first pass', () => {
    for (const version of ['0.2.0', '0.3.0'])
      for (const firstPass of [651, 680])
        for (const second of MOMENTS) {
          const before = { ...AGENT, to: 640 };
          const after = { ...AGENT, from: 645, version, firstPass };
          expect(shownAt(second, before, after), `${version} ${second}`).to.equal(null);
        }
  });

  it('is not two of them after its clock was set back, from ahead or from right', () => {
    for (const [before, after] of [
      [4, 0],
      [20, 0],
      [30, 0],
      [59, 0],
      [0, -4],
      [0, -20],
      [0, -30],
      [0, -300],
    ] as const)
      for (const firstPass of [-1, -4, -8, -14])
        for (const second of MOMENTS) {
          const old = { ...AGENT, to: 640, ahead: before, firstPass };
          const set = { ...AGENT, from: 647, ahead: after, firstPass: firstPass + 3 };
          expect(shownAt(second, old, set), `${before} ${after} ${second}`).to.equal(null);
        }
  });
});

/** A cell that says LOST, with somebody who says in its name that all is well. */
const lost = (change: Partial<StandInCell> = {}): readonly Series[] =>
  seriesOf(cell(0, { containers: [...cell(0).containers, LOST], ...change }));
const forged = (change: Partial<StandInCell> = {}): readonly Series[] =>
  seriesOf(cell(0, { repSampleAge: null, ...change }));

describe('somebody who may write to the Loggregator', () => {
  it('hides no finding with times ahead', async () => {
    const later = forged({ sampleAge: -45, passAge: -42 }).map((one) => ({ ...one, first: -16 }));
    const status = await statusOf({ series: [...lost(), ...later] });
    expect(status).to.include({ verdict: 'untracked' });
    expect(status.untracked.map(({ handle }) => handle)).to.deep.equal([LOST.handle]);
  });

  it('hides no finding with samples between those of the cell', async () => {
    for (const sampleAge of [0.5, 2, 5, 8, 13]) {
      const status = await statusOf({ series: [...lost(), ...forged({ sampleAge })] });
      expect(status.verdict, `${sampleAge}`).to.equal('untracked');
      expect(status.untracked.map(({ handle }) => handle)).to.deep.equal([LOST.handle]);
    }
  });

  it('makes a cell unknown, with both senders named, where the two call themselves otherwise', async () => {
    const other = forged({ sampleAge: 2, version: '0.1.9' });
    const { cells, verdict } = await statusOf({ series: [...seriesOf(cell(0)), ...other] });
    expect(verdict).to.equal('unknown');
    expect(cells[0]).to.include({ verdict: 'unknown' });
    expect(cells[0]?.why).to.match(
      /^Two senders report as this cell: the version changes from 0\.\d\.\d to 0\.\d\.\d and back/,
    );
  });

  it('makes a cell unknown where the last pass goes back', async () => {
    const other = forged({ sampleAge: 2, passAge: 2 });
    const { cells } = await statusOf({ series: [...seriesOf(cell(0)), ...other] });
    expect(cells[0]?.why).to.match(
      /^Two senders report as this cell, or its clock was set back: the time of the last pass goes back \d times/,
    );
  });

  it('revives no lost cell with times ahead', async () => {
    const dead = seriesOf(cell(0, { sampleAge: 200, passAge: 203 }));
    const later = forged({ sampleAge: -50, passAge: -48 }).map((one) => ({ ...one, first: -2 }));
    const { cells } = await statusOf({ series: [...dead, ...later] });
    expect(cells[0]).to.include({ verdict: 'gone' });
  });

  it('gives a cell no verdict where every time is ahead', async () => {
    const later = forged({ sampleAge: -50, passAge: -48 }).map((one) => ({ ...one, first: -2 }));
    const { cells } = await statusOf({ series: [...later] });
    expect(cells[0]).to.include({ verdict: 'unknown' });
    expect(cells[0]?.why).to.match(/ahead of the API's/);
  });
});
