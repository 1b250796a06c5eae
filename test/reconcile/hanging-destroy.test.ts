import { expect } from 'chai';
import type { DestroyEvidence, HostProcess } from '../../src/model/destroy.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type { ProcessFacts } from '../../src/model/process.ts';
import { whatToDo } from '../present/advised.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/difference.ts';
import { A, bpmRep, cellOfOne, complete, firstOf, hostProcess, passWith } from './cell-builder.ts';

const GDN = 100;
const BEGUN_AT = '2027-01-15T07:55:00.000Z';
const NOW = new Date(1.8e12).toISOString();

const networker = hostProcess({
  pid: 813,
  parentPid: GDN,
  comm: 'networker',
  startTicks: 5000,
  startedAt: BEGUN_AT,
});
const child = hostProcess({
  pid: 814,
  parentPid: networker.pid,
  comm: 'sleep',
  startTicks: 5001,
  startedAt: BEGUN_AT,
});

const found = (
  processes: readonly HostProcess[],
  more: Partial<DestroyEvidence> = {},
): DestroyEvidence => ({
  at: NOW,
  processes,
  omitted: 0,
  hasWorked: processes.some(({ part }) => part === 'works'),
  isCut: false,
  pipesRead: false,
  mounts: 0,
  ...more,
});

interface Pass {
  /** Null: this pass does not search. */
  readonly search: DestroyEvidence | null;
  readonly ended?: readonly HostProcess[];
}

/** A container that a rep retries, after these passes: what is said of it. */
function saidAfter(...passes: readonly Pass[]): { sentence: string; advice: string } {
  const cell = { ...cellOfOne(A, ''), reps: [bpmRep(900)] };
  let memory = EMPTY_MEMORY;
  let container = null;
  for (const [n, { search, ended = [] }] of passes.entries()) {
    const processes = new Map<number, ProcessFacts | null>(ended.map(({ pid }) => [pid, null]));
    const destroys = search === null ? {} : { [A]: search };
    const pass = passWith({ ...cell, destroys, at: n * 1000 }, memory, { processes });
    const completed = complete(pass, gracePeriodsOfCheck(0));
    memory = completed.memory;
    container = firstOf(completed.report);
  }
  if (container === null) throw new Error('no pass');
  return { sentence: containerSentence(container), advice: whatToDo(container) };
}

describe('a destroy that hangs in an external networker with a child', () => {
  const running: Pass = { search: found([networker, child]) };

  it('names both, and what ends it', () => {
    const { sentence, advice } = saidAfter(running);
    expect(sentence).to.contain(
      'gdn waits for networker (process 813, started 5 min ago), ' +
        'with sleep (process 814, started 5 min ago) below it. ' +
        'So the destroy hangs, and no other attempt begins.',
    );
    expect(advice).to.contain('ps -ww -o pid,stat,wchan:30,etime,args -p 813,814');
    expect(advice).to.contain('sudo kill 813 814');
  });

  it('says how many more there are than it names', () => {
    const { sentence } = saidAfter({ search: found([networker, child], { omitted: 3 }) });
    expect(sentence).to.contain('sleep (process 814, started 5 min ago) below it, and 3 more.');
  });

  it('names the child at once when its parent has ended, although nothing is searched', () => {
    const { sentence, advice } = saidAfter(running, { search: null, ended: [networker] });
    expect(sentence).to.contain(
      'sleep (process 814, started 5 min ago) is left of what gdn started for this container, ' +
        'and may hold a pipe that gdn reads. ' +
        'If gdn waits for such a process, the destroy hangs, and no other attempt begins.',
    );
    expect(sentence).not.to.contain('networker');
    expect(sentence).not.to.contain('rep retries');
    expect(advice).to.contain('"already being destroyed"');
  });

  it('still names the child when a later search no longer finds it below gdn', () => {
    const { sentence } = saidAfter(running, { search: found([]), ended: [networker] });
    expect(sentence).to.contain('sleep (process 814, ');
    expect(sentence).to.contain('may hold a pipe that gdn reads');
  });

  it('knows where root has seen that the child holds the pipe', () => {
    const holder = hostProcess({ ...child, parentPid: 1, part: 'holds' });
    const { sentence } = saidAfter(running, {
      search: found([holder], { pipesRead: true }),
      ended: [networker],
    });
    expect(sentence).to.contain(
      'sleep (process 814, started 5 min ago) is not below gdn, and holds a pipe that gdn reads.',
    );
    expect(sentence).not.to.contain('may hold');
  });

  it('says what it cannot tell when both have ended, and who retries', () => {
    const { sentence } = saidAfter(running, {
      search: found([]),
      ended: [networker, child],
    });
    expect(sentence).to.contain(
      'All that gdn started for this container has ended. ' +
        'Only root can see whether another process holds a pipe that gdn reads. ' +
        'The destroy fails, and rep retries it.',
    );
  });

  it('says that it cannot tell who retries where the search was cut', () => {
    const ended: Pass = { search: found([], { isCut: true }), ended: [networker, child] };
    const { sentence, advice } = saidAfter(running, ended);
    expect(sentence).to.contain(
      'The host has more processes than one search reads, so others may keep gdn waiting. ' +
        'So it is unknown who tries to destroy it again.',
    );
    expect(sentence).not.to.contain('has ended');
    expect(sentence).not.to.contain('rep retries');
    expect(advice).to.contain('the destroy never ends by itself');
  });

  it('says nothing of pipes where root has seen that nobody holds one', () => {
    const { sentence } = saidAfter(running, {
      search: found([], { pipesRead: true }),
      ended: [networker, child],
    });
    expect(sentence).not.to.contain('pipe');
  });

  it('names nothing of an earlier gdn, whose pipes ended with it', () => {
    const before = hostProcess({ ...networker, startTicks: 500 });
    const ofBefore = hostProcess({ ...child, startTicks: 501 });
    const { sentence } = saidAfter(
      { search: found([before, ofBefore]) },
      { search: found([]), ended: [before] },
    );
    expect(sentence).not.to.contain('sleep');
  });
});

describe('a destroy that fails, where nothing was seen to work on it', () => {
  it('says nothing of pipes', () => {
    expect(saidAfter({ search: found([]) }).sentence).not.to.contain('pipe');
  });

  it('does not hang in what has just started', () => {
    const young = { ...networker, startedAt: NOW };
    const { sentence } = saidAfter({ search: found([young]) });
    expect(sentence).to.contain('gdn waits for networker (process 813, ');
    expect(sentence).to.contain('The destroy fails, and rep retries it.');
  });
});
