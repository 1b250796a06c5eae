import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { ProcessFacts } from '../../src/model/process.ts';
import type { Report } from '../../src/model/report.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { resolveHierarchies } from '../../src/mounts/resolve.ts';
import { planSweep } from '../../src/reconcile/judge/escaped.ts';
import { gracePeriodsOfAgent } from '../../src/reconcile/difference.ts';
import {
  firstOf,
  passesOver,
  reportAfter,
  snapshotOf,
  type CellText,
  type SuspectText,
} from './cell-builder.ts';
import {
  app,
  cell,
  created,
  CRON,
  end,
  GARDEN,
  GDN,
  imageOf,
  list,
  loseProperties,
  outside,
  parent,
  refuseProperties,
  withCgroups,
  type Cell,
} from './cell.ts';
import { check, checkFor, expectShown, lastPass, onlyContainer } from './shown.ts';

/*
 * billing has a process in its cgroup (200). The search through all processes finds others that
 * have its root filesystem and are elsewhere, such as 201: they have escaped, unless they are on
 * their way in, or somebody entered the container from outside.
 */

const billing = app('billing');
const shop = app('shop', { pids: [300] });
/** That the root of billing is its own was seen in its cgroup. */
const ROOT_OF_BILLING = { [`${billing.cgroup}/init`]: imageOf(billing) };
const inOrder = cell({
  containers: [billing],
  cgroups: { '/': [50, 201] },
  roots: ROOT_OF_BILLING,
});

/** dadoo, which starts processes in a container. */
const DADOO = { pid: 150, comm: 'dadoo' };
/** These processes have left billing, and each has these parents. */
const escape = (
  before: Cell,
  escaped: readonly SuspectText[],
  ...parents: readonly Partial<ProcessFacts>[]
): Cell => ({
  ...before,
  suspects: escaped,
  ancestors: Object.fromEntries(escaped.map(({ pid }) => [pid, parents])),
});
const escapedAs = (pid: number, ...parents: readonly Partial<ProcessFacts>[]): Cell =>
  escape(inOrder, [outside(pid, billing)], ...parents);
const escaped = escapedAs(201, DADOO);

const PENDING = 'billing: pending critical escaped, 1 process';
const CRITICAL = 'billing: untracked critical escaped, 1 process';
const WARNING = 'billing: untracked warning escaped, 1 process';
const TRACKED = 'billing: tracked, 1 process';

/** What is shown once the cell has been so for a second. */
const expectLasting = (one: Cell, ...lines: readonly string[]): void =>
  expectShown(checkFor(1, one, one), ...lines);

describe('A process that left the cgroups of its container', () => {
  it('makes the container pending at first', () => {
    expectShown(checkFor(1, escaped), PENDING);
  });

  it('makes the container critical if it stays outside', () => {
    expectLasting(escaped, CRITICAL);
  });

  it('is not a finding while one short-lived process follows another', () => {
    const others = [202, 203, 204].map((pid) => escapedAs(pid, DADOO));
    expectShown(checkFor(1, escaped, ...others), PENDING);
  });

  it('is a finding once one of several such processes lasts', () => {
    const others = [202, 203, 203].map((pid) => escapedAs(pid, DADOO));
    expectShown(checkFor(1, escaped, ...others), CRITICAL);
  });

  it('is another process when its pid is used again', () => {
    const reused = escape(escaped, [outside(201, billing, '/', { startTicks: 5000 })], DADOO);
    expectShown(checkFor(1, escaped, reused), PENDING);
  });

  it('counts the time of the process that was seen longest', () => {
    const beside = (pid: number): Cell => ({
      ...inOrder,
      suspects: [outside(pid, billing), outside(201, billing)],
    });
    expectShown(checkFor(1, beside(301), beside(302)), CRITICAL);
  });

  it('is no finding any more once it has ended', () => {
    expectShown(checkFor(1, escaped, escaped, escape(escaped, [])), TRACKED);
  });

  describe('while nothing shows whether the container has an owner', () => {
    const unasked = refuseProperties(created(list(escaped, billing, shop), shop), billing);
    const WHY = 'undecided because Garden gives no properties: Garden refused the connection';
    const NO_CGROUP = 'shop: pending warning no-cgroup, 0 processes';

    it('stays a finding', () => {
      expectShown(checkFor(1, escaped, escaped, unasked), `${CRITICAL}, ${WHY}`, NO_CGROUP);
    });

    it('is no finding any more once it has ended', () => {
      expectShown(
        checkFor(1, escaped, escaped, escape(unasked, [])),
        NO_CGROUP,
        `billing: pending, 1 process, ${WHY}`,
      );
    });
  });

  describe('and that somebody may have entered by hand', () => {
    const SHELL = parent('nsenter', 900);
    const withParents = (...parents: readonly Partial<ProcessFacts>[]): Cell =>
      escapedAs(201, ...parents);

    it('is a warning if its parent is a process of the host', () => {
      expectLasting(withParents(SHELL), WARNING);
    });

    it('is a warning if the entered shell started it', () => {
      const inner = parent('sh', 950, { namespacePids: [950, 40] });
      expectLasting(withParents(inner, SHELL), WARNING);
    });

    it('names the command that did so', () => {
      const shell = { ...SHELL, command: 'nsenter -a -t 200', namespacePids: [900] };
      expect(onlyContainer(check(withParents(shell))).explanation).to.deep.equal({
        kind: 'escaped',
        processes: [
          { pid: 201, cgroup: '/', kept: [], byGlance: false, enteredBy: 'nsenter -a -t 200' },
        ],
      });
    });

    const NOT_ENTERED: Readonly<Record<string, readonly Partial<ProcessFacts>[]>> = {
      'dadoo started it': [DADOO],
      'containerd-shim started it': [parent('containerd-shim', 150)],
      'runc started it': [parent('runc', 150)],
      'a child of runc started it': [parent('runc:[1:CHILD]', 150)],
      'gdn started it': [parent('gdn', 150)],
      'it is an orphan, whose parent is pid 1 of the host': [],
      'it is an orphan, whose parent is pid 1 of the container': [
        parent('garden-init', 200, { namespacePids: [200, 1] }),
      ],
    };
    for (const [what, parents] of Object.entries(NOT_ENTERED))
      it(`is critical if ${what}`, () => {
        expectLasting(withParents(...parents), CRITICAL);
      });

    /** 201 was entered by hand, and Garden starts another process in the container. */
    const beside = (pid: number): Cell => ({
      ...escape(inOrder, [outside(pid, billing), outside(201, billing)]),
      ancestors: { 201: [SHELL], [pid]: [DADOO] },
    });

    it('is critical where another process left by itself', () => {
      const both = beside(202);
      expectLasting(both, CRITICAL);
    });

    const entered = withParents(SHELL);
    const starting = [entered, beside(301), beside(302)];
    const alone = escapedAs(303, DADOO);

    it('is a warning while Garden starts a process in the container', () => {
      expectShown(checkFor(1, ...starting), WARNING);
    });

    it('is a warning when the shell has just ended', () => {
      expectShown(checkFor(1, ...starting, alone), WARNING);
    });

    it('is critical once what Garden started stays', () => {
      expectShown(checkFor(1, ...starting, alone, alone), CRITICAL);
    });

    it('is shown without processes that Garden may have started', () => {
      const { processes } = onlyContainer(checkFor(1, ...starting));
      expect(processes.map(({ pid }) => pid)).to.deep.equal([201]);
    });
  });

  describe('belongs', () => {
    const noRoots = cell({ containers: [billing], cgroups: { '/': [50, 201] } });
    const left = (before: Cell, more: Partial<Cell> = {}): Cell => ({
      ...escape(before, [outside(201, billing)], DADOO),
      ...more,
    });
    /** Garden has destroyed billing, and shop runs. */
    const destroyed = left(cell({ containers: [shop], cgroups: { '/': [50, 201] } }));
    const SHOP = 'shop: tracked, 1 process';
    const LOST = 'billing: untracked critical escaped, 0 processes';

    it('to a container that Garden destroyed, by the store of those that it lists', () => {
      expectLasting({ ...destroyed, roots: { [shop.cgroup]: imageOf(shop) } }, LOST, SHOP);
    });

    it('to no container of another store', () => {
      const other = { [shop.cgroup]: imageOf(shop, '/another/store') };
      expectLasting({ ...destroyed, roots: other }, SHOP);
    });

    it('to no container of an unknown store', () => {
      expectLasting(destroyed, SHOP);
    });

    it('to a container that memory saw listed', () => {
      expectShown(checkFor(1, noRoots, destroyed, destroyed), LOST, SHOP);
    });

    it('to no container of ours if a second Garden has its handle in its own store', () => {
      const inSecond = imageOf(billing, '/second');
      const ofSecond = {
        suspects: [{ ...outside(201, billing), image: inSecond }],
        roots: {
          [billing.cgroup]: imageOf(billing),
          [`/second.service/garden/${billing.handle}`]: inSecond,
        },
      };
      expectLasting(left(noRoots, ofSecond), TRACKED);
    });

    const OWN = { [billing.cgroup]: imageOf(billing) };
    const POSING = { [`${billing.cgroup}/init`]: imageOf(billing, '/posing') };

    it('to ours, too, if another process in the cgroup of ours has another root', () => {
      expectLasting(left(noRoots, { roots: { ...OWN, ...POSING } }), CRITICAL);
    });

    it('to ours, whichever of the two roots was read first', () => {
      expectLasting(left(noRoots, { roots: { ...POSING, ...OWN } }), CRITICAL);
    });

    it('to a listed one whose processes were not yet seen in its cgroup', () => {
      expectLasting(left(noRoots), CRITICAL);
    });

    /** It has the image of an Envoy with an image of its own. */
    const ofEnvoy = (cgroup = '/'): SuspectText =>
      outside(201, { handle: `${billing.handle}-envoy` }, cgroup);

    it('to the container of a pea with an image of its own', () => {
      expectLasting(left(inOrder, { suspects: [ofEnvoy()] }), CRITICAL);
    });

    it('to no container that it left, if it is of a pea in the cgroup of its container', () => {
      expectLasting(left(inOrder, { suspects: [ofEnvoy(billing.cgroup)] }), TRACKED);
    });
  });

  describe('where bpm runs gdn in a pid namespace,', () => {
    const inBpm = app('billing', { below: '/bpm-garden/garden' });
    const started = (...namespacePids: readonly number[]): Cell =>
      cell({
        containers: [inBpm],
        cgroups: { '/bpm-garden': [100] },
        gdn: [{ pid: 100, namespacePids: [100, 9], cgroups: { memory: '/bpm-garden' } }],
        suspects: [outside(201, billing, '/', { namespacePids })],
      });

    it("is none in gdn's own pid namespace, such as tar on its way in", () => {
      expectLasting(started(201, 12), TRACKED, '1 systemd cgroup');
    });

    it('is one in a pid namespace below that', () => {
      expectLasting(started(201, 12, 3), CRITICAL, '1 systemd cgroup');
    });
  });
});

/** The same cell in which 201 is in the cgroup of cron, and dadoo started it. */
const cronCell = cell({
  containers: [billing],
  cgroups: { [CRON]: [50, 201] },
  suspects: [outside(201, billing, CRON)],
  roots: ROOT_OF_BILLING,
  ancestors: { 201: [DADOO] },
});

describe('An escaped process that was the last one in the cgroup of a listed container', () => {
  const empty: Cell = {
    ...end(cronCell, billing),
    rootMounts: { [billing.handle]: [201] },
    processes: [{ pid: 201, startTicks: 201, namespacePids: [201, 7] }],
  };
  const notSweptYet = { ...empty, suspects: [] };

  it('is a critical finding, which counts no process in the cgroup', () => {
    expectLasting(empty, 'billing: untracked critical escaped, 0 processes', '1 systemd cgroup');
  });

  it('is the only reason that is ever reported', () => {
    const cells = [{ ...cronCell, suspects: [] }, ...Array.from({ length: 20 }, () => empty)];
    const passes = passesOver(
      cells.map((one, second) => ({ ...one, at: second * 1000 })),
      gracePeriodsOfAgent(3000, 1000),
    );
    const reported = passes.flatMap(({ report }) => {
      const { status, reason } = onlyContainer(report);
      return status === 'untracked' ? [reason] : [];
    });
    // The first three of the 20 passes are within the grace period.
    expect(reported).to.deep.equal(Array.from({ length: 17 }, () => 'escaped'));
  });

  it('is read by the sweep of the next pass, once the root filesystem shows it', () => {
    const { memory, report } = lastPass(30, notSweptYet);
    expect(onlyContainer(report)).to.include({ status: 'pending', reason: 'no-cgroup' });
    expect(planOf(snapshotOf(empty), memory, false)?.suspects).to.deep.equal([
      { pid: 201, startTicks: 201 },
    ]);
  });
});

describe('A container with an escaped process and another reason', () => {
  /** Its process 200 is in no cgroup of a container in pids. */
  const partial = cell({
    containers: [billing],
    cgroups: { '/': [50, 201] },
    hierarchies: { pids: { [GARDEN]: [], '/': [200] } },
    memberships: { 200: { memory: billing.cgroup, pids: '/' } },
    roots: ROOT_OF_BILLING,
  });
  const both = escape(partial, [outside(201, billing)], DADOO);
  const PARTIAL = 'billing: untracked warning partial, 1 process, in /, missing in pids';
  const ESCAPED = `${CRITICAL}, in /`;

  it('is partial until the process has been outside for the grace period', () => {
    expectShown(checkFor(1, partial, partial, both), PARTIAL);
  });

  it('has escaped after that', () => {
    expectShown(checkFor(1, partial, partial, both, both), ESCAPED);
  });

  it('is partial again with another process', () => {
    const other = escape(partial, [outside(202, billing)], DADOO);
    expectShown(checkFor(1, partial, partial, both, other), PARTIAL);
  });

  const unowned = loseProperties(escaped, billing);

  it('has escaped until it has been without an owner for the grace period', () => {
    expectShown(checkFor(1, escaped, escaped, unowned), CRITICAL);
  });

  it('is without an owner after that', () => {
    expectShown(
      checkFor(1, escaped, escaped, unowned, unowned),
      'billing: untracked critical unowned, 1 process, no rep runs',
    );
  });
});

describe('The explanation of an escaped process', () => {
  it('has its cgroup of the primary hierarchy', () => {
    const elsewhere = outside(201, billing, CRON, { cgroups: { cpu: '/x', memory: CRON } });
    const { explanation } = onlyContainer(check({ ...cronCell, suspects: [elsewhere] }));
    expect(explanation).to.deep.equal({
      kind: 'escaped',
      processes: [{ pid: 201, cgroup: CRON, kept: [], byGlance: false, enteredBy: null }],
    });
  });

  it('is kept while nothing can be compared', () => {
    const { memory } = reportAfter([cronCell, { ...cronCell, at: 500 }], 1000);
    const { memory: still } = reportAfter([{ ...cronCell, listed: null, at: 700 }], 1000, memory);
    expect(still.containers).to.deep.equal(memory.containers);
    expect(memory.containers.get(asHandle(billing.handle))?.escaped).to.deep.equal([
      {
        pid: 201,
        startTicks: 201,
        since: new Date(1.8e12).toISOString(),
        seenAt: 500,
        lasted: 500,
        isEntering: true,
      },
    ]);
  });
});

const planOf = (snapshot: Snapshot, memory: Memory, isWhole: boolean) =>
  planSweep(
    snapshot,
    resolveHierarchies(snapshot.mounts, snapshot.gardenProcesses, memory.anchor),
    memory,
    isWhole,
  );

describe('A process that left its container on some hierarchies', () => {
  const OWN = billing.cgroup;
  const HIERARCHIES = ['memory', 'pids', 'cpu', 'v2'] as const;
  /** In the cgroup of billing in these hierarchies, and in that of cron in the others. */
  const cgroupsIn = (...inside: readonly string[]): Record<string, string> =>
    Object.fromEntries(HIERARCHIES.map((name) => [name, inside.includes(name) ? OWN : CRON]));
  /** Process 201 is so; process 200 is in the cgroup of billing in all of them. */
  const leftAllBut = (inside: readonly string[], more: Partial<Cell> = {}): Cell => ({
    ...cell({
      listed: [billing],
      cgroups: { [OWN]: inside.includes('memory') ? [200, 201] : [200], [CRON]: [50] },
      hierarchies: { pids: { [OWN]: [200] }, cpu: { [OWN]: [200] }, v2: { [OWN]: [200, 201] } },
      memberships: { 200: cgroupsIn(...HIERARCHIES) },
      suspects: [outside(201, billing, CRON, { cgroups: cgroupsIn(...inside) })],
      roots: { [OWN]: imageOf(billing) },
      ancestors: { 201: [] },
      processes: [{ pid: 201, startTicks: 201 }],
    }),
    ...more,
  });
  const lasting = (one: Cell) => onlyContainer(checkFor(1, one, one));

  it('has escaped if only hierarchies without a controller still show it there', () => {
    const found = lasting(leftAllBut(['v2']));
    expect(found).to.include({ status: 'untracked', reason: 'escaped', severity: 'critical' });
    expect(found.explanation).to.deep.equal({
      kind: 'escaped',
      processes: [{ pid: 201, cgroup: CRON, kept: ['v2'], byGlance: false, enteredBy: null }],
    });
  });

  it('makes the container partial, with the hierarchies that it has left', () => {
    const found = lasting(leftAllBut(['memory', 'v2']));
    expect(found).to.include({ status: 'untracked', reason: 'partial', severity: 'warning' });
    expect(found.explanation).to.deep.equal({
      kind: 'partial',
      missing: ['cpu', 'pids'],
      pids: [201],
    });
    expect(found.processes.map(({ pid }) => pid)).to.deep.equal([201]);
  });

  it('makes the container partial, too, if it has left the primary hierarchy alone', () => {
    const { reason, explanation } = lasting(leftAllBut(['pids', 'cpu', 'v2']));
    expect(reason).to.equal('partial');
    expect(explanation).to.deep.include({ missing: ['memory'], pids: [201] });
  });

  it('has not left the hierarchies in which its container has no cgroup', () => {
    const onMemoryAndV2Only = cell({
      listed: [billing],
      cgroups: { [OWN]: [200, 201] },
      hierarchies: { pids: { [CRON]: [] }, cpu: { [CRON]: [] }, v2: { [OWN]: [] } },
      gdn: [{ cgroups: { memory: GDN } }],
      memberships: { 200: cgroupsIn('memory', 'v2') },
      suspects: [outside(201, billing, CRON, { cgroups: cgroupsIn('memory', 'v2') })],
      roots: { [OWN]: imageOf(billing) },
      ancestors: { 201: [] },
      processes: [{ pid: 201, startTicks: 201 }],
    });
    expect(lasting(onMemoryAndV2Only)).to.include({ status: 'tracked' });
  });

  const NEAR: Readonly<Record<string, string>> = {
    'the cgroup of its container, which is throttled': `${GARDEN}/bad/${billing.handle}`,
    'the cgroup of a pea beside its container': `${GARDEN}/${billing.handle}-envoy`,
    'the cgroup of a pea below its container': `${OWN}/${billing.handle}-envoy`,
  };
  for (const [where, cpu] of Object.entries(NEAR))
    it(`has not left a hierarchy in which it is in ${where}`, () => {
      const cgroups = { ...cgroupsIn(...HIERARCHIES), cpu };
      const suspects = [outside(201, billing, CRON, { cgroups })];
      expect(lasting(leftAllBut(HIERARCHIES, { suspects }))).to.include({ status: 'tracked' });
    });

  describe('while Garden may have just started it', () => {
    const starting = (at: number, pid: number): Cell => ({
      ...leftAllBut(['memory', 'v2'], {
        suspects: [outside(pid, billing, CRON, { cgroups: cgroupsIn('memory', 'v2') })],
        ancestors: { [pid]: [DADOO] },
      }),
      at,
    });

    it('is not a finding if others follow it', () => {
      const passes = [
        starting(0, 201),
        starting(400, 202),
        starting(800, 203),
        starting(1200, 204),
      ];
      const { report } = reportAfter(passes, 1000);
      expect(firstOf(report)).to.include({ status: 'pending', reason: 'partial' });
    });

    it('is a finding if it stays', () => {
      const passes = [0, 1000, 2000].map((at) => starting(at, 201));
      const { report } = reportAfter(passes, 1000);
      expect(firstOf(report)).to.include({ status: 'untracked', reason: 'partial' });
    });
  });

  it('is not named if all processes of its container are missing in that hierarchy', () => {
    const missing = cell({
      listed: [billing],
      cgroups: { [OWN]: [200, 201] },
      hierarchies: {
        pids: { [GARDEN]: [], [CRON]: [200, 201] },
        cpu: { [OWN]: [200, 201] },
        v2: { [OWN]: [200, 201] },
      },
      memberships: { 200: cgroupsIn('memory', 'cpu', 'v2') },
      suspects: [outside(201, billing, CRON, { cgroups: cgroupsIn('memory', 'cpu', 'v2') })],
      roots: { [OWN]: imageOf(billing) },
      ancestors: { 201: [] },
      processes: [{ pid: 201, startTicks: 201 }],
    });
    expect(lasting(missing).explanation).to.deep.include({ kind: 'partial', pids: null });
  });
});

describe('A process that is at home in each pass, and outside when a glance sees it', () => {
  const seen = (at: number, more: Partial<Cell> = {}): Cell => ({
    ...withCgroups(cronCell, { [billing.cgroup]: [200, 201], [CRON]: [] }),
    suspects: [outside(201, billing, CRON, { byGlance: true })],
    at,
    ...more,
  });
  const after = (...cells: readonly CellText[]): Report => reportAfter(cells, 1000).report;

  it('is a finding once glances before each pass saw it for a grace period', () => {
    expect(onlyContainer(after(seen(0), seen(600)))).to.include({
      status: 'pending',
      reason: 'escaped',
    });
    expect(onlyContainer(after(seen(0), seen(600), seen(1200)))).to.include({
      status: 'untracked',
      reason: 'escaped',
      severity: 'critical',
    });
  });

  it('was in its container, so Garden is not starting it', () => {
    const passes = [0, 600, 1200].map((at) => seen(at, { ancestors: { 201: [DADOO] } }));
    expect(onlyContainer(after(...passes))).to.include({
      status: 'untracked',
      severity: 'critical',
    });
  });

  it('is not reported of a container that has ended since', () => {
    const ended = cell({ listed: [], cgroups: { [GARDEN]: [] } });
    const glanced = { ...ended, suspects: seen(600).suspects ?? [], at: 600 };
    expect(after(seen(0), glanced).containers).to.deep.equal([]);
  });

  it('adds and takes no time in a pass that a change announced', () => {
    const announced = seen(900, { isAnnounced: true });
    expect(onlyContainer(after(seen(0), announced))).to.include({ status: 'pending' });
  });
});

describe('The plan of a sweep', () => {
  it('knows the handles of the list and of memory, and reads the suspects again', () => {
    const { memory } = lastPass(1, list(cronCell, billing, shop));
    const plan = planOf(snapshotOf(cronCell), memory, false);
    expect([...(plan?.homes.handles ?? [])].toSorted()).to.deep.equal([
      billing.handle,
      shop.handle,
    ]);
    expect(plan?.suspects.map(({ pid, startTicks }) => [pid, startTicks])).to.deep.equal([
      [201, 201],
    ]);
    expect(plan).to.include({ gardenNamespaces: 1, isWhole: false });
  });

  it('reads the processes of a lost container that moved, before its finding would be gone', () => {
    const lostIn = (place: string): Cell =>
      cell({
        containers: [shop],
        cgroups: { [place]: [200, 201] },
        processes: [200, 201, 300].map((pid) => ({ pid, startTicks: pid })),
      });
    const leaf = `${billing.cgroup}/init`;
    const { memory } = lastPass(1, lostIn(leaf));
    const suspectsIn = (place: string) =>
      planOf(snapshotOf(lostIn(place)), memory, false)?.suspects;
    expect(suspectsIn(leaf)).to.deep.equal([]);
    expect(suspectsIn(CRON)).to.deep.equal([
      { pid: 200, startTicks: 200 },
      { pid: 201, startTicks: 201 },
    ]);
  });

  it('knows the pid namespace in which bpm runs gdn', () => {
    const gdn = [{ namespacePids: [100, 9], cgroups: { memory: '/bpm-garden' } }];
    const inBpm = cell({ listed: [billing], gdnIn: '/bpm-garden', gdn });
    expect(planOf(snapshotOf(inBpm), EMPTY_MEMORY, true)).to.include({
      gardenNamespaces: 2,
      isWhole: true,
    });
  });

  it("checks what is in a container of any gdn, until it is known which one is Garden's", () => {
    const gdn = [
      { cgroups: { memory: GDN } },
      { pid: 101, namespacePids: [101, 9], cgroups: { memory: '/bpm-garden' } },
    ];
    expect(planOf(snapshotOf({ ...cronCell, gdn }), EMPTY_MEMORY, true)).to.include({
      gardenNamespaces: 1,
    });
  });

  it('is none where there is nothing to compare with', () => {
    const snapshots = [
      snapshotOf({ ...cronCell, listed: null }),
      { ...snapshotOf(cronCell), primaryWalk: null },
    ];
    for (const one of snapshots) expect(planOf(one, EMPTY_MEMORY, false)).to.equal(null);
  });
});
