import { expect } from 'chai';
import type { ContainerReport } from '../../src/model/report.ts';
import { obstaclesIn } from '../../src/ledgers/preflight.ts';
import { whatToDo } from '../present/advised.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { A, bpmRep, cellOfOne, firstOf, reportAfter, type CellText } from './cell-builder.ts';

const CHECK = 'check-1f0b7d3e-0000-4000-8000-000000000000';
const OF_CHECK = {
  'executor:owner': 'executor-health-check',
  'tag:healthcheck-tag': 'healthcheck',
};
const GDN_STARTED_AT = 1000;

/** Garden lists it, with its properties, and nothing of it runs: its destroy failed halfway. */
const halfDestroyed = (handle: string): CellText => cellOfOne(handle, '');
const checkHalfDestroyed: CellText = {
  ...halfDestroyed(CHECK),
  properties: { [CHECK]: OF_CHECK },
};

const minutesLater = (minutes: number, cell: CellText): CellText => ({
  ...cell,
  at: minutes * 60_000,
});
const timeAfter = (minutes: number): string => new Date(1.8e12 + minutes * 60_000).toISOString();

/** After these passes and one more, half a minute after the last. */
function findingIn(...cells: readonly CellText[]): ContainerReport {
  const last = cells.at(-1) ?? halfDestroyed(A);
  const again = { ...last, at: (last.at ?? 0) + 30_000 };
  return firstOf(reportAfter([...cells, again], 30_000).report);
}
const textOf = (container: ContainerReport): string =>
  `${containerSentence(container)} ${whatToDo(container)}`;

describe("a health check of rep that cannot be destroyed, with rep's properties", () => {
  const underRep: CellText = { ...checkHalfDestroyed, reps: [bpmRep(900)] };

  it('is tried three times in each health check, and makes the cell unhealthy', () => {
    expect(containerSentence(findingIn(underRep))).to.equal(
      'Garden still lists this container, but nothing runs in it. ' +
        'The container is a health check of rep. ' +
        'In each health check (every 10 minutes by default), ' +
        'rep tries three times to destroy the container. ' +
        'While that fails, rep calls the cell unhealthy, and Diego starts nothing on the cell. ' +
        'If rep restarts, it exits with "garden_health_checker exited with error" ' +
        'until this container is destroyed.',
    );
  });

  it('gets no advice to wait for a retry every 30 seconds', () => {
    const text = textOf(findingIn(underRep));
    expect(text).not.to.contain('30 seconds');
    expect(text).to.contain(
      'rep tries again in its next health check (every 10 minutes by default)',
    );
  });

  it('is not what a drain of the cell waits for', () => {
    const { report } = reportAfter([underRep], 0);
    expect(obstaclesIn(report)).to.deep.equal([]);
  });

  it('is destroyed by nobody once its properties are lost, although rep is older', () => {
    const lost: CellText = { ...underRep, properties: { [CHECK]: null } };
    const text = textOf(findingIn(lost));
    expect(text).to.contain('Nobody tries to destroy it again.');
    expect(text).to.contain('-X DELETE');
  });

  it('is tried by each rep that starts, which exits if that fails', () => {
    const text = textOf(findingIn({ ...checkHalfDestroyed, reps: [] }));
    expect(text).to.contain(
      'Each rep that starts tries to destroy the container in its first health check. ' +
        'If that fails, rep exits with "garden_health_checker exited with error".',
    );
    expect(text).not.to.contain('Nobody');
  });
});

describe('an app whose destroy fails while rep exits at each start', () => {
  const AT_EACH_START =
    'Each rep that starts tries to destroy the container first, and exits if that fails. ' +
    'So Diego starts nothing on this cell.';

  it('is tried at each start, also while no rep runs', () => {
    const text = textOf(findingIn({ ...halfDestroyed(A), reps: [] }));
    expect(text).to.contain(AT_EACH_START);
    expect(text).not.to.contain('Nobody');
    expect(text).to.contain('executor-failed-to-destroy-container');
  });

  it('is tried at each start, also in a pass that sees the rep that has just started', () => {
    const between: CellText = { ...halfDestroyed(A), reps: [] };
    const starting: CellText = { ...halfDestroyed(A), reps: [bpmRep(9000, timeAfter(2))] };
    const text = textOf(findingIn(between, minutesLater(2, starting)));
    expect(text).to.contain(AT_EACH_START);
    expect(text).not.to.contain('every 30 seconds');
  });

  it('is retried by a rep that ran before it was created', () => {
    const text = textOf(findingIn({ ...halfDestroyed(A), reps: [bpmRep(900)] }));
    expect(text).to.contain('The destroy fails, and rep retries it.');
    expect(text).to.contain('every 30 seconds');
  });

  it('is tried by nobody if its properties are lost: a rep that starts does not find it', () => {
    const lost: CellText = { ...halfDestroyed(A), properties: { [A]: null } };
    expect(textOf(findingIn({ ...lost, reps: [] }))).to.contain(
      'Nobody tries to destroy it again.',
    );
    const newer = { ...lost, reps: [bpmRep(GDN_STARTED_AT + 1)] };
    expect(textOf(findingIn(newer))).to.contain('Nobody tries to destroy it again.');
  });
});

describe('a container of another client whose destroy fails', () => {
  it('is tried by nobody, whether rep runs or not', () => {
    const properties = { somebodys: { 'client:owner': 'volume-janitor' } };
    const cell: CellText = { ...halfDestroyed('somebodys'), properties };
    for (const reps of [[], [bpmRep(900)]])
      expect(textOf(findingIn({ ...cell, reps }))).to.contain('Nobody tries to destroy it again.');
  });
});
