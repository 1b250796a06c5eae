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
import { expectAsked, expectRows } from './cell-rows.ts';

const G2 = '/system.slice/other-garden.service';

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
is not: only cpuset and freezer call a cgroup so | garden/A: 200; in cpuset /garden/A: 200, /lxc/web: 300; in freezer /garden/A: 200, /lxc/web: 300; lists A web; images 300= > same | web untracked no-cgroup warning (0), A tracked (1)
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
    const undecided =
      'nothing shows yet that the cgroup with the name of the container belongs to the container';

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
});

describe('a Garden directory that is not below gdn', () => {
  expectRows(`
keeps its containers in the report after gdn moved to another cgroup | garden/A: 200, /system.slice/old.service/garden/P: 300 > same | P untracked unknown-to-garden critical (1), A tracked (1)
has a container again once Garden lists it | garden/A: 200, /system.slice/old.service/garden/P: 300 > same; lists A P | A tracked (1), P tracked (1)
is not Garden's where docker or a systemd unit has it | garden/A: 200, /docker/ID/garden/x: 300, /system.slice/garden-setup.service: 301, /system.slice/garden-setup.service/worker: 302 | A tracked (1), 1 docker, 1 systemd, 1 unrecognised
is one below a systemd unit, in which a gdn can have run: user.slice | garden/A: 200, /user.slice/garden/P: 300 | P untracked unknown-to-garden critical (1), A tracked (1)
is one below a systemd unit, in which a gdn can have run: user.slice/user-0.slice/session-3.scope | garden/A: 200, /user.slice/user-0.slice/session-3.scope/garden/P: 300 | P untracked unknown-to-garden critical (1), A tracked (1)
is one below a systemd unit, in which a gdn can have run: old.service | garden/A: 200, /old.service/garden/P: 300 | P untracked unknown-to-garden critical (1), A tracked (1)
belongs to the other gdn in whose cgroup it is | garden/A: 200, /other: 150, /other/garden/P: 300; other-gdn 150=/other | A tracked (1), 1 other-garden, 1 unrecognised
belongs to that one after it has stopped, too | garden/A: 200, /other: 150, /other/garden/P: 300; other-gdn 150=/other > garden/A: 200, /other/garden/P: 300 | A tracked (1), 1 other-garden
is none where it is a slice itself | garden/A: 200, /garden-x.slice/P: 300 | A tracked (1), 1 unrecognised
`);

  it('is searched for a gdn that started since before its containers are a finding', () => {
    const tree = `${G2}: 150\n${G2}/garden/${P}: 300`;
    const one = cellWithA(tree, { gdn: [ours], searched: [ours, theirs] });
    expect(outcomeOf(one)).to.deep.equal([`${A} tracked`]);
  });
});

describe('whose helper is it, with two gdns', () => {
  const two = 'garden/A: 200, P: 300, /other: 150; other-gdn 150=/other; init 300';
  const helper = 'from 300=dadoo:P:/two/depot';
  expectRows(`
ours, if our gdn is above it | ${two}; ${helper}+gdn:100 | P untracked unknown-to-garden warning (1) privileged at P (garden-init) (runc), A tracked (1), 1 unrecognised
the other's, if that is above it | ${two}; ${helper}+gdn:150 | A tracked (1), 1 other-garden, 1 unrecognised
the other's by its depot when the gdn that started it is dead | ${two}; ${helper}; depot 150=/two/depot | A tracked (1), 1 other-garden, 1 unrecognised
ours by its depot | ${two}; ${helper}; depot 100=/two/depot | P untracked unknown-to-garden warning (1) privileged at P (garden-init) (runc), A tracked (1), 1 unrecognised
ours by its cgroup, in which a helper stays | ${two}; ${helper}; cgroups 280 memory=${G} | P untracked unknown-to-garden warning (1) privileged at P (garden-init) (runc), A tracked (1), 1 unrecognised
the other's by its cgroup | ${two}; ${helper}; cgroups 280 memory=/other | A tracked (1), 1 other-garden, 1 unrecognised
nobody's if nothing decides: pending, and never critical | ${two}; ${helper} | P pending (1) privileged at P because several gdns run, and nothing shows which of them the container belongs to, A tracked (1), 1 unrecognised
`);

  const shared = '/garden/A: 200, /garden/P: 300, /other: 150; other-gdn 150=/other';
  const joined = shared.replace('300', '250 300');
  const both = (own: number, older: number): string =>
    `from 250=dadoo:other:-+gdn:${older} 300=dadoo:P:-+gdn:${own}`;
  const decoys = `${shared.replace('150', '150, /decoy: 151')} 151=/decoy`;
  const known = 'from 200=dadoo:A:-+gdn:100';
  expectRows(
    `
distinguishes containers of one shared directory of v2: the other's | ${shared}; ${helper}+gdn:150 | A tracked (1), 1 unrecognised
distinguishes containers of one shared directory of v2: ours | ${shared}; ${helper}+gdn:100 | P untracked unknown-to-garden critical (1), A tracked (1), 1 unrecognised
distinguishes containers of one shared directory of v2: nobody's | ${shared} | P pending (1) because several gdns run, and nothing shows which of them the container belongs to, A tracked (1), 1 unrecognised
is the other's in whose cgroup a container of ours put an older process | ${joined}; ${both(150, 100)} | A tracked (1), 1 unrecognised
is ours in whose cgroup a container of the other put an older process | ${joined}; ${both(100, 150)} | P untracked unknown-to-garden critical (2), A tracked (1), 1 unrecognised
is ours beside two decoys where a listed container there descends from our helper | ${decoys}; ${known} 300= | P untracked unknown-to-garden critical (1), A tracked (1), 2 unrecognised
is pending beside two decoys if nothing shows that | ${decoys}; from 200= 300= | P pending (1) because several gdns run, and nothing shows which of them the container belongs to, A tracked (1), 2 unrecognised
is pending beside two decoys if that helper is of an unknown gdn | ${decoys}; from 200=dadoo:A:- 300= | P pending (1) because several gdns run, and nothing shows which of them the container belongs to, A tracked (1), 2 unrecognised
is pending beside two decoys if it has a helper of an unknown gdn | ${decoys}; ${known} 300=dadoo:P:- | P pending (1) because several gdns run, and nothing shows which of them the container belongs to, A tracked (1), 2 unrecognised
is pending beside two decoys while its parents are not read | ${decoys}; ${known} | P pending (1) because several gdns run, and nothing shows which of them the container belongs to, A tracked (1), 2 unrecognised
`,
    0,
    'v2',
  );

  expectAsked(
    `
is asked of the processes of listed containers there, too | ${shared}; open ancestors | ancestors 300 200
`,
    0,
    'v2',
  );
});
