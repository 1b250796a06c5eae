import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { passWith, snapshotOf } from './cell-builder.ts';
import {
  app,
  cell,
  container,
  dadooOf,
  gardenInit,
  GDN,
  list,
  parent,
  privileged,
  withCgroups,
  type Cell,
} from './cell.ts';
import { check, checkFor, expectShown, questions } from './shown.ts';

const billing = app('billing');
const worker = app('worker', { pids: [300] });
const running = cell({ containers: [billing] });
const TRACKED = 'billing: tracked, 1 process';
const UNRECOGNISED = '1 unrecognised cgroup';

/** dadoo (process 280), which the gdn with this depot started for a container. */
const dadoo = dadooOf(worker, '/two/depot');

describe("A cgroup outside Garden's directories that is called like a listed handle", () => {
  for (const name of ['db.service', 'my-bpm-task', 'web'])
    it(`is the container's where a process has its root filesystem: ${name}`, () => {
      const one = container(name, { below: '/system.slice', pids: [300] });
      expectShown(
        check(cell({ containers: [billing, one] })),
        TRACKED,
        `${name}: tracked, 1 process, privileged, in /system.slice/${name}`,
      );
    });

  const elsewhere = app('worker', { below: '/x', pids: [300] });
  const WORKER_TRACKED = 'worker: tracked, 1 process, privileged, in /x/worker';

  it("is the container's where a process descends from our helper of that handle", () => {
    const started = cell({
      containers: [billing, elsewhere],
      images: { 300: null },
      ancestors: { 300: [dadoo] },
    });
    expectShown(check(started), TRACKED, WORKER_TRACKED);
  });

  it("stays the container's: the proof is kept with the inode of the cgroup", () => {
    const before = cell({ containers: [billing, elsewhere] });
    const otherProcess = { ...withCgroups(before, { [elsewhere.cgroup]: [301] }) };
    expectShown(check(before, { ...otherProcess, images: { 301: null } }), TRACKED, WORKER_TRACKED);
  });

  const web = container('web', { below: '/lxc', pids: [300] });
  const WEB_LACKS = 'web: untracked warning no-cgroup, 0 processes';

  it("is not the container's where only its name is: it does not keep a dead one alive", () => {
    const foreign = cell({ containers: [billing, web], images: { 300: null } });
    expectShown(checkFor(40, foreign, foreign), WEB_LACKS, TRACKED, UNRECOGNISED);
  });

  it("is not the container's where only cpuset and freezer call a cgroup so", () => {
    const inOthers = { [`/garden/${billing.handle}`]: [200], [web.cgroup]: [300] };
    const foreign = cell({
      containers: [billing],
      listed: [billing, web],
      hierarchies: { cpuset: inOthers, freezer: inOthers },
      gdn: [{ cgroups: { memory: GDN, freezer: GDN } }],
      images: { 300: null },
    });
    expectShown(checkFor(40, foreign, foreign), WEB_LACKS, TRACKED);
  });

  it("is not the container's where a process descends from the helper of another handle", () => {
    const dead = container('dead', { below: '/y', pids: [300] });
    const foreign = cell({
      containers: [billing, dead],
      listed: [billing, dead, worker],
      ancestors: { 300: [dadoo] },
      images: { 300: 'dead' },
    });
    expectShown(
      checkFor(40, foreign, foreign),
      'worker: untracked warning no-cgroup, 0 processes',
      'dead: untracked warning no-cgroup, 0 processes',
      TRACKED,
      UNRECOGNISED,
    );
  });

  describe('in which another privileged container has put its older processes', () => {
    const older = Array.from({ length: 40 }, (_, n) => 210 + n);
    const mixed = (members: readonly number[]): Cell =>
      cell({
        containers: [billing, privileged('worker', { pids: members })],
        images: Object.fromEntries(older.map((pid) => [pid, billing.handle])),
        ancestors: Object.fromEntries(older.map((pid) => [pid, [dadooOf(billing)]])),
      });
    /** A pass that has read these processes. */
    const passThatRead = (one: Cell, read: readonly number[]) => {
      const { answers } = snapshotOf(one);
      const ancestors = new Map(read.map((pid) => [pid, answers.ancestors.get(pid) ?? []]));
      const rootImages = new Map(read.map((pid) => [pid, answers.rootImages.get(pid) ?? null]));
      return passWith(one, EMPTY_MEMORY, { ancestors, rootImages });
    };

    it("is the container's by any process that shows it", () => {
      expectShown(
        check(mixed([...older, 300])),
        TRACKED,
        'worker: tracked, 41 processes, privileged, in GDN/worker',
      );
    });

    it("is not the container's where all its processes are the other one's", () => {
      const one = mixed(older);
      expectShown(
        checkFor(40, one, one),
        'worker: untracked warning no-cgroup, 0 processes',
        TRACKED,
        UNRECOGNISED,
      );
    });

    it('is undecided while not all of them are read', () => {
      const pass = passThatRead(mixed([...older, 300]), older);
      const judged = pass.containers.find(({ handle }) => handle === worker.handle);
      expect(judged?.judgement.explanation).to.deep.equal({
        kind: 'undecided',
        why:
          'nothing shows yet that the cgroup with the name of the container belongs to ' +
          'the container',
      });
    });

    it('has its first processes read, then a limited number of the others', () => {
      const one = mixed([...older, 300]);
      const asked = (read: readonly number[]) => {
        const { ancestors, rootImages } = questionsOf(passThatRead(one, read));
        expect(ancestors).to.deep.equal(rootImages);
        return rootImages;
      };
      expect(asked([])).to.deep.equal(older.slice(0, 3));
      expect(asked(older.slice(0, 3))).to.deep.equal(older.slice(3, 32));
      expect(asked(older.slice(0, 32))).to.deep.equal([]);
    });
  });
});

/** Another gdn (process 150) runs in `/other`. */
const otherGdn = { pid: 150, startTicks: 9000, cgroups: { memory: '/other' } };
const withOtherGdn = (before: Cell): Cell => ({
  ...withCgroups(before, { '/other': [150] }),
  gdn: [{ cgroups: { memory: GDN } }, otherGdn],
});

describe('A Garden directory that is not below gdn', () => {
  const old = app('worker', { below: '/system.slice/old.service/garden', pids: [300] });
  const withOld = cell({ containers: [billing], lost: [old] });
  const LOST = 'worker: untracked critical unknown-to-garden, 1 process';

  it('keeps its containers in the report after gdn moved to another cgroup', () => {
    expectShown(check(withOld, withOld), LOST, TRACKED);
  });

  it('has a container again once Garden lists it', () => {
    expectShown(check(withOld, list(withOld, billing, old)), TRACKED, 'worker: tracked, 1 process');
  });

  it("is not Garden's where docker or a systemd unit has it", () => {
    const others = {
      [`/docker/${'ab'.repeat(32)}/garden/x`]: [300],
      '/system.slice/garden-setup.service': [301],
      '/system.slice/garden-setup.service/worker': [302],
    };
    expectShown(
      check(withCgroups(running, others)),
      TRACKED,
      '1 docker cgroup',
      '1 systemd cgroup',
      UNRECOGNISED,
    );
  });

  for (const unit of ['user.slice', 'user.slice/user-0.slice/session-3.scope', 'old.service'])
    it(`is Garden's below a systemd unit in which a gdn can have run: ${unit}`, () => {
      const lost = app('worker', { below: `/${unit}/garden`, pids: [300] });
      expectShown(check(cell({ containers: [billing], lost: [lost] })), LOST, TRACKED);
    });

  const others = app('worker', { below: '/other/garden', pids: [300] });
  const withOthers = cell({ containers: [billing], lost: [others] });

  it('belongs to the other gdn in whose cgroup it is', () => {
    expectShown(check(withOtherGdn(withOthers)), TRACKED, '1 other-garden cgroup', UNRECOGNISED);
  });

  it('belongs to that other gdn after it has stopped, too', () => {
    expectShown(check(withOtherGdn(withOthers), withOthers), TRACKED, '1 other-garden cgroup');
  });

  it('is none where it is a slice itself', () => {
    const inSlice = app('worker', { below: '/garden-x.slice', pids: [300] });
    expectShown(check(cell({ containers: [billing], lost: [inSlice] })), TRACKED, UNRECOGNISED);
  });

  it('is searched for a gdn that started since before its containers are a finding', () => {
    const unit = '/system.slice/other-garden.service';
    const lost = app('worker', { below: `${unit}/garden`, pids: [300] });
    const ours = { pid: 100, cgroups: { memory: GDN } };
    const theirs = { pid: 150, startTicks: 9000, cgroups: { memory: unit } };
    const one = cell({
      containers: [billing],
      lost: [lost],
      cgroups: { [unit]: [150] },
      gdn: [ours],
      searched: [ours, theirs],
    });
    expectShown(check(one), TRACKED, '1 systemd cgroup', '1 other-garden cgroup');
  });
});

describe('With two gdns, an unlisted privileged container', () => {
  const lost = privileged('worker', { pids: [300] });
  const ours = parent('gdn', 100);
  const theirs = parent('gdn', 150);
  const two = {
    ...withOtherGdn(cell({ containers: [billing], lost: [lost] })),
    processes: [gardenInit(300)],
  };
  const withHelper = { ...two, ancestors: { 300: [dadoo] } };
  const withDepot = (pid: number): Cell => ({
    ...withHelper,
    gdn: (withHelper.gdn ?? []).map((one) =>
      (one.pid ?? 100) === pid ? { ...one, depot: '/two/depot' } : one,
    ),
  });

  const OURS = [
    'worker: untracked warning unknown-to-garden, 1 process, privileged, in GDN/worker, ' +
      'left: garden-init, started by runc',
    TRACKED,
    UNRECOGNISED,
  ];
  const THEIRS = [TRACKED, '1 other-garden cgroup', UNRECOGNISED];

  it('is ours if our gdn is above its helper', () => {
    expectShown(check({ ...two, ancestors: { 300: [dadoo, ours] } }), ...OURS);
  });

  it("is the other's if that gdn is above its helper", () => {
    expectShown(check({ ...two, ancestors: { 300: [dadoo, theirs] } }), ...THEIRS);
  });

  it("is the other's by the depot of its helper when the gdn that started it is dead", () => {
    expectShown(check(withDepot(150)), ...THEIRS);
  });

  it('is ours by the depot of its helper', () => {
    expectShown(check(withDepot(100)), ...OURS);
  });

  it('is ours by the cgroup of its helper, in which that stays', () => {
    expectShown(check({ ...withHelper, memberships: { 280: { memory: GDN } } }), ...OURS);
  });

  it("is the other's by the cgroup of its helper", () => {
    expectShown(check({ ...withHelper, memberships: { 280: { memory: '/other' } } }), ...THEIRS);
  });

  it("is nobody's if nothing decides: pending, and never critical", () => {
    expectShown(
      check(withHelper),
      'worker: pending, 1 process, privileged, in GDN/worker, undecided because several gdns ' +
        'run, and nothing shows which of them the container belongs to',
      TRACKED,
      UNRECOGNISED,
    );
  });
});

describe('With two gdns in one shared directory of v2, an unlisted container', () => {
  const [own, lost] = [
    app('billing', { below: '/garden' }),
    app('worker', { below: '/garden', pids: [300] }),
  ];
  const otherOnV2 = { ...otherGdn, cgroups: { v2: '/other' } };
  const shared: Cell = {
    ...cell({ primary: 'v2', containers: [own], lost: [lost], cgroups: { '/other': [150] } }),
    gdn: [{ cgroups: { v2: GDN } }, otherOnV2],
  };
  const ours = parent('gdn', 100);
  const theirs = parent('gdn', 150);

  const THEIRS = [TRACKED, UNRECOGNISED];
  const ourLost = (processes: string): string =>
    `worker: untracked critical unknown-to-garden, ${processes}`;
  const PENDING =
    'worker: pending, 1 process, undecided because several gdns run, and nothing shows ' +
    'which of them the container belongs to';

  it("is the other's if that gdn is above its helper", () => {
    expectShown(check({ ...shared, ancestors: { 300: [dadoo, theirs] } }), ...THEIRS);
  });

  it('is ours if our gdn is above its helper', () => {
    expectShown(
      check({ ...shared, ancestors: { 300: [dadoo, ours] } }),
      ourLost('1 process'),
      ...THEIRS,
    );
  });

  it("is nobody's if nothing decides", () => {
    expectShown(check(shared), PENDING, ...THEIRS);
  });

  /** Process 250 is older than the init, and of another container. */
  const joined = (gdnOfInit: typeof ours, gdnOfOlder: typeof ours): Cell => ({
    ...withCgroups(shared, { [lost.cgroup]: [250, 300] }),
    ancestors: {
      250: [dadooOf({ handle: 'other' }, '-'), gdnOfOlder],
      300: [dadooOf(lost, '-'), gdnOfInit],
    },
  });

  it("is the other's, although a container of ours put an older process in its cgroup", () => {
    expectShown(check(joined(theirs, ours)), ...THEIRS);
  });

  it('is ours, although a container of the other put an older process in its cgroup', () => {
    expectShown(check(joined(ours, theirs)), ourLost('2 processes'), ...THEIRS);
  });

  describe('beside a second decoy that is called gdn', () => {
    const decoy = { pid: 151, startTicks: 9000, cgroups: { v2: '/decoy' } };
    const withDecoy: Cell = {
      ...withCgroups(shared, { '/decoy': [151] }),
      gdn: [{ cgroups: { v2: GDN } }, otherOnV2, decoy],
    };
    const ourHelper = [dadooOf(own, '-'), ours];
    const startedBy = (ancestors: NonNullable<Cell['ancestors']>): Cell => ({
      ...withDecoy,
      ancestors,
    });
    const REST = [TRACKED, '2 unrecognised cgroups'];

    it('is ours where a listed container there descends from our helper', () => {
      expectShown(check(startedBy({ 200: ourHelper, 300: [] })), ourLost('1 process'), ...REST);
    });

    it('is pending if nothing shows that', () => {
      expectShown(check(startedBy({ 200: [], 300: [] })), PENDING, ...REST);
    });

    it('is pending if the helper of the listed one is of an unknown gdn', () => {
      const unknown = startedBy({ 200: [dadooOf(own, '-')], 300: [] });
      expectShown(check(unknown), PENDING, ...REST);
    });

    it('is pending if it has a helper of an unknown gdn', () => {
      const unknown = startedBy({ 200: ourHelper, 300: [dadooOf(lost, '-')] });
      expectShown(check(unknown), PENDING, ...REST);
    });

    it('is pending while its parents are not read', () => {
      expectShown(check(startedBy({ 200: ourHelper })), PENDING, ...REST);
    });
  });

  it('has the parents of its processes and of those of listed ones read', () => {
    expect(questions({ ...shared, open: ['ancestors'] }).ancestors).to.deep.equal([300, 200]);
  });
});
