import { expect } from 'chai';
import type { HistoryAnswer, HistoryView } from '../../src/model/history.ts';
import { colors } from '../../src/present/color.ts';
import { historyTable } from '../../src/present/history-table.ts';
import { historyView } from '../../src/present/history-view.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { BOSH, containers, hour, report } from './agent-state-builder.ts';

const time = (clock: string): string => `2026-03-02T${clock}:00.000Z`;
const lasting = (from: string, to: string, bootId = 'boot-1') =>
  hour({ from: time(from), to: time(to), bootId });

const shown = report(containers(2));
const view = reportJson({ ...shown, cell: { ...shown.cell, bosh: BOSH } });

const viewOf = (since: string, change: Partial<HistoryAnswer> = {}): HistoryView => {
  const answer: HistoryAnswer = {
    schemaVersion: 1,
    now: time('12:00'),
    bootedAt: time('00:00'),
    hours: [lasting('08:00', '09:00'), lasting('09:00', '10:00')],
    running: lasting('11:00', '12:00'),
    ...change,
  };
  return historyView(answer, view, Date.parse(time(since)));
};

const periodsOf = ({ periods }: HistoryView): readonly string[] =>
  periods.map((one) => {
    const span = `${one.from.slice(11, 16)}-${one.to.slice(11, 16)}`;
    return one.kind === 'gap' ? `${span} ${one.cause}` : span;
  });

describe('what an agent did since a time', () => {
  it('names the period in which none ran', () => {
    expect(periodsOf(viewOf('08:30'))).to.deep.equal([
      '08:00-09:00',
      '09:00-10:00',
      '10:00-11:00 no-agent',
      '11:00-12:00',
    ]);
  });

  it('starts in a gap if the given time is in one', () => {
    expect(periodsOf(viewOf('10:30'))).to.deep.equal(['10:30-11:00 no-agent', '11:00-12:00']);
  });

  it('says that nothing is known about the time before the history', () => {
    const known = viewOf('05:00');
    expect(periodsOf(known)[0]).to.equal('05:00-08:00 before-history');
    expect(known.totals).to.include({ gaps: 1, gapSeconds: 3600 });
  });

  it('knows a reboot by the boot of the lines, and by its time', () => {
    const rebooted = '10:00-11:00 rebooted';
    const other = { running: lasting('11:00', '12:00', 'boot-2') };
    expect(periodsOf(viewOf('09:30', other))[1]).to.equal(rebooted);
    expect(periodsOf(viewOf('09:30', { bootedAt: time('10:58') }))[1]).to.equal(rebooted);
  });

  it('does not name a restart of less than a minute, nor a clock that was set back', () => {
    const running = { ...lasting('10:00', '12:00'), from: '2026-03-02T10:00:59.000Z' };
    expect(periodsOf(viewOf('09:30', { running }))).to.have.length(2);
    expect(periodsOf(viewOf('09:30', { running: lasting('09:30', '12:00') }))).to.have.length(2);
  });

  // `status --since` said that there was no gap.
  it('names the time in which none ran after a clock that was ahead', () => {
    const ended = { ...lasting('09:00', '10:00'), to: '2031-01-01T00:00:00.000Z' };
    expect(periodsOf(viewOf('08:30', { hours: [lasting('08:00', '09:00'), ended] }))).to.include(
      '09:00-11:00 no-agent',
    );
    const ahead = { ...ended, from: '2031-01-01T00:00:00.000Z' };
    expect(periodsOf(viewOf('08:30', { hours: [ahead, lasting('09:00', '10:00')] }))).to.include(
      '10:00-11:00 no-agent',
    );
  });

  it('counts no time before hours that are still to come as a gap', () => {
    const ahead = [lasting('20:00', '21:00'), lasting('21:00', '22:00')];
    const { totals } = viewOf('08:00', { hours: [...ahead, lasting('08:00', '11:00')] });
    expect(totals.gaps).to.equal(0);
  });

  it('shows no time that a summary lasted in which the clock was set back', () => {
    const setBack = viewOf('08:00', { running: lasting('13:00', '12:00') });
    expect(historyTable(setBack, { colors: colors(false), columns: 120 })).to.match(
      /13:00Z +\? so far /,
    );
  });

  it('adds up', () => {
    const failing = { ...lasting('10:00', '11:00'), compared: 200, failed: 41, findings: 2 };
    const { totals } = viewOf('08:00', { hours: [lasting('08:00', '10:00'), failing] });
    expect(totals).to.deep.equal({
      passes: 723,
      compared: 682,
      failed: 41,
      longestGapSeconds: 15.3,
      gaps: 0,
      gapSeconds: 0,
      mostFindings: 2,
    });
  });

  for (const columns of [40, 80, 120])
    it(`is a table of ${columns} columns with the cell above and its verdict below`, () => {
      const text = historyTable(viewOf('07:00'), { colors: colors(false), columns });
      const lines = text.split('\n');
      expect(Math.max(...lines.map((line) => line.length))).to.be.at.most(columns);
      expect(lines[0]).to.match(/^diego_cell\/7/);
      const flat = text.replaceAll(/\s+/g, ' ');
      expect(flat).to.contain('Nothing is known about that time: the history starts later.');
      expect(flat).to.contain('No agent ran, or it was killed before it could write');
      expect(flat).to.contain('1 gap of 60 min in total without a summary');
      expect(flat).to.match(/Since 2026-03-02T07:00:00Z: \d+ passes, .+; while an agent ran, \d/);
      expect(flat).to.contain('Now: All 2 containers');
    });

  it('claims nothing of a time without a pass', () => {
    const text = historyTable(viewOf('12:00'), { colors: colors(false), columns: 200 });
    expect(text).to.contain(
      'Since 2026-03-02T12:00:00Z: no pass; no gap of a minute or more between summaries.',
    );
  });
});
