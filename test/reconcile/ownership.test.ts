import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type { ProcessFacts } from '../../src/model/process.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import {
  A,
  G,
  P,
  cellWithA,
  outcome,
  outcomeOf,
  passWith,
  reportAfter,
  snapshotOf,
  type CellText,
} from './cell-builder.ts';
import { expectRows } from './cell-rows.ts';

const G2 = '/system.slice/other-garden.service';

const init = { pid: 300, comm: 'garden-init', namespacePids: [300, 1], parentPid: 290, realUid: 5 };
const dadoo: Partial<ProcessFacts> = {
  pid: 280,
  comm: 'dadoo',
  launched: { by: 'dadoo', id: P, depot: '/two/depot' },
};
const ours = { pid: 100, cgroups: { memory: G } };
const theirs = { pid: 150, startTicks: 9000, cgroups: { memory: G2 } };

describe("a cgroup outside Garden's directories that is called like a listed handle", () => {
  expectRows(`
is the container's where a process has its root filesystem: db.service | garden/A: 200, /system.slice/db.service: 300; lists A db.service | A tracked (1), db.service tracked (1) privileged at /system.slice/db.service
is the container's where a process has its root filesystem: my-bpm-task | garden/A: 200, /system.slice/my-bpm-task: 300; lists A my-bpm-task | A tracked (1), my-bpm-task tracked (1) privileged at /system.slice/my-bpm-task
is the container's where a process has its root filesystem: web | garden/A: 200, /system.slice/web: 300; lists A web | A tracked (1), web tracked (1) privileged at /system.slice/web
is the container's where a process descends from our helper of that handle | garden/A: 200, /x/P: 300; lists A P; images 300=; from 300=dadoo:P:/two/depot | A tracked (1), P tracked (1) privileged at /x/P
stays the container's: the proof is kept with the inode of the cgroup | garden/A: 200, /x/P: 300; lists A P > garden/A: 200, /x/P: 301; lists A P; images 301= | A tracked (1), P tracked (1) privileged at /x/P
`);

  expectRows(
    `
is not: a foreign /lxc/web does not keep the dead container web alive | garden/A: 200, /lxc/web: 300; lists A web; images 300= > same | web untracked no-cgroup warning (0), A tracked (1), 1 unrecognised
is not: a process that descends from the helper of another handle | garden/A: 200, /y/dead: 300; lists A dead P; from 300=dadoo:P:/two/depot; images 300=dead > same | P untracked no-cgroup warning (0), dead untracked no-cgroup warning (0), A tracked (1), 1 unrecognised
`,
    40_000,
  );

  describe('in which another privileged container has put its older processes', () => {
    const older = Array.from({ length: 40 }, (_, n) => 210 + n);
    const dadooOfA = { ...dadoo, launched: { by: 'dadoo', id: A, depot: null } } as const;
    const mixed = (members: readonly number[]): CellText =>
      cellWithA(`${G}/${P}: ${members.join(' ')}`, {
        listed: [A, P],
        images: Object.fromEntries(older.map((pid) => [pid, A])),
        ancestors: Object.fromEntries(older.map((pid) => [pid, [dadooOfA]])),
      });
    const readOf = (one: CellText, read: readonly number[]) => {
      const { answers } = snapshotOf(one);
      const ancestors = new Map(read.map((pid) => [pid, answers.ancestors.get(pid) ?? []]));
      const rootImages = new Map(read.map((pid) => [pid, answers.rootImages.get(pid) ?? null]));
      return passWith(one, EMPTY_MEMORY, { ancestors, rootImages });
    };
    const undecided = 'nothing shows yet that the cgroup with its name belongs to it';

    it("is the container's by any process that shows it", () => {
      expect(outcomeOf(mixed([...older, 300]))).to.include(`${P} tracked`);
    });

    it("is not the container's where all its processes are the other one's", () => {
      const two = [mixed(older), { ...mixed(older), at: 40_000 }];
      expect(outcome(reportAfter(two, 40_000).report)).to.include(`${P} untracked no-cgroup`);
    });

    it('is undecided while not all of them are read', () => {
      const pass = readOf(mixed([...older, 300]), older);
      const judged = pass.containers.find(({ handle }) => handle === P)?.judgement.explanation;
      expect(judged).to.deep.equal({ kind: 'undecided', why: undecided });
    });

    it('has its first processes read, then a limited number of the others', () => {
      const one = mixed([...older, 300]);
      const asked = (read: readonly number[]) => {
        const { ancestors, rootImages } = questionsOf(readOf(one, read));
        expect(ancestors).to.deep.equal(rootImages);
        return rootImages;
      };
      expect(asked([])).to.deep.equal(older.slice(0, 3));
      expect(asked(older.slice(0, 3))).to.deep.equal(older.slice(3, 32));
      expect(asked(older.slice(0, 32))).to.deep.equal([]);
    });
  });

  it('does not make a container live that only cpuset and freezer call so', () => {
    const one: CellText = {
      trees: {
        memory: `${G}: 100\n${G}/garden/${A}: 200`,
        cpuset: `/garden/${A}: 200\n/lxc/web: 300`,
        freezer: `/garden/${A}: 200\n/lxc/web: 300`,
      },
      listed: [A, 'web'],
      images: { 300: null },
    };
    const { report } = reportAfter([one, { ...one, at: 40_000 }], 40_000);
    expect(outcome(report)).to.include('web untracked no-cgroup');
  });
});

describe('a Garden directory that is not below gdn', () => {
  expectRows(`
keeps its containers in the report after gdn moved to another cgroup | garden/A: 200, /system.slice/old.service/garden/P: 300 > same | P untracked unknown-to-garden critical (1), A tracked (1)
has a container again once Garden lists it | garden/A: 200, /system.slice/old.service/garden/P: 300 > same; lists A P | A tracked (1), P tracked (1)
is not Garden's where docker or a systemd unit has it | garden/A: 200, /docker/ID/garden/x: 300, /system.slice/garden-setup.service: 301, /system.slice/garden-setup.service/worker: 302 | A tracked (1), 1 docker, 1 systemd, 1 unrecognised
is one below a systemd unit, in which a gdn can have run: user.slice | garden/A: 200, /user.slice/garden/P: 300 | P untracked unknown-to-garden critical (1), A tracked (1)
is one below a systemd unit, in which a gdn can have run: user.slice/user-0.slice/session-3.scope | garden/A: 200, /user.slice/user-0.slice/session-3.scope/garden/P: 300 | P untracked unknown-to-garden critical (1), A tracked (1)
is one below a systemd unit, in which a gdn can have run: old.service | garden/A: 200, /old.service/garden/P: 300 | P untracked unknown-to-garden critical (1), A tracked (1)
is none where it is a slice itself | garden/A: 200, /garden-x.slice/P: 300 | A tracked (1), 1 unrecognised
`);

  it('belongs to the other gdn in whose cgroup it is, also after that one has stopped', () => {
    const both = cellWithA(`${G2}: 150\n${G2}/garden/${P}: 300`, { gdn: [ours, theirs] });
    const { report, memory } = reportAfter([both]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
    const stopped = cellWithA(`${G2}/garden/${P}: 300`, { gdn: [ours] });
    expect(outcome(reportAfter([stopped], 0, memory).report)).to.deep.equal([`${A} tracked`]);
  });

  it('is searched for a gdn that started since before its containers are a finding', () => {
    const tree = `${G2}: 150\n${G2}/garden/${P}: 300`;
    const one = cellWithA(tree, { gdn: [ours], searched: [ours, theirs] });
    expect(outcomeOf(one)).to.deep.equal([`${A} tracked`]);
  });
});

describe('whose helper is it, with two gdns', () => {
  const tree = `${G2}: 150\n${G}/${P}: 300`;
  const orphan = (more: Partial<CellText>): CellText =>
    cellWithA(tree, {
      gdn: [ours, theirs],
      processes: [init],
      ancestors: { 300: [dadoo] },
      ...more,
    });

  it("is the gdn's above it", () => {
    const by = (pid: number) => orphan({ ancestors: { 300: [dadoo, { pid, comm: 'gdn' }] } });
    expect(outcomeOf(by(100))).to.include(`${P} untracked unknown-to-garden`);
    expect(outcomeOf(by(150))).to.deep.equal([`${A} tracked`]);
  });

  it('is by its depot when the gdn that started it is dead', () => {
    const gdn = [ours, { ...theirs, depot: '/two/depot' }];
    expect(outcomeOf(orphan({ gdn }))).to.deep.equal([`${A} tracked`]);
    const mine = [{ ...ours, depot: '/two/depot' }, theirs];
    expect(outcomeOf(orphan({ gdn: mine }))).to.include(`${P} untracked unknown-to-garden`);
  });

  it('is by its cgroup, in which a helper stays', () => {
    const inCgroup = (memory: string) => orphan({ memberships: { 280: { memory } } });
    expect(outcomeOf(inCgroup(G))).to.include(`${P} untracked unknown-to-garden`);
    expect(outcomeOf(inCgroup(G2))).to.deep.equal([`${A} tracked`]);
  });

  it('stays pending if nothing decides, and never becomes critical', () => {
    expect(outcomeOf(orphan({}))).to.deep.equal([`${P} pending`, `${A} tracked`]);
  });

  it('distinguishes the containers of one shared directory of v2', () => {
    const both: CellText = {
      trees: { v2: `${G}: 100\n${G2}: 150\n/garden/${A}: 200\n/garden/${P}: 300` },
      listed: [A],
      gdn: [
        { ...ours, cgroups: { v2: G } },
        { ...theirs, cgroups: { v2: G2 } },
      ],
    };
    const by = (pid: number): CellText => ({
      ...both,
      ancestors: { 300: [dadoo, { pid, comm: 'gdn' }] },
    });
    expect(outcomeOf(by(150))).to.deep.equal([`${A} tracked`]);
    expect(outcomeOf(by(100))).to.include(`${P} untracked unknown-to-garden`);
    expect(outcomeOf(both)).to.deep.equal([`${P} pending`, `${A} tracked`]);
    const other = { ...dadoo, launched: { by: 'dadoo', id: 'other', depot: null } } as const;
    const entered = (own: number, older: number): CellText => ({
      ...both,
      trees: { v2: both.trees['v2']?.replace('300', '250 300') ?? '' },
      ancestors: {
        250: [other, { pid: older, comm: 'gdn' }],
        300: [dadoo, { pid: own, comm: 'gdn' }],
      },
    });
    expect(outcomeOf(entered(150, 100))).to.deep.equal([`${A} tracked`]);
    expect(outcomeOf(entered(100, 150))).to.include(`${P} untracked unknown-to-garden`);
  });

  describe('in a directory of v2 at the top, beside two decoys called gdn', () => {
    const dadooOfA = { ...dadoo, launched: { by: 'dadoo', id: A, depot: null } } as const;
    const decoyed = (ancestors: NonNullable<CellText['ancestors']>): CellText => ({
      trees: { v2: `${G}: 100\n/x: 150\n/y: 151\n/garden/${A}: 200\n/garden/${P}: 300` },
      listed: [A],
      gdn: [
        { ...ours, cgroups: { v2: G } },
        { ...theirs, cgroups: { v2: '/x' } },
        { ...theirs, pid: 151, cgroups: { v2: '/y' } },
      ],
      ancestors: { 200: [dadooOfA, { pid: 100, comm: 'gdn' }], ...ancestors },
    });

    it('is ours where a process of a listed container there descends from our helper', () => {
      expect(outcomeOf(decoyed({ 300: [] }))).to.include(`${P} untracked unknown-to-garden`);
      const asked = questionsOf(passWith(decoyed({}), EMPTY_MEMORY, { ancestors: new Map() }));
      expect(asked.ancestors).to.include.members([200, 300]);
    });

    it('stays pending if nothing shows that, or if it has a helper of an unknown gdn', () => {
      const pending = [`${P} pending`, `${A} tracked`];
      expect(outcomeOf(decoyed({ 200: [], 300: [] }))).to.deep.equal(pending);
      expect(outcomeOf(decoyed({ 200: [{ ...dadooOfA, pid: 281 }], 300: [] }))).to.deep.equal(
        pending,
      );
      expect(outcomeOf(decoyed({ 300: [dadoo] }))).to.deep.equal(pending);
      expect(outcomeOf(decoyed({}))).to.deep.equal(pending);
    });
  });
});

describe('a lost privileged container that moves its processes', () => {
  it('is the same incarnation whichever sub-cgroup comes first', () => {
    const at = (sub: string, time: number): CellText =>
      cellWithA(`${G}/${P}:\n${G}/${P}/${sub}: 300`, {
        at: time,
        processes: [init],
        ancestors: { 300: [dadoo] },
      });
    const { report } = reportAfter([at('a', 0), at('b', 20_000), at('c', 40_000)], 30_000);
    expect(outcome(report)).to.deep.equal([`${P} untracked unknown-to-garden`, `${A} tracked`]);
  });
});
