import { expect } from 'chai';
import type { WaitEvidence } from '../../src/model/destroy.ts';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type { ProcessSignals } from '../../src/model/process.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { differs, type Judgement } from '../../src/reconcile/judge/judgement.ts';
import { waitsToAsk } from '../../src/reconcile/judge/stuck.ts';
import { advised } from '../present/advised.ts';
import { passOf } from './cell-builder.ts';
import {
  app,
  appProcess,
  cell,
  envoyOf,
  GDN,
  inState,
  killedIn,
  lose,
  loseProperties,
  withCgroups,
  withFiles,
  type Cell,
} from './cell.ts';
import {
  agentPasses,
  check,
  checkFor,
  expectShown,
  filesAsked,
  onlyContainer,
  questions,
  questionsFor,
  runsOf,
  times,
} from './shown.ts';

/*
 * Garden lists billing, whose two processes are in a cgroup of the freezer, too, which is not
 * frozen.
 */

const billing = app('billing', { pids: [200, 201] });
const unread = withFiles(
  cell({
    containers: [billing],
    hierarchies: { freezer: { [GDN]: [100], [billing.cgroup]: [200, 201] } },
    memberships: { 200: { freezer: billing.cgroup }, 201: { freezer: billing.cgroup } },
  }),
  billing.cgroup,
  { 'freezer.state': 0 },
);

/**
 * What the kernel says of each process: its state, and whether SIGKILL is pending; null: it ended.
 */
const withSignals = (before: Cell, signals: NonNullable<Cell['signals']>): Cell => ({
  ...before,
  signals,
});
const ASLEEP = inState('S');
/** SIGKILL is pending in it, and it is in uninterruptible sleep. */
const KILLED = killedIn('D');
const EXITING = inState('S', { isExiting: true });

const stuck = withSignals(unread, { 200: KILLED, 201: KILLED });
const frozen = (before: Cell, state: 0 | 1 | null): Cell =>
  withFiles(before, billing.cgroup, { 'freezer.state': state });

const FOUND = 'billing: untracked warning stuck, 2 processes';
const TRACKED = 'billing: tracked, 2 processes';

/** What is shown once the cell has been so for three minutes. */
const expectLasting = (one: Cell, ...lines: readonly string[]): void =>
  expectShown(checkFor(180, one, one), ...lines);

describe('A container that Garden lists and cannot end', () => {
  const waitingFor = (before: Cell, wait: WaitEvidence): Cell => ({
    ...before,
    waits: { [billing.handle]: wait },
  });

  it('says what its processes wait for, and how to end that', () => {
    const wait: WaitEvidence = {
      processes: [
        { pid: 200, comm: 'cat', state: 'D', wchan: 'request_wait_answer' },
        { pid: 201, comm: 'sh\n', state: 'D', wchan: null },
      ],
      servers: [
        { kind: 'nfs', minor: 52 },
        { kind: 'fuse', connection: 57 },
      ],
      mounts: 0,
    };
    const container = onlyContainer(check(waitingFor(stuck, wait)));
    expect(containerSentence(container)).to.equal(
      'Garden cannot end this container: its 2 processes were killed and have not ended ' +
        '(SIGKILL is pending in each). ' +
        'In uninterruptible sleep: cat (process 200, in request_wait_answer) and sh\\n ' +
        '(process 201). ' +
        'The container has mounts of NFS (device 0:52) and FUSE (connection 57). ' +
        "The container's root filesystem is no longer mounted: see /proc/$(pidof -s gdn)/mountinfo. " +
        'Only a difference that lasts becomes a finding.',
    );
    expect(advised(container).steps.map(({ action, command }) => [action, command])).to.deep.equal([
      [
        'Bring back the NFS server that the lines name.',
        "sudo grep -E ' - nfs4? ' /proc/200/mountinfo",
      ],
      [
        'If the NFS server never comes back, give up its volume: its users get errors until it is ' +
          'mounted anew.',
        'echo 1 | sudo tee /sys/fs/nfs/0:52/shutdown',
      ],
      [
        'Restart the FUSE server, or abort its connection: whatever uses the mount then gets ' +
          'errors.',
        'echo 1 | sudo tee /sys/fs/fuse/connections/57/abort',
      ],
      [
        'If the container is still listed half a minute later, delete it through Garden.',
        'sudo curl -sS --unix-socket /var/vcap/data/garden/garden.sock -X DELETE ' +
          `http://garden/containers/${billing.handle}`,
      ],
      [
        'If nothing helps, recreate the cell from where you use bosh.',
        'bosh -d DEPLOYMENT recreate diego_cell/INDEX',
      ],
    ]);
  });

  it('says which of its processes exit, because SIGKILL is pending in none of these', () => {
    const said = (first: ProcessSignals, second: ProcessSignals | null) => {
      const signals = { 200: first, 201: second };
      const wait: WaitEvidence = {
        processes: [{ pid: 200, comm: 'cat', state: 'S', wchan: 'request_wait_answer' }],
        servers: [],
        mounts: null,
      };
      const one = waitingFor(withSignals(stuck, signals), wait);
      return containerSentence(onlyContainer(check(one))).replace(/ Only a difference.*/, '');
    };
    const where = 'Asleep: cat (process 200, in request_wait_answer).';
    const noEffect = 'SIGKILL has no effect on a process that is exiting';
    expect([said(EXITING, null), said(EXITING, EXITING), said(EXITING, KILLED)]).to.deep.equal([
      'Garden cannot end this container: its only process is exiting and has not ended: ' +
        `${noEffect}. ${where}`,
      'Garden cannot end this container: each of its 2 processes is exiting and has not ended: ' +
        `${noEffect}. ${where}`,
      'Garden cannot end this container: none of its 2 processes ends: SIGKILL is pending in ' +
        `1, and 1 is exiting (${noEffect}). ${where}`,
    ]);
  });

  it('still says what its processes wait for after gdn has lost its properties', () => {
    const wait: WaitEvidence = {
      processes: [{ pid: 200, comm: 'cat', state: 'D', wchan: 'request_wait_answer' }],
      servers: [{ kind: 'nfs', minor: 52 }],
      mounts: 0,
    };
    const restarted = loseProperties(stuck, billing);
    const asked = questionsFor(180, stuck, stuck, restarted).waits;
    expect(asked.map(({ handle }) => handle)).to.deep.equal([billing.handle]);
    const waiting = waitingFor(restarted, wait);
    const container = onlyContainer(checkFor(180, stuck, stuck, waiting));
    expect(container).to.include({ status: 'untracked', reason: 'stuck' });
    expect(containerSentence(container)).to.contain('In uninterruptible sleep: cat (process 200');
  });
});

describe('To see whether a container is stuck, a pass asks', () => {
  const unaskedFreezer: Cell = { ...stuck, numbers: {} };

  it('for the signals of one process at first', () => {
    expect(questions(unread).signals).to.deep.equal([200]);
  });

  it('for no others if that one was not killed', () => {
    expect(questions(withSignals(unread, { 200: ASLEEP })).signals).to.deep.equal([]);
  });

  it('for those of all if that one was killed', () => {
    expect(questions(withSignals(unread, { 200: KILLED })).signals).to.deep.equal([201]);
  });

  it('not for its freezer or what it waits for while one of its processes runs', () => {
    const asked = questions(withSignals(unaskedFreezer, { 200: KILLED, 201: ASLEEP }));
    expect(filesAsked(asked)).to.deep.equal([]);
    expect(asked.waits).to.deep.equal([]);
  });

  it('for the cgroups of its processes before it asks for a freezer', () => {
    const asked = questions({ ...stuck, memberships: {} });
    expect(asked.memberships).to.deep.equal([200, 201]);
    expect(filesAsked(asked)).to.deep.equal([]);
  });

  it('whether it is frozen', () => {
    expect(filesAsked(questions(unaskedFreezer))).to.deep.equal([
      'GDN/garden/billing of freezer: freezer.state',
    ]);
  });

  it('for what its processes wait for', () => {
    const asked = questions(stuck).waits.map(({ handle, pids }) => [handle, pids]);
    expect(asked).to.deep.equal([[billing.handle, [200, 201]]]);
  });

  it('for signals each minute', () => {
    expect(questionsFor(59, unread, unread).signals).to.deep.equal([]);
    expect(questionsFor(60, unread, unread).signals).to.deep.equal([200]);
  });

  it('for the signals of all in each pass once it was killed', () => {
    expect(questionsFor(15, stuck, unread).signals).to.deep.equal([200, 201]);
  });
});

describe('A container is stuck', () => {
  it('if SIGKILL has been pending in its processes for three minutes', () => {
    expectLasting(stuck, FOUND);
  });

  it('but only pending in a check that settles for less than three minutes', () => {
    expectShown(checkFor(179, stuck, stuck), 'billing: pending warning stuck, 2 processes');
  });

  const ALTHOUGH: Readonly<Record<string, Cell>> = {
    'a zombie is left, which the kernel lists': withSignals(stuck, {
      200: inState('Z'),
      201: KILLED,
    }),
    'one of them has just ended': withSignals(stuck, { 200: null, 201: KILLED }),
    'one of them exits, and none but that is left': withSignals(stuck, {
      200: EXITING,
      201: null,
    }),
    'one of them exits, and the other was killed': withSignals(stuck, {
      200: EXITING,
      201: KILLED,
    }),
    'one of them traces the other': withSignals(stuck, {
      200: KILLED,
      201: killedIn('t', { tracer: 200 }),
    }),
  };
  for (const [what, one] of Object.entries(ALTHOUGH))
    it(`although ${what}`, () => {
      expectLasting(one, FOUND);
    });

  it('although its Envoy lives', () => {
    expectLasting(
      withCgroups(stuck, { [envoyOf(billing)]: [202] }),
      `${FOUND}, with billing-envoy`,
    );
  });

  it('although it is in no cgroup of the freezer', () => {
    const memberships = { 200: { freezer: '/' }, 201: { freezer: '/' } };
    expectLasting({ ...stuck, memberships }, `${FOUND}, in /`);
  });

  it('although there is no freezer, as where none is mounted', () => {
    const withoutFreezer = cell({
      containers: [billing],
      memberships: { 200: { memory: billing.cgroup }, 201: { memory: billing.cgroup } },
      signals: { 200: KILLED, 201: KILLED },
    });
    expectLasting(withoutFreezer, FOUND);
  });

  it('until it is frozen, because its processes end when it is thawed', () => {
    expectShown(checkFor(180, stuck, stuck, frozen(stuck, 1)), TRACKED);
  });

  it('while not all of its processes are read', () => {
    const part = withSignals(stuck, { 200: KILLED });
    expectShown(
      checkFor(180, stuck, stuck, part),
      `${FOUND}, undecided because not all processes of the container could be read`,
    );
  });

  it('until one of its processes runs, whatever was not read', () => {
    expectShown(checkFor(180, stuck, stuck, withSignals(stuck, { 200: ASLEEP })), TRACKED);
  });
});

describe('A container is not stuck', () => {
  const WHILE: Readonly<Record<string, Cell>> = {
    'one of its processes was not killed': withSignals(stuck, { 200: KILLED, 201: ASLEEP }),
    'one of its processes waits without a SIGKILL': withSignals(stuck, {
      200: KILLED,
      201: inState('D'),
    }),
    'one of its processes is stopped': withSignals(stuck, { 200: KILLED, 201: killedIn('T') }),
    'a process outside traces one of them': withSignals(stuck, {
      200: KILLED,
      201: killedIn('t', { tracer: 77 }),
    }),
    'it is frozen on v1': frozen(stuck, 1),
    'nothing shows whether it is frozen': frozen(stuck, null),
    'nothing shows which freezer one of its processes has': {
      ...stuck,
      memberships: { 200: { freezer: billing.cgroup } },
    },
    'all of its processes end': withSignals(stuck, { 200: killedIn('Z'), 201: null }),
    'a part of it cannot be read': { ...stuck, unreadable: [`${billing.cgroup}/hidden`] },
    'one of its processes exits and another runs': withSignals(stuck, {
      200: inState('D', { isExiting: true }),
      201: ASLEEP,
    }),
    'the cgroup of its freezer is not below the mount of that': {
      ...stuck,
      memberships: { 200: { freezer: billing.cgroup }, 201: { freezer: '/../x' } },
    },
  };
  for (const [what, one] of Object.entries(WHILE))
    it(`while ${what}`, () => {
      expectLasting(one, TRACKED);
    });

  it('while v2 hides a process of it', () => {
    const hidden = withCgroups(stuck, { [billing.cgroup]: [0, 200, 201] });
    expectLasting(hidden, 'billing: tracked, 3 processes');
  });

  it('if Garden does not list it', () => {
    expectLasting(
      lose(stuck, billing),
      'billing: untracked critical unknown-to-garden, 2 processes',
    );
  });

  it('if nothing but a killed Envoy of it is left', () => {
    const envoyOnly = cell({
      listed: [billing],
      cgroups: { [billing.cgroup]: [], [envoyOf(billing)]: [201] },
      signals: { 201: KILLED },
    });
    expectLasting(
      envoyOnly,
      'billing: untracked warning no-cgroup, 0 processes, with billing-envoy',
    );
  });

  it('if its Envoy alone was killed', () => {
    const withEnvoy = withCgroups(stuck, { [envoyOf(billing)]: [202] });
    expectLasting(
      withSignals(withEnvoy, { 200: ASLEEP, 201: ASLEEP, 202: KILLED }),
      `${TRACKED}, with billing-envoy`,
    );
  });
});

describe('On v2, where cgroup.events says whether a container is frozen,', () => {
  const leaf = `/garden/${billing.handle}/init`;
  const onV2 = (isFrozen: 0 | 1): Cell =>
    withFiles(
      cell({
        primary: 'v2',
        listed: [billing],
        cgroups: { [leaf]: [200, 201] },
        memberships: { 200: { v2: leaf }, 201: { v2: leaf } },
        signals: { 200: KILLED, 201: KILLED },
      }),
      leaf,
      { 'cgroup.events#frozen': isFrozen },
    );

  it('it is stuck if its processes are not frozen', () => {
    expectLasting(onV2(0), FOUND);
  });

  it('it is not stuck while they are', () => {
    expectLasting(onV2(1), TRACKED);
  });
});

describe('An agent, which makes a pass every 15 seconds, reports a container as stuck', () => {
  const seen: Cell = { ...stuck, processes: [appProcess(200), appProcess(201)] };
  const running = withSignals(seen, { 200: KILLED, 201: ASLEEP });
  const PENDING = 'pending warning stuck';
  const REPORTED = 'untracked warning stuck';

  it('once every pass of three minutes saw SIGKILL pending in all its processes', () => {
    expect(runsOf(agentPasses(times(14, seen)))).to.deep.equal([
      `12 times ${PENDING}`,
      `2 times ${REPORTED}`,
    ]);
  });

  it('three minutes after a pass that saw a process that was not killed', () => {
    const passes = [...times(12, seen), running, ...times(13, seen)];
    expect(runsOf(agentPasses(passes))).to.deep.equal([
      `12 times ${PENDING}`,
      'tracked',
      `12 times ${PENDING}`,
      REPORTED,
    ]);
  });

  it('not once none of the processes is left that were killed at first', () => {
    const other = cell({
      containers: [{ ...billing, pids: [300] }],
      hierarchies: { freezer: { [GDN]: [100], [billing.cgroup]: [300] } },
      memberships: { 300: { freezer: billing.cgroup } },
      numbers: seen.numbers ?? {},
      signals: { 300: KILLED },
      processes: [appProcess(300)],
    });
    expect(runsOf(agentPasses([...times(12, seen), ...times(2, other)]))).to.deep.equal([
      `12 times ${PENDING}`,
      'tracked',
      PENDING,
    ]);
  });

  it('not where the pids of its processes belong to others', () => {
    const others = {
      ...seen,
      processes: [appProcess(200, { startTicks: 7 }), appProcess(201, { startTicks: 7 })],
    };
    expect(runsOf(agentPasses([...times(12, seen), others]))).to.deep.equal([
      `12 times ${PENDING}`,
      'tracked',
    ]);
  });

  it('while one of these processes is left', () => {
    const oneLeft = withSignals(seen, { 200: null, 201: KILLED });
    expect(runsOf(agentPasses([...times(12, seen), oneLeft]))).to.deep.equal([
      `12 times ${PENDING}`,
      REPORTED,
    ]);
  });

  it('through passes that could not read it, which count as two intervals at most', () => {
    const unknown = withSignals(seen, { 999: ASLEEP });
    const passes = [...times(10, seen), ...times(9, unknown), ...times(3, seen)];
    expect(runsOf(agentPasses(passes))).to.deep.equal([
      `20 times ${PENDING}`,
      `2 times ${REPORTED}`,
    ]);
  });

  it('only if Garden did not lose its properties, too: then it is unowned', () => {
    expect(runsOf(agentPasses(times(5, loseProperties(seen, billing))))).to.deep.equal([
      '5 times pending critical unowned',
    ]);
  });

  it('still in a pass that sees its processes in its cgroup, and then that all have ended', () => {
    const ending = withSignals(seen, { 200: inState('Z'), 201: null });
    expect(runsOf(agentPasses([...times(13, seen), ending]))).to.deep.equal([
      `12 times ${PENDING}`,
      `2 times ${REPORTED}`,
    ]);
  });

  it('still in a pass that reads SIGKILL as pending in its processes, and then that all have ended', () => {
    const ended = [200, 201].map((pid) => appProcess(pid, { state: 'X' }));
    const ending: Cell = { ...seen, processes: ended };
    expect(runsOf(agentPasses([...times(13, seen), ending]))).to.deep.equal([
      `12 times ${PENDING}`,
      `2 times ${REPORTED}`,
    ]);
  });

  it('until its processes have ended: then it is no-cgroup', () => {
    const ended = cell({
      listed: [billing],
      cgroups: { [billing.cgroup]: [] },
      hierarchies: { freezer: { [GDN]: [100], [billing.cgroup]: [] } },
    });
    expect(runsOf(agentPasses([...times(13, seen), ended]))).to.deep.equal([
      `12 times ${PENDING}`,
      REPORTED,
      'pending warning no-cgroup',
    ]);
  });
});

describe('A pass over stuck containers', () => {
  it('asks what at most 64 wait for, by their handles', () => {
    const stuckOne = differs({ kind: 'stuck', processes: 2, exiting: 0, wait: null });
    const escapedOne = differs({ kind: 'escaped', processes: [] });
    const named = (name: string, judgement: Judgement) => ({
      name: asByteString(name),
      handle: asHandle(name),
      cgroup: null,
      judgement,
    });
    const { state } = passOf(stuck, EMPTY_MEMORY);
    const handles = Array.from({ length: 65 }, (_, n) => `h${100 + n}`);
    const differing = ['h102', ...handles.filter((one) => one !== 'h102'), 'h000'].map((handle) =>
      named(handle, handle === 'h000' ? escapedOne : stuckOne),
    );
    for (const order of [differing, differing.toReversed()])
      expect(waitsToAsk(order, state)).to.deep.equal(
        handles.slice(0, 64).map((handle) => ({ handle, pids: [], gdnPid: 100 })),
      );
  });

  it('reads the smallest first, and none in part', () => {
    /** The processes that are asked for after the first of each was, which is not asked again. */
    const asked = (sizes: Readonly<Record<string, number>>): readonly number[] => {
      const pidsOf = (size: number) => Array.from({ length: size }, (_, n) => size * 10_000 + n);
      const containers = Object.entries(sizes).map(([name, size]) =>
        app(name, { pids: pidsOf(size) }),
      );
      const signals = Object.values(sizes).map((size) => [size * 10_000, KILLED] as const);
      const one = cell({ containers, signals: Object.fromEntries(signals) });
      return questions(one).signals.map((pid) => Math.floor(pid / 10_000));
    };
    const others = (size: number) => Array.from({ length: size - 1 }, () => size);
    expect(asked({ billing: 2, shop: 1023 })).to.deep.equal(others(2));
    expect(asked({ billing: 1023, shop: 2 })).to.deep.equal(others(2));
    expect(asked({ billing: 1023 })).to.deep.equal(others(1023));
    expect(asked({ billing: 1024 })).to.deep.equal(others(1024));
    expect(asked({ billing: 1025 })).to.deep.equal([]);
  });
});
