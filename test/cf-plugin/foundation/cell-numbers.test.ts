import { expect } from 'chai';
import { foundationStatus } from '../../../src/cf-plugin/foundation/foundation-status.ts';
import type { FoundationStatus } from '../../../src/cf-plugin/foundation/status.ts';
import { containers, LOST, UNOWNED } from '../../present/agent-state-builder.ts';
import { cell, seriesOf } from '../standin/fleet.ts';
import type { Series } from '../standin/log-cache.ts';
import { question, readingsOf } from './readings.ts';

const FINDING = 'rollcall_untracked_since_timestamp_seconds';
const status = (series: readonly Series[]): FoundationStatus =>
  foundationStatus(readingsOf(series), question());
const handles = (series: readonly Series[]): readonly string[] =>
  status(series).untracked.map(({ handle }) => handle);

/** The last scrape of a cell, and what earlier ones left of findings. */
const withLeftOvers = (
  now: readonly Series[],
  before: readonly Series[],
  age: number,
): readonly Series[] => [
  ...now,
  ...before.filter(({ name }) => name === FINDING).map((one) => ({ ...one, age })),
];

describe('the untracked instances of a cell', () => {
  const lost = seriesOf(cell(0, { containers: containers(5, LOST) }));
  const well = seriesOf(cell(0));

  it('are over with the next scrape, although Log Cache goes on giving them for five minutes', () => {
    expect(handles(lost)).to.deep.equal([LOST.handle]);
    for (const age of [21, 60, 290]) {
      expect(handles(withLeftOvers(well, lost, age)), String(age)).to.deep.equal([]);
      expect(status(withLeftOvers(well, lost, age)).verdict).to.equal('all-tracked');
    }
  });

  it('stay while a scrape arrives between two queries', () => {
    // The cell counts it in its new scrape (6 s old), the query for findings was answered before
    // (21 s).
    const counted = lost.filter(({ name }) => name !== FINDING);
    expect(handles(withLeftOvers(counted, lost, 21))).to.deep.equal([LOST.handle]);
    expect(handles(withLeftOvers(counted, lost, 60))).to.deep.equal([]);
  });

  it('stay when the whole cell has fallen silent', () => {
    const silent = seriesOf(
      cell(0, { containers: containers(5, LOST), scraped: 200, reconciled: 203 }),
    );
    expect(handles(silent)).to.deep.equal([LOST.handle]);
    expect(status(silent)).to.include({ verdict: 'untracked', complete: false });
  });

  it('have one reason each, the newest', () => {
    const other = seriesOf(cell(0, { containers: containers(5, { ...LOST, reason: 'unowned' }) }));
    const both = status(withLeftOvers(lost, other, 15));
    expect(both.untracked.map(({ reason }) => reason)).to.deep.equal(['unknown-to-garden']);
  });

  it('are those of the VM that the instance is on now', () => {
    const before = seriesOf(
      cell(0, {
        ip: '10.9.9.9',
        containers: containers(5, UNOWNED),
        scraped: 100,
        reconciled: 104,
      }),
    );
    for (const series of [
      [...before, ...well],
      [...well, ...before],
    ]) {
      const after = status(series);
      expect(after.cells.map(({ ip }) => ip)).to.deep.equal(['10.0.4.10']);
      expect(after.untracked).to.deep.equal([]);
      expect(after.verdict).to.equal('all-tracked');
    }
  });

  it('are counted where they have names, though the count is of the scrape before', () => {
    // The query for counts was answered before the scrape, the one for findings after it.
    const named = lost.filter(({ name }) => name === FINDING);
    const { cells, summary, verdict } = status([...well, ...named]);
    expect(cells[0]).to.include({ verdict: 'untracked', untracked: 1 });
    expect({ verdict, untracked: summary.untracked }).to.deep.equal({
      verdict: 'untracked',
      untracked: 1,
    });
    // What one cell counts and does not name does not make up for it.
    const other = seriesOf(cell(1, { containers: containers(5, LOST), maxSeries: 0 }));
    expect(status([...well, ...named, ...other]).summary.untracked).to.equal(2);
  });

  it('are those of both VMs where an old one of the instance was never deleted, and goes on reporting', () => {
    const old = seriesOf(cell(0, { ip: '10.9.9.9', containers: containers(5, LOST), scraped: 9 }));
    for (const series of [
      [...old, ...well],
      [...well, ...old],
    ]) {
      const both = foundationStatus(readingsOf(series), { ...question(), expectedCells: 2 });
      expect(both.cells.map(({ ip, verdict }) => [ip, verdict])).to.deep.equal([
        ['10.9.9.9', 'untracked'],
        ['10.0.4.10', 'all-tracked'],
      ]);
      expect(both.untracked.map(({ handle }) => handle)).to.deep.equal([LOST.handle]);
      // Two VMs are one cell: another one is missing.
      expect(both.notes[0]).to.equal('Only 1 of 2 expected cells report.');
    }
  });
});
