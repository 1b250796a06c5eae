import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import {
  A,
  B,
  G,
  firstOf,
  complete,
  outcome,
  outcomeOf,
  passOf,
  passWith,
  reportAfter,
  snapshotOf,
  type CellText,
} from './cell-builder.ts';
import { expectRows, expectSaid, passAfter } from './cell-rows.ts';

const memory = (tree: string, listed: readonly string[] | null, more: Partial<CellText> = {}) => ({
  trees: { memory: `${G}: 100\n${tree}` },
  listed,
  ...more,
});

describe('reconcile: the result of one pass', () => {
  expectRows(`
a container is tracked that is listed and live | garden/A: 200 201 | A tracked (2)
one is unknown to Garden that is live in a Garden directory and not listed | garden/A: 200, garden/B: 300 | B untracked unknown-to-garden critical (1), A tracked (1)
a leftover empty directory is stale, and not a container | garden/A: 200, garden/B: | A tracked (1), stale garden/B
the empty bad/H of a listed container is not stale | garden/good/A: 200, garden/bad/A: | A tracked (1) at garden/good/A
a container caught while it is throttled has the processes of both | garden/good/A: 200, garden/bad/A: 201 | A tracked (2) at garden/bad/A throttled
a container is in Garden's directory also where another cgroup of its name comes first | /a/A: 300, garden/A: 200 | A tracked (1), 1 unrecognised
good and bad are one throttled container | garden/good/A:, garden/bad/A: 200 | A tracked (1) at garden/bad/A throttled
throttling of v1 moves processes in the cpu hierarchy only | garden/good/A: 200; in cpu garden/bad/A: 200; cgroups 200 memory=garden/good/A cpu=garden/bad/A | A tracked (1) at garden/bad/A at garden/good/A throttled
peas, beside or below, are parts of their container | garden/A: 200, garden/A/A-envoy: 201, garden/A-liveness-healthcheck-0: 202 | A tracked (1) with A-envoy A-liveness-healthcheck-0
a container is not alive because its pea is | garden/A:, garden/A/A-envoy: 201 | A pending no-cgroup warning (0) with A-envoy
handles that look alike are several containers | garden/web: 200, garden/Web: 300, garden/web.: 400; lists web | Web untracked unknown-to-garden critical (1), web. untracked unknown-to-garden critical (1), web tracked (1)
a handle that begins like another one is not its pea | garden/a: 200, garden/a-b: 201; lists a | a-b untracked unknown-to-garden critical (1), a tracked (1)
a pea whose container is neither listed nor alive is a warning | garden/A-liveness-healthcheck-0: 202; lists - | A untracked unknown-to-garden warning (0) at garden/A-liveness-healthcheck-0 with A-liveness-healthcheck-0 (peas)
so is an Envoy that outlived its container, which no list names | garden/A:, garden/A/A-envoy: 202; lists - | A untracked unknown-to-garden warning (0) with A-envoy (peas)
a free-form handle that looks like a pea is none where Garden listed it before | garden/my-envoy: 202; lists my-envoy > same; lists - | my-envoy untracked unknown-to-garden critical (1)
Garden's own directories stay so when a process strays into one | garden/good: 9, garden: 8, garden/good/A: 200 | A tracked (1) at garden/good/A, 2 unrecognised
they stay so when the container good has moved a process into one | good: 8, garden/good: 9, garden/good/A: 200; lists A good | A tracked (1) at garden/good/A, good tracked (1) privileged at good, 1 unrecognised
a privileged container may have a handle like a Garden directory | garden/A: 200, garden-x: 300; lists A garden-x | A tracked (1), garden-x tracked (1) privileged at garden-x
an ancestor of gdn's cgroup is never a container, whatever the handles are | garden/B: 300; lists system.slice; created - | B untracked unknown-to-garden critical (1), system.slice pending (0)
privileged containers and their peas are beside Garden's directories | A: 200, A-envoy: 201, A-liveness-healthcheck-0: 202 | A tracked (1) privileged at A with A-envoy A-liveness-healthcheck-0
everything below a container is its own, including nested gardens | A: 200, A/garden/B: 300 | A tracked (2) privileged at A
`);

  expectRows(
    `
good and bad are handles where containerd keeps their processes in init | /garden/good/init: 200, /garden/A/init: 300; lists good A | A tracked (1), good tracked (1)
the leaf of the container good is not the container init | /garden/good/init: 200, /garden/init/init: 300; lists good init | good tracked (1), init tracked (1)
the throttled container init is not the leaf of good | /garden/good/good/init: 200, /garden/good/init/init: 300; lists good init | good tracked (1) at /garden/good/good, init tracked (1) at /garden/good/init
on v2, containers and their peas are in /garden, privileged ones beside gdn | /garden/A/init: 200, /garden/A/A-envoy: 201, /system.slice/B: 300; lists A B | A tracked (1) with A-envoy, B tracked (1) privileged at /system.slice/B
`,
    0,
    'v2',
  );

  expectRows(
    `
a difference is pending until it has lasted for the settle time | garden/B: 300; lists - | B pending unknown-to-garden critical (1)
it is a finding after that | garden/B: 300; lists - > same | B untracked unknown-to-garden critical (1)
`,
    2000,
  );

  for (const handle of ['init', 'good', 'bad', 'x', 'Ünïcode', 'a.b.c', 'X'.repeat(200)]) {
    it(`tracks the free-form handle ${handle.slice(0, 20)}`, () => {
      const bytes = Buffer.from(handle).toString('latin1');
      const { report } = reportAfter([memory(`${G}/garden/${bytes}: 200`, [handle])]);
      expect(outcome(report)).to.deep.equal([`${handle} tracked`]);
    });
  }

  it("does not let a cgroup whose name gives the same handle take a container's place", () => {
    for (const [listed, name] of [
      ['a', '\xef\xbb\xbfa'],
      ['a\\xff', 'a\xff'],
    ] as const) {
      const cell = memory(`${G}/garden/${listed}: 200\n${G}/garden/${name}: 300`, [listed], {
        properties: { [listed]: null },
      });
      const { report } = reportAfter([cell, { ...cell, at: 2000 }], 2000);
      const own = report.containers.filter((one) => one.handle === listed);
      expect(own).to.have.lengthOf(1);
      expect(own[0]).to.deep.include({ status: 'untracked', reason: 'unowned', pids: 1 });
    }
  });

  it('looks only below the scope of a cell that is itself a container', () => {
    const vm = '/docker/vm';
    const cell: CellText = {
      trees: { memory: `${vm}${G}: 100\n${vm}${G}/garden/${A}: 200` },
      scope: { memory: `${vm}/init.scope` },
      listed: [A],
      gdn: [{ cgroups: { memory: `${vm}${G}` } }],
    };
    const { report } = reportAfter([cell]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
    expect(report.cell.scopes).to.deep.equal({ memory: vm });
  });
});

describe('reconcile: listed, but nothing lives', () => {
  const envoy = 'garden/A:, garden/A/A-envoy: 201';
  expectRows(`
it is partial while another hierarchy shows it alive | garden:; in cpu garden/A: 200 > same | A untracked partial warning (0) without memory
`);

  expectRows(
    `
it stays pending in a short check | garden: > same | A pending no-cgroup warning (0)
`,
    20_000,
  );

  expectRows(
    `
it is a warning after a long one | garden: > same | A untracked no-cgroup warning (0)
it is one where only its Envoy runs | ${envoy} > same | A untracked no-cgroup warning (0) with A-envoy
it is critical while a process uses its root | garden:; mounted A=4711 > same | A untracked no-cgroup critical (0)
it stays so where that was not searched for, of very many | garden:; mounted A=4711 > same > same; unsearched A | A untracked no-cgroup critical (0)
it is a warning where that was never searched for | garden:; mounted A=4711; unsearched A > same | A untracked no-cgroup warning (0)
it is no difference while Garden has not called it created | garden:; created - > same > same | A pending (0)
`,
    30_000,
  );

  expectSaid(`
it is not one that runs outside where only its Envoy runs | ${envoy} | but only its Envoy or a health check runs
`);

  it('keeps the evidence of a process outside that came after the first pass', () => {
    const before = memory(`${G}/garden:`, [A]);
    const after = { ...before, rootMounts: { [A]: [4711] }, processes: [{ pid: 4711 }], at: 1000 };
    const remembered = reportAfter([before, after], 30_000).memory.containers.get(asHandle(A));
    expect(remembered?.evidence?.processes.map(({ pid }) => pid)).to.deep.equal([4711]);
  });

  describe('that a later walk of the same pass shows', () => {
    const gone = memory(`${G}/garden:`, [A]);
    const live = memory(`${G}/garden/${A}: 200`, [A]);
    const shownLater = (cell: CellText, before = EMPTY_MEMORY): readonly string[] => {
      const { primaryScan } = snapshotOf(live);
      const { scans } = snapshotOf(cell).answers;
      const later = new Map([
        ...scans,
        ...(primaryScan === null ? [] : [['memory', primaryScan] as const]),
      ]);
      return outcome(
        complete(passWith(cell, before, { scans: later }), gracePeriodsOfCheck(0)).report,
      );
    };

    it('is not partial', () => {
      const trees = { ...gone.trees, cpu: `${G}/garden/${A}: 200` };
      const created = { ...gone, trees, gdn: [{ cgroups: { memory: G, cpu: G } }] };
      expect(shownLater(created)).to.deep.equal([`${A} pending`]);
    });

    it('stays unowned', () => {
      const properties = { [A]: null };
      const unowned = reportAfter([
        { ...live, properties },
        { ...live, properties, at: 1 },
      ]);
      expect(outcome(unowned.report)).to.deep.equal([`${A} untracked unowned`]);
      expect(shownLater({ ...gone, properties, at: 2 }, unowned.memory)).to.deep.equal([
        `${A} untracked unowned`,
      ]);
    });
  });
});

describe('reconcile: an owner that was seen before', () => {
  expectRows(`
is known without its properties while Garden calls the container created | garden/A: 200, garden/B: 300; lists A B > same; refused A | A tracked (1), B tracked (1)
is unknown without them once Garden no longer calls it created | garden/A: 200, garden/B: 300; lists A B > same; refused A; created B | A pending (1) because Garden gives no properties: Garden refused the connection, B tracked (1)
is unknown without them if the list of created containers fails | garden/A: 200, garden/B: 300; lists A B > same; refused A; created ? | A pending (1) because Garden gives no properties: Garden refused the connection, B tracked (1)
is what its properties say once Garden no longer calls it created | garden/A: 200, garden/B: 300; lists A B > same; created B | A tracked (1), B tracked (1)
is what its properties say if that list fails | garden/A: 200, garden/B: 300; lists A B > same; created ? | A tracked (1), B tracked (1)
is lost with the properties of one that Garden no longer calls created | garden/A: 200, garden/B: 300; lists A B > same; created B; unowned A | A untracked unowned critical (1) rep none, B tracked (1)
is lost with the properties if that list fails | garden/A: 200, garden/B: 300; lists A B > same; created ?; unowned A | A untracked unowned critical (1) rep none, B tracked (1)
leaves a lost owner lost if Garden no longer answers | garden/A: 200 > same; unowned A > same; refused A | unknown: no-properties, 1 seen, A untracked unowned critical (1) rep none
ends what the list and the owner disprove of a container that hides itself: its place in the list | garden/A: 200; lists - > garden/A:; unreadable garden/A; lists A | A pending (0) because the container hides itself: a part of its cgroup cannot be read, or exceeds what one pass reads
ends what the list and the owner disprove of a container that hides itself: its lost owner | garden/A: 200 > same; unowned A > garden/A:; unreadable garden/A | A pending (0) because the container hides itself: a part of its cgroup cannot be read, or exceeds what one pass reads
keeps the lost owner of a container that hides itself | garden/A: 200 > same; unowned A > garden/A:; unreadable garden/A; unowned A | A untracked unowned critical (0) because the container hides itself: a part of its cgroup cannot be read, or exceeds what one pass reads
leaves the cell unknown if Garden answers nothing but its list | garden/A: 200, garden/B: 300; lists A B > same; created ?; refused A B | unknown: no-properties, 2 seen, A tracked (1), B tracked (1)
`);
});

describe('reconcile: a listed container whose cgroup shows no process', () => {
  const others = 'lists A B; in cpu garden/B: 300';
  expectRows(`
is undecided if another hierarchy could not be read | garden/B: 300; lists A B; in cpu garden: EACCES | A pending (0) because another hierarchy could not be read, B tracked (1)
is undecided if a part of another hierarchy above containers could not be read | garden/B: 300; ${others}, garden/good: EACCES | A pending (0) because another hierarchy could not be read, B tracked (1)
is undecided without its properties | garden/B: 300; ${others}; refused A | A pending (0) because Garden gives no properties: Garden refused the connection, B tracked (1)
is undecided if Garden does not say whether it is created | garden/B: 300; ${others}; created ? | A pending (0) because Garden did not say whether the container is created, B tracked (1)
is being created if Garden does not call it created | garden/B: 300; ${others}; created B | A pending (0), B tracked (1)
has lost its owner also if it runs only in another hierarchy | garden/B: 300; ${others}, garden/A: 200; unowned A | A untracked unowned critical (0) rep none, B tracked (1)
is partial if it runs only in another hierarchy | garden/B: 300; ${others}, garden/A: 200 > same | A untracked partial warning (0) without memory, B tracked (1)
`);
});

describe('reconcile: partial', () => {
  expectRows(`
is never reported from one pass | garden/A: 200; in cpu garden:; cgroups 200 memory=garden/A cpu=/ | A pending partial warning (1) at / without cpu
is reported from two | garden/A: 200; in cpu garden:; cgroups 200 memory=garden/A cpu=/ > same | A untracked partial warning (1) at / without cpu
is not reported for a controller in which gdn keeps no directory | garden/A: 200; in cpu /system.slice/garden.service:; cgroups 200 memory=garden/A cpu=/ > same | A tracked (1) at /
is not reported while another process of the container is there | garden/A: 200; in cpu garden/A: 201; cgroups 200 memory=garden/A cpu=/ > same | A tracked (1) at /
is not reported for a named hierarchy | garden/A: 200; in name=systemd garden:; cgroups 200 memory=garden/A name=systemd=/ > same | A tracked (1) at /
is reported for a controller in which this incarnation was seen before | garden/A: 200; in cpu A: 200; cgroups 200 memory=garden/A cpu=A > garden/A: 200; in cpu /system.slice/garden.service:; cgroups 200 memory=garden/A cpu=/ > same | A untracked partial warning (1) at / without cpu
`);
});

describe('reconcile: a worse reason comes', () => {
  const partial = 'garden/A: 200; in cpu garden:; cgroups 200 memory=garden/A cpu=/';
  const known = `${partial} > same`;
  const inTop = 'A: 200; in cpu garden:; cgroups 200 memory=A cpu=/';
  expectRows(
    `
keeps a partial that is also without an owner, until that has lasted | ${known} > same; unowned A | A untracked partial warning (1) at / without cpu
is without an owner once that has lasted | ${known} > same; unowned A > same | A untracked unowned critical (1) at / rep none
keeps a partial that Garden does not list, for one pass | ${known} > same; lists - | A untracked partial warning (1) at / without cpu
is unknown to Garden in the second pass | ${known} > same; lists - > same | A untracked unknown-to-garden critical (1) at /
keeps the partial of a privileged one, which nothing calls by its name any more | ${inTop} > same > same; lists - | A untracked partial warning (1) privileged at / at A without cpu
is pending where it is whole again, but lost | ${inTop} > same > A: 200; in cpu garden:, A: 201; cgroups 200 memory=A cpu=/; lists - | A pending unknown-to-garden critical (1) privileged at / at A
is a partial as before when the worse goes away again | ${known} > same; unowned A > ${partial} > same; unowned A | A untracked partial warning (1) at / without cpu
does not treat missing properties as the end of the worse reason | ${known} > same; unowned A > same; refused A > ${partial}; unowned A | A untracked unowned critical (1) at / rep none
`,
    2000,
  );

  const firstAfter = (cells: string) => firstOf(passAfter(cells, 2000).report);

  it('has begun with the first of several reasons in a row', () => {
    const { since } = firstAfter(known);
    expect(firstAfter(`${known} > same; lists - > same`).since).to.equal(since);
  });

  it('has the processes of the worse reason as evidence, not those of days ago', () => {
    const of = (pid: number): string =>
      `garden/A: ${pid}; in cpu garden:; cgroups ${pid} memory=garden/A cpu=/; processes ${pid}=app`;
    const { memory: last } = passAfter(`${of(500)} > same > ${of(901)}; lists - > same`, 2000);
    const { evidence } = last.containers.get(asHandle(A)) ?? { evidence: null };
    expect(evidence?.processes.map(({ pid }) => pid)).to.deep.equal([901]);
  });

  it('goes on where no inode of its cgroup is remembered', () => {
    const cell = memory(`${G}/garden/${B}: 300`, []);
    const { memory: before } = reportAfter([cell], 2000);
    const containers = new Map(
      [...before.containers].map(([handle, one]) => [handle, { ...one, cgroupInode: null }]),
    );
    const { report } = reportAfter([{ ...cell, at: 2000 }], 2000, { ...before, containers });
    expect(outcome(report)).to.deep.equal([`${B} untracked unknown-to-garden`]);
  });
});

describe('reconcile: could not tell', () => {
  expectRows(`
a list that cannot be read makes no findings | garden/A: 200; lists ? | unknown: garden-unavailable, 1 seen
no process of the cell is visible: not all is lost | garden/A:; no-gdn | unknown: processes-hidden, 0 seen
nothing shows whose the Garden directories are | /a/garden/B: 300, /b/garden/x: 301, /c/A: 200; no-gdn | unknown: no-anchor, 3 seen, 1 systemd
a directory that could hold containers cannot be read | garden/A: 200; unreadable garden | unknown: unreadable /system.slice/garden.service/garden, 1 seen
Garden answers its list and no question about any container | garden/A: 200; refused A | unknown: no-properties, 1 seen
only a container is undecided that hides itself, whose cgroup once made the whole cell unknown | garden/A: EACCES, garden/B: 300 | B untracked unknown-to-garden critical (1), A pending (0) because the container hides itself: a part of its cgroup cannot be read, or exceeds what one pass reads
only a container is undecided whose owner Garden does not return | garden/A: 200, garden/B: 300; lists A B; refused A | A pending (1) because Garden gives no properties: Garden refused the connection, B tracked (1)
`);

  const healthy = memory(`${G}/garden/${A}: 200`, [A]);
  const lost = memory(`${G}/garden/${A}: 200\n${G}/garden/${B}: 300`, [A]);

  it('keeps the last known state and the findings with their since', () => {
    const known = reportAfter([lost, { ...lost, at: 3000 }], 2000);
    const blind = reportAfter([{ ...lost, listed: null, at: 9000 }], 2000, known.memory);
    expect(blind.report.verdict).to.equal('unknown');
    expect(blind.report.containers).to.deep.equal(known.report.containers);
  });

  it('keeps the time since when Garden is unavailable', () => {
    const first = reportAfter([{ ...healthy, listed: null, at: 1000 }]);
    const later = reportAfter([{ ...healthy, listed: null, at: 5000 }], 0, first.memory);
    const since = (state: typeof first) =>
      state.report.garden.state === 'unavailable' ? state.report.garden.since : null;
    expect(since(later)).to.equal(since(first));
  });

  it('takes no property of every object for the path in a hierarchy that is called so', () => {
    const cell = memory(`${G}/garden/${A}: 200`, [A]);
    for (const name of ['valueOf', 'constructor', '__proto__']) {
      const trees = Object.fromEntries([...Object.entries(cell.trees), [name, '/: 1']]);
      const odd = { ...cell, trees, memberships: { 200: { memory: `${G}/garden/${A}` } } };
      expect(outcomeOf({ ...odd, gdn: [{ cgroups: { memory: G } }] })).to.deep.equal(
        outcomeOf(cell),
      );
      expect(outcomeOf({ ...odd, gdn: [] })).to.deep.equal(outcomeOf({ ...cell, gdn: [] }));
    }
  });

  describe('what one container hides affects only that container', () => {
    expectRows(`
an unknown cgroup that hides is not a container | garden/A: 200, /delegating/x: EACCES, y: EACCES | A tracked (1)
`);

    expectRows(
      `
one that no list names counts as live, past the grace, where it is in a Garden directory | garden/A: 200, garden/B: EACCES > same | B untracked unknown-to-garden critical (0) (hidden), A tracked (1)
it does so where Garden listed it before and it is elsewhere | garden/A: 200, B: 300; lists A B > garden/A: 200, B: EACCES > same | B untracked unknown-to-garden critical (0) privileged at B (hidden), A tracked (1)
it does so where it nests so deep that no path leads to its processes | garden/A: 200, B: 300; lists A B > garden/A: 200, B: 300, B/a/b: > same > garden/A: 200, B/a/b:; unreadable B/a/b/c | B untracked unknown-to-garden critical (0) privileged at B (hidden), A tracked (1)
`,
      2000,
    );

    it('looks at every one of many unrecognised live cgroups of one unit', () => {
      // With more than 256 the cell was unknown.
      const many = Array.from({ length: 5000 }, (_, n) => `/delegating/${n}: ${n + 1000}`);
      const cell = memory(`${G}/garden/${A}: 200\n${many.join('\n')}\n/alone: 999`, [A]);
      const { report, memory: known } = reportAfter([cell]);
      expect(report.verdict).to.equal('all-tracked');
      const asked = questionsOf(passOf(cell, known)).processes;
      expect(asked).to.have.length(2048);
      expect(asked).to.include(999);
    });
  });

  describe('undecided keeps only a reason that the pass does not disprove', () => {
    expectRows(
      `
a listed container is not unknown to Garden, whatever its properties | garden/A: 200, garden/B: 300 > same > same; lists A B; refused B | B pending (1) because Garden gives no properties: Garden refused the connection, A tracked (1)
a live container may still have lost its owner | garden/A: 200, garden/B: 300; lists A B; unowned B > same > same; refused B | B untracked unowned critical (1) because Garden gives no properties: Garden refused the connection, A tracked (1)
`,
      2000,
    );

    expectRows(
      `
a live container is not no-cgroup, whatever its properties | garden/A: 200; lists A B; unowned B > same > garden/A: 200, garden/B: 300; lists A B; refused B | B pending (1) because Garden gives no properties: Garden refused the connection, A tracked (1)
`,
      30_000,
    );
  });
});
