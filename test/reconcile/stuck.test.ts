import { expect } from 'chai';
import type { WaitEvidence } from '../../src/model/destroy.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { whatToDo } from '../../src/present/reason-texts.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { gracePeriodsOfAgent, gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import {
  A,
  G,
  complete,
  firstOf,
  passOf,
  process,
  reportAfter,
  type CellText,
} from './cell-builder.ts';

const OWN = `${G}/garden/${A}`;
/** A has two processes, 200 and 201. */
const MEMBERSHIPS = { 200: { memory: OWN, freezer: OWN }, 201: { memory: OWN, freezer: OWN } };
const killed: CellText = {
  trees: { memory: `${G}: 100\n${OWN}: 200 201`, freezer: `${G}: 100\n${OWN}: 200 201` },
  listed: [A],
  memberships: MEMBERSHIPS,
  numbers: { [OWN]: 'freezer.state=0' },
  signals: { 200: 'D killed', 201: 'D killed' },
  processes: [process({ pid: 200 }), process({ pid: 201 })],
};

const AGENT = gracePeriodsOfAgent(30_000, 15_000);

/** `STATUS REASON` of A after passes of an agent, 15 s apart. */
function after(...cells: readonly CellText[]): readonly string[] {
  let memory: Memory = EMPTY_MEMORY;
  return cells.map((cell, n) => {
    const completed = complete(passOf({ ...cell, at: n * 15_000 }, memory), AGENT);
    memory = completed.memory;
    const { status, reason } = firstOf(completed.report);
    return `${status} ${String(reason)}`;
  });
}

const times = (count: number, cell: CellText = killed): readonly CellText[] =>
  Array.from({ length: count }, () => cell);

describe('a container that Garden lists and cannot end', () => {
  it('is a finding once every pass of three minutes saw SIGKILL pending in all its processes', () => {
    const seen = after(...times(14));
    expect(seen.slice(0, 12)).to.deep.equal(Array.from({ length: 12 }, () => 'pending stuck'));
    expect(seen.slice(12)).to.deep.equal(['untracked stuck', 'untracked stuck']);
  });

  it('says what its processes wait for, and how to end that', () => {
    const wait: WaitEvidence = {
      processes: [
        { pid: 200, comm: 'cat', state: 'D', wchan: 'request_wait_answer' },
        { pid: 201, comm: 'sh\n', state: 'D', wchan: null },
      ],
      servers: [{ kind: 'nfs' }, { kind: 'fuse', connection: 57 }],
      mounts: 0,
    };
    const container = firstOf(reportAfter([{ ...killed, waits: { [A]: wait } }]).report);
    expect(containerSentence(container)).to.equal(
      'Garden lists it, but SIGKILL is pending in each of its 2 processes: they were killed and live on. ' +
        'cat (process 200) waits in request_wait_answer and cannot be interrupted and sh\\n (process 201) ' +
        'waits and cannot be interrupted. It has mounts of NFS and FUSE (connection 57). ' +
        "Its root filesystem is no longer mounted (gdn's mountinfo). Not a finding unless it lasts.",
    );
    expect(whatToDo(container)).to.match(
      /^End what they wait for: bring its NFS server back, or umount -f the mount; bring its FUSE server back, or echo 1 >.*connections\/57\/abort. Then delete it \(curl .*\)/,
    );
  });

  it('is pending in a check that settles for less than three minutes', () => {
    const cells = [killed, { ...killed, at: 170_000 }];
    expect(firstOf(reportAfter(cells, 170_000).report).status).to.equal('pending');
    const longer = [killed, { ...killed, at: 180_000 }];
    expect(firstOf(reportAfter(longer, 180_000).report).status).to.equal('untracked');
    expect(gracePeriodsOfCheck(10_000).of('stuck', null)).to.equal(null);
  });

  it('is asked for the signals of one process a minute, and of all once that was killed', () => {
    const asked = (cell: CellText, memory: Memory) => questionsOf(passOf(cell, memory)).signals;
    const { signals: _signals, ...unread } = killed;
    const read = { ...EMPTY_MEMORY, bootId: 'boot-1', signalsReadAt: 0 };
    expect(asked(unread, EMPTY_MEMORY)).to.deep.equal([200]);
    expect(asked({ ...unread, at: 59_000 }, read)).to.deep.equal([]);
    expect(asked({ ...unread, at: 60_000 }, read)).to.deep.equal([200]);
    expect(asked({ ...unread, signals: { 200: 'S' } }, EMPTY_MEMORY)).to.deep.equal([]);
    expect(asked({ ...unread, signals: { 200: 'D killed' } }, EMPTY_MEMORY)).to.deep.equal([201]);
    const { memory } = complete(passOf(killed, EMPTY_MEMORY), AGENT);
    expect(asked({ ...unread, at: 15_000 }, memory)).to.deep.equal([200, 201]);
  });
});
