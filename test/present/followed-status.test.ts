import { expect } from 'chai';
import * as fc from 'fast-check';
import type { ContainerReport, Report } from '../../src/model/report.ts';
import type { ReportView } from '../../src/model/report-view.ts';
import { followedStatus, NOTHING_FOLLOWED } from '../../src/present/followed-status.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { withDrill } from '../../src/reconcile/container-report.ts';
import { anyText } from '../any-text.ts';
import {
  container,
  containers,
  EMPTY,
  LOST,
  NOW,
  report,
  STATES,
  UNOWNED,
} from './agent-state-builder.ts';
import { stateMadeOf } from './state-made-of.ts';

/** The lines for these answers, one after another. */
function linesFor(...answers: readonly (Report | string)[]): readonly string[] {
  let followed = NOTHING_FOLLOWED;
  return answers.flatMap((answer) => {
    const shown: ReportView | string = typeof answer === 'string' ? answer : reportJson(answer);
    const next = followedStatus(followed, shown, NOW);
    followed = next.followed;
    return next.line ?? [];
  });
}

const cellWith = (...others: readonly ContainerReport[]): Report =>
  report(containers(9, ...others));

const unreadable = (): Report => {
  const { report: unknown } = STATES.unknown();
  if (unknown === null) throw new Error('the state has no report');
  return unknown;
};

describe('a line of status --watch', () => {
  it('begins with the time of the pass and the verdict, and names the findings', () => {
    const { takenAt } = cellWith();
    expect(linesFor(cellWith(LOST))).to.deep.equal([
      `${takenAt} untracked 1 of 9 containers is untracked: 1 unknown-to-garden. ` +
        `Found: ${LOST.handle} (unknown-to-garden).`,
    ]);
    expect(linesFor(cellWith())).to.deep.equal([
      `${takenAt} all-tracked All 9 containers that Garden lists run, and no other container runs.`,
    ]);
  });

  it('is printed when a finding comes or goes, and names that one', () => {
    const [, came, went, ended] = linesFor(
      cellWith(LOST),
      cellWith(LOST, UNOWNED),
      cellWith(UNOWNED),
      cellWith(),
    );
    expect(came).to.match(new RegExp(`Found: ${UNOWNED.handle} \\(unowned\\)\\.$`));
    expect(went).to.match(
      new RegExp(`No longer found: ${LOST.handle} \\(unknown-to-garden\\)\\.$`),
    );
    expect(ended).to.contain(' all-tracked ').and.contain(`No longer found: ${UNOWNED.handle}`);
  });

  it('is printed when one finding replaces another, which no count shows', () => {
    const other = { ...UNOWNED, handle: container(2).handle };
    const [, replaced] = linesFor(cellWith(UNOWNED), cellWith(other));
    expect(replaced).to.match(
      new RegExp(
        `Found: ${other.handle} \\(unowned\\)\\. ` +
          `No longer found: ${UNOWNED.handle} \\(unowned\\)\\.$`,
      ),
    );
  });

  it('is printed when containers come and go, or a warning does', () => {
    expect(linesFor(report(containers(9)), report(containers(10)))).to.have.length(2);
    const before = cellWith();
    const warned = {
      ...before,
      cell: { ...before.cell, warnings: [{ reason: 'too-many-cgroups' }] },
    } as const;
    expect(linesFor(before, warned)).to.have.length(2);
  });

  it('is not printed while nothing changes but the time and the memory of a finding', () => {
    const later = '2026-03-02T10:22:00.000Z';
    expect(
      linesFor(
        { ...cellWith(LOST), unaccounted: { memoryBytes: 1_000_000, pids: 7 } },
        { ...cellWith(LOST), unaccounted: { memoryBytes: 9_000_000, pids: 7 }, takenAt: later },
      ),
    ).to.have.length(1);
  });

  it('says when the agent stops answering and when it answers again, each once', () => {
    const lines = linesFor(
      cellWith(),
      'No agent\u001b[2J listens.',
      'No agent\u001b[2J listens.',
      cellWith(),
      cellWith(),
    );
    expect(lines.slice(1)).to.deep.equal([
      `${NOW} unknown No agent\\u{1b}[2J listens.`,
      `${NOW} all-tracked The agent answers again. ` +
        'All 9 containers that Garden lists run, and no other container runs.',
    ]);
  });

  it('names what came and went while the agent was silent', () => {
    const again = linesFor(cellWith(LOST), 'No agent listens.', cellWith(EMPTY)).at(-1);
    expect(again)
      .to.contain(`Found: ${EMPTY.handle} (no-cgroup).`)
      .and.contain(`No longer found: ${LOST.handle} (unknown-to-garden).`);
  });

  it('never says that a finding is gone while nothing can be compared', () => {
    const lines = linesFor(cellWith(LOST), unreadable(), cellWith(LOST));
    expect(lines[1]).to.match(/ unknown Unknown: Garden's list cannot be read\./);
    expect(lines.join('\n').match(/No longer found/g)).to.equal(null);
    expect(lines[2], 'it is known already').to.not.contain('Found:');
  });

  it('marks a drill', () => {
    const drill = { handle: 'drill-5f0c22aa', since: NOW, until: NOW };
    const [line] = linesFor(withDrill(cellWith(), drill));
    expect(line).to.match(/Found: drill-5f0c22aa \(drill\)\.$/);
  });

  it('names at most five findings', () => {
    const lost = Array.from({ length: 8 }, (_, index) => ({
      ...LOST,
      handle: container(index).handle,
    }));
    const [line = ''] = linesFor(report(lost));
    expect(line.match(/\(unknown-to-garden\)/g)).to.have.length(5);
    expect(line).to.match(/ and 3 more\.$/);
  });

  it('is one line in which no text controls the terminal, whatever a container is called', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const { report: hostile } = stateMadeOf(text, NOW);
        for (const line of linesFor(hostile ?? report([]), `No answer: ${text}`))
          expect(line).to.not.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 60 },
    );
  });
});
