import { expect } from 'chai';
import type { WaitEvidence } from '../../src/model/destroy.ts';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { whatToDo } from '../../src/present/reason-texts.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { gracePeriodsOfAgent, gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { waitsToAsk } from '../../src/reconcile/judge/stuck.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { expectRows } from './cell-rows.ts';
import {
  A,
  B,
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
      'Garden lists it, but SIGKILL is pending in each of its 2 processes: they were killed and have not ended. ' +
        'In uninterruptible sleep: cat (process 200, in request_wait_answer) and sh\\n (process 201). ' +
        'It has mounts of NFS and FUSE (connection 57). ' +
        "Its root filesystem is no longer mounted (gdn's mountinfo). Not a finding unless it lasts.",
    );
    expect(whatToDo(container)).to.match(
      /^End what they wait for: bring its NFS server back, or umount -f the mount; bring its FUSE server back, or echo 1 >.*connections\/57\/abort. Then delete it \(curl .*\)/,
    );
  });

  it('says which of its processes exit, because SIGKILL is pending in none of these', () => {
    const said = (first: string, second: string | null) => {
      const signals = { 200: first, 201: second };
      const wait: WaitEvidence = {
        processes: [{ pid: 200, comm: 'cat', state: 'S', wchan: 'request_wait_answer' }],
        servers: [],
        mounts: null,
      };
      return containerSentence(
        firstOf(reportAfter([{ ...killed, signals, waits: { [A]: wait } }]).report),
      ).replace(/ Not a finding.*/, '');
    };
    const where = 'Asleep: cat (process 200, in request_wait_answer).';
    const noEffect = 'SIGKILL has no effect on a process that is exiting';
    expect([
      said('S exits', null),
      said('S exits', 'S exits'),
      said('S exits', 'D killed'),
    ]).to.deep.equal([
      `Garden lists it, but its only process is exiting and has not ended: ${noEffect}. ${where}`,
      `Garden lists it, but each of its 2 processes is exiting and has not ended: ${noEffect}. ${where}`,
      `Garden lists it, but none of its 2 processes ends: SIGKILL is pending in 1, and 1 is exiting (${noEffect}). ${where}`,
    ]);
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

  const stuck =
    'garden/A: 200 201; in freezer /garden: 100, garden/A: 200 201; number garden/A freezer.state=0; cgroups 200 freezer=garden/A; cgroups 201 freezer=garden/A; signals 200=D+killed 201=D+killed';
  const onV2 =
    '/garden/A/init: 200 201; cgroups 200 v2=/garden/A/init; cgroups 201 v2=/garden/A/init; signals 200=D+killed 201=D+killed; number /garden/A/init cgroup.events#frozen';
  const withEnvoy = stuck.replace('200 201;', '200 201, garden/A/A-envoy: 202;');
  expectRows(
    `
is a finding | ${stuck} > same | A untracked stuck warning (2)
is not one while one of its processes was not killed | ${stuck}; signals 200=D+killed 201=S > same | A tracked (2)
is not one while one waits without a SIGKILL | ${stuck}; signals 200=D+killed 201=D > same | A tracked (2)
is not one while one is stopped | ${stuck}; signals 200=D+killed 201=T+killed > same | A tracked (2)
is not one while a process outside traces one | ${stuck}; signals 200=D+killed 201=t+killed+tracer=77 > same | A tracked (2)
is not one while it is frozen on v1 | ${stuck}; number garden/A freezer.state=1 > same | A tracked (2)
is not one while nothing shows whether it is frozen | ${stuck}; number garden/A freezer.state=null > same | A tracked (2)
is not one while nothing shows which freezer it has | ${stuck.replace('; cgroups 201 freezer=garden/A', '')} > same | A tracked (2)
is not one if all of its processes end | ${stuck}; signals 200=Z+killed 201=gone > same | A tracked (2)
is not one if Garden does not list it | ${stuck}; lists - > same | A untracked unknown-to-garden critical (2)
is not one if a part of it cannot be read | ${stuck}; unreadable garden/A/hidden > same | A tracked (2)
is not one if one exits while another runs | ${stuck}; signals 200=D+exits 201=S > same | A tracked (2)
is not one if nothing but a killed pea of it is left | garden/A:, garden/A/A-envoy: 201; signals 201=D+killed > same | A untracked no-cgroup warning (0) with A-envoy
is not one if a pea of it alone was killed | ${withEnvoy}; signals 200=S 201=S 202=D+killed > same | A tracked (2) with A-envoy
is one although a zombie is left, which the kernel lists | ${stuck}; signals 200=Z 201=D+killed > same | A untracked stuck warning (2)
is one although one has just ended | ${stuck}; signals 200=gone 201=D+killed > same | A untracked stuck warning (2)
is one although one exits, and none but that is left | ${stuck}; signals 200=S+exits 201=gone > same | A untracked stuck warning (2)
is one although one exits and the other was killed | ${stuck}; signals 200=S+exits 201=D+killed > same | A untracked stuck warning (2)
is one although one traces another | ${stuck}; signals 200=D+killed 201=t+killed+tracer=200 > same | A untracked stuck warning (2)
is one although its Envoy lives | ${withEnvoy} > same | A untracked stuck warning (2) with A-envoy
is one although it is in no cgroup of the freezer | ${stuck}; cgroups 200 freezer=/; cgroups 201 freezer=/ > same | A untracked stuck warning (2) at /
is not one where the freezer's cgroup is not below its mount | ${stuck}; cgroups 201 freezer=/../x > same | A tracked (2)
is not one while v2 hides a process of it | ${stuck.replace('garden/A: 200 201;', 'garden/A: 0 200 201;')} > same | A tracked (3)
ends once it is frozen, because its processes end when it is thawed | ${stuck} > same > ${stuck}; number garden/A freezer.state=1 | A tracked (2)
stays while not all of its processes are read | ${stuck} > same > ${stuck}; signals 200=D+killed | A untracked stuck warning (2) because not all of its processes could be read
ends with one that runs, whatever was not read | ${stuck} > same > ${stuck}; signals 200=S | A tracked (2)
is one although it has no freezer, as where none is mounted | garden/A: 200 201; cgroups 200 memory=garden/A; cgroups 201 memory=garden/A; signals 200=D+killed 201=D+killed > same | A untracked stuck warning (2)
`,
    180_000,
  );

  // `cgroup.events` of the own cgroup of each process tells.
  expectRows(
    `
is a finding on v2 | ${onV2}=0 > same | A untracked stuck warning (2)
is not one while it is frozen on v2 | ${onV2}=1 > same | A tracked (2)
`,
    180_000,
    'v2',
  );

  it('is asked for the freezer of its processes, and for what they wait for', () => {
    const asked = (more: Partial<CellText>) =>
      questionsOf(passOf({ ...killed, ...more }, EMPTY_MEMORY));
    const running = asked({ signals: { 200: 'D killed', 201: 'S' }, numbers: {} });
    expect(running).to.deep.include({ cgroupNumbers: [], waits: [] });
    expect(asked({ memberships: {} }).memberships).to.deep.equal([200, 201]);
    const openedAt = '/sys/fs/cgroup/freezer';
    expect(asked({ numbers: {} }).cgroupNumbers).to.deep.equal([
      { openedAt, path: OWN, files: ['freezer.state'] },
    ]);
    expect(asked({}).waits).to.deep.equal([{ handle: A, pids: [200, 201], gdnPid: 100 }]);
  });

  it('begins anew after a pass that saw a process that was not killed', () => {
    const [first, others] = [times(12), times(13)];
    const other = { ...killed, signals: { 200: 'D killed', 201: 'S' } };
    const seen = after(...first, other, ...others);
    expect(seen.slice(11, 14)).to.deep.equal(['pending stuck', 'tracked null', 'pending stuck']);
    expect(seen.slice(-2)).to.deep.equal(['pending stuck', 'untracked stuck']);
  });

  it('begins anew once none of the processes is left that were killed at first', () => {
    const tree = { memory: `${G}: 100\n${OWN}: 300`, freezer: `${G}: 100\n${OWN}: 300` };
    const next: CellText = {
      ...killed,
      trees: tree,
      memberships: { 300: MEMBERSHIPS[200] },
      signals: { 300: 'D killed' },
      processes: [process({ pid: 300 })],
    };
    expect(after(...times(12), next, next).slice(11)).to.deep.equal([
      'pending stuck',
      'tracked null',
      'pending stuck',
    ]);
    const reused = {
      ...killed,
      processes: [200, 201].map((pid) => process({ pid, startTicks: 7 })),
    };
    expect(after(...times(12), reused).at(-1), 'their pids belong to others').to.equal(
      'tracked null',
    );
    const oneLeft = { ...killed, signals: { 200: null, 201: 'D killed' } };
    expect(after(...times(12), oneLeft).at(-1)).to.equal('untracked stuck');
  });

  it('keeps its time through passes that could not read it, which count as two intervals at most', () => {
    const unread: CellText = { ...killed, signals: {} };
    const seen = after(...times(10), ...times(9, unread), ...times(3));
    expect(new Set(seen.slice(0, -2))).to.deep.equal(new Set(['pending stuck']));
    expect(seen.slice(-2)).to.deep.equal(['untracked stuck', 'untracked stuck']);
  });

  it('is unowned first if Garden lost its properties, too', () => {
    const lost = { ...killed, properties: { [A]: null } };
    expect(after(...times(5, lost)).at(-1)).to.match(/unowned/);
  });

  it('is no-cgroup once its processes have ended, and stays reported until then', () => {
    const ended = { ...killed, trees: { memory: `${G}: 100\n${OWN}:` }, signals: {} };
    expect(after(...times(13), ended).slice(-2)).to.deep.equal([
      'untracked stuck',
      'pending no-cgroup',
    ]);
  });

  it('is asked what it waits for, but of no more than 64, by their handles', () => {
    const named = (name: string, reason: string) => ({
      name: asByteString(name),
      handle: asHandle(name),
      cgroup: null,
      judgement: { reason },
    });
    const { state } = passOf(killed, EMPTY_MEMORY);
    const handles = Array.from({ length: 65 }, (_, n) => `h${100 + n}`);
    const differing = ['h102', ...handles.filter((one) => one !== 'h102'), 'h000'].map((handle) =>
      named(handle, handle === 'h000' ? 'escaped' : 'stuck'),
    );
    for (const order of [differing, differing.toReversed()])
      expect(waitsToAsk(order, state)).to.deep.equal(
        handles.slice(0, 64).map((handle) => ({ handle, pids: [], gdnPid: 100 })),
      );
  });

  it('is read before others of which more processes run, and never in part', () => {
    /** The processes that are asked for after the first of each was, which is not asked again. */
    const asked = (sizes: Readonly<Record<string, number>>): readonly number[] => {
      const pidsOf = (size: number) => Array.from({ length: size }, (_, n) => size * 10_000 + n);
      const trees = Object.entries(sizes).map(
        ([handle, size]) => `${G}/garden/${handle}: ${pidsOf(size).join(' ')}`,
      );
      const signals = Object.values(sizes).map((size) => [size * 10_000, 'D killed'] as const);
      const cell = {
        ...killed,
        trees: { memory: `${G}: 100\n${trees.join('\n')}` },
        listed: Object.keys(sizes),
        signals: Object.fromEntries(signals),
      };
      return questionsOf(passOf(cell, EMPTY_MEMORY)).signals.map((pid) => Math.floor(pid / 10_000));
    };
    const others = (size: number) => Array.from({ length: size - 1 }, () => size);
    expect(asked({ [A]: 2, [B]: 1023 })).to.deep.equal(others(2));
    expect(asked({ [A]: 1023, [B]: 2 })).to.deep.equal(others(2));
    expect(asked({ [A]: 1023 })).to.deep.equal(others(1023));
    expect(asked({ [A]: 1024 })).to.deep.equal(others(1024));
    expect(asked({ [A]: 1025 })).to.deep.equal([]);
  });
});
