import { expect } from 'chai';
import { whatToDo } from '../present/advised.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { A, bpmRep, cellOfOne, firstOf, reportAfter, type CellText } from './cell-builder.ts';

const CHECK = 'check-1f0b7d3e-0000-4000-8000-000000000000';
const TASK = '1f0b7d3e-0000-4000-8000-000000000000';
const INIT_STARTED_AT = 1000;

type Rep = 'older' | 'newer' | 'none';
const REPS: Readonly<Record<Rep, NonNullable<CellText['reps']>>> = {
  older: [bpmRep(INIT_STARTED_AT - 100)],
  newer: [bpmRep(INIT_STARTED_AT + 100)],
  none: [],
};

/** A container that runs, while Garden lists it and has lost its properties. */
const lostUnder = (handle: string, rep: Rep): CellText => ({
  ...cellOfOne(handle, '200 201'),
  properties: { [handle]: null },
  processes: [
    { pid: 200, namespacePids: [200, 1], startTicks: INIT_STARTED_AT, comm: 'garden-init' },
    { pid: 201, namespacePids: [201, 7], startTicks: INIT_STARTED_AT + 1, comm: 'app' },
  ],
  reps: REPS[rep],
});

/**
 * The finding after a grace period, which for these containers is long enough whatever rep does.
 */
function findingOf(handle: string, rep: Rep) {
  const cell = lostUnder(handle, rep);
  const { report } = reportAfter([cell, { ...cell, at: 30_000 }], 30_000);
  const container = firstOf(report);
  return {
    status: container.status,
    sentence: containerSentence(container),
    advice: whatToDo(container),
  };
}

describe('a container whose properties Garden lost', () => {
  for (const rep of ['older', 'newer', 'none'] as const) {
    it(`that is not Diego's is never removed by it, whatever the age of rep (${rep})`, () => {
      const { status, sentence, advice } = findingOf('somebodys', rep);
      expect(status).to.equal('untracked');
      expect(sentence).to.equal(
        'This container runs and Garden lists it, but Garden lost its properties. ' +
          'The container is neither an app nor a task, so nothing in Diego removes it.',
      );
      expect(advice).to.contain('You know who made it → step 4.');
      expect(advice).to.contain('-X DELETE');
      expect(advice).not.to.contain('cf app');
      expect(advice).not.to.contain('runs twice');
    });

    it(`that is a health check of rep is not found by any rep again (${rep})`, () => {
      const { status, sentence, advice } = findingOf(CHECK, rep);
      expect(status).to.equal('untracked');
      expect(sentence).to.contain(
        'The container is a health check of rep, ' +
          'which finds its health checks by a property. ' +
          'So nothing in Diego removes this one any more.',
      );
      expect(sentence).not.to.contain('routing');
      expect(advice).to.contain('a restart of rep does not help.');
      expect(advice).not.to.contain('cf app');
    });
  }

  it('that is a task has no routes and no other instances', () => {
    const { sentence, advice } = findingOf(TASK, 'newer');
    expect(sentence).to.contain('Diego never removes, stops or restarts the container.');
    expect(sentence).not.to.contain('routing');
    expect(advice).not.to.contain('cf app');
    expect(advice).not.to.contain('runs twice');
  });

  it('that is an app loses its routes, and may run twice', () => {
    const { sentence, advice } = findingOf(A, 'newer');
    expect(sentence).to.contain('Within a minute Diego also stops routing to the container.');
    expect(advice).to.contain('all instances run');
    expect(advice).to.contain('Urgent: this may be an attack, or a worker that runs twice.');
  });

  it('gets the advice of its kind also in a pass that does not see the loss', () => {
    const adviceOn = (handle: string): string => {
      const container = firstOf(reportAfter([lostUnder(handle, 'newer')], 0).report);
      return whatToDo({ ...container, explanation: { kind: 'intermittent' } });
    };
    expect(adviceOn('somebodys')).not.to.contain('cf app');
    expect(adviceOn(A)).to.contain('cf app');
  });
});
