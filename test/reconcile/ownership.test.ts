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
  for (const handle of ['db.service', 'my-bpm-task', 'web']) {
    it(`is the container's where a process has its root filesystem: ${handle}`, () => {
      const tree = `/system.slice/${handle}: 300`;
      expect(outcomeOf(cellWithA(tree, { listed: [A, handle] }))).to.include(`${handle} tracked`);
    });
  }

  it("is the container's where a process descends from our helper of that handle", () => {
    const images = { 300: null };
    const ancestors = { 300: [{ ...dadoo }] };
    const one = cellWithA(`/x/${P}: 300`, { listed: [A, P], images, ancestors });
    expect(outcomeOf(one)).to.include(`${P} tracked`);
  });

  it('is not: a foreign /lxc/web does not keep the dead container web alive', () => {
    const one = cellWithA('/lxc/web: 300', { listed: [A, 'web'], images: { 300: null } });
    const { report } = reportAfter([one, { ...one, at: 40_000 }], 40_000);
    expect(outcome(report)).to.include('web untracked no-cgroup');
    expect(report.ignored.unrecognised).to.equal(1);
  });

  it('is not: a process that descends from the helper of another handle', () => {
    const ancestors = { 300: [dadoo] };
    const one = cellWithA('/y/dead: 300', {
      listed: [A, 'dead', P],
      ancestors,
      images: { 300: 'dead' },
    });
    const { report } = reportAfter([one, { ...one, at: 40_000 }], 40_000);
    expect(outcome(report)).to.include('dead untracked no-cgroup');
  });

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

  it('is asked for once: the proof is kept with the inode of the cgroup', () => {
    const proven = reportAfter([cellWithA(`/x/${P}: 300`, { listed: [A, P] })]);
    const later = cellWithA(`/x/${P}: 301`, { listed: [A, P], images: { 301: null } });
    expect(outcome(reportAfter([later], 0, proven.memory).report)).to.include(`${P} tracked`);
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
  it('keeps its containers in the report after gdn moved to another cgroup', () => {
    const old = '/system.slice/old.service';
    const { report, memory } = reportAfter([
      cellWithA(`${old}/garden/${P}: 300`, { listed: [A] }),
      cellWithA(`${old}/garden/${P}: 300`, { listed: [A] }),
    ]);
    expect(outcome(report)).to.deep.equal([`${P} untracked unknown-to-garden`, `${A} tracked`]);
    const listed = cellWithA(`${old}/garden/${P}: 300`, { listed: [A, P] });
    expect(outcome(reportAfter([listed], 0, memory).report)).to.include(`${P} tracked`);
  });

  it("is not Garden's where docker or a systemd unit has it", () => {
    const docker = `/docker/${'ab'.repeat(32)}`;
    const unit = '/system.slice/garden-setup.service';
    const tree = `${docker}/garden/x: 300\n${unit}: 301\n${unit}/worker: 302`;
    expect(outcomeOf(cellWithA(tree))).to.deep.equal([`${A} tracked`]);
  });

  for (const unit of ['user.slice', 'user.slice/user-0.slice/session-3.scope', 'old.service']) {
    it(`is one below a systemd unit, in which a gdn can have run: ${unit}`, () => {
      const { report } = reportAfter([cellWithA(`/${unit}/garden/${P}: 300`)]);
      expect(outcome(report)).to.include(`${P} untracked unknown-to-garden`);
    });
  }

  it('is none where it is a slice itself', () => {
    expect(outcomeOf(cellWithA(`/garden-x.slice/${P}: 300`))).to.deep.equal([`${A} tracked`]);
  });

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
