import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type { CgroupDirectory } from '../../src/model/scan.ts';
import { gracePeriodsOfAgent, gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { compareContainer } from '../../src/reconcile/reconcile.ts';
import {
  A,
  B,
  G,
  complete,
  firstOf,
  outcome,
  outcomeOf,
  passesOver,
  passOf,
  passWith,
  reportAfter,
  snapshotOf,
  type CellText,
} from './cell-builder.ts';

const memory = (tree: string, listed: readonly string[] | null, more: Partial<CellText> = {}) => ({
  trees: { memory: `${G}: 100\n${tree}` },
  listed,
  ...more,
});

/** Two intervals are 10 s. */
const inAgentPeriods = gracePeriodsOfAgent(30_000, 5000);

describe('reconcile: the result of one pass', () => {
  it('tracks a container that is listed and live', () => {
    const cell = memory(`${G}/garden/${A}: 200 201`, [A]);
    const { report } = reportAfter([cell]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
    expect(report.verdict).to.equal('all-tracked');
    expect(report.containers[0]?.pids).to.equal(2);
  });

  it('finds a live cgroup in a garden directory that Garden does not list', () => {
    const cell = memory(`${G}/garden/${A}: 200\n${G}/garden/${B}: 300`, [A]);
    expect(outcomeOf(cell)).to.deep.equal([`${B} untracked unknown-to-garden`, `${A} tracked`]);
  });

  it('waits for the settle time before it calls a difference a finding', () => {
    const cell = memory(`${G}/garden/${B}: 300`, []);
    expect(outcomeOf(cell, 2000)).to.deep.equal([`${B} pending unknown-to-garden`]);
    const twice = reportAfter([cell, { ...cell, at: 2000 }], 2000).report;
    expect(outcome(twice)).to.deep.equal([`${B} untracked unknown-to-garden`]);
  });

  it('counts a leftover empty directory as stale, not as a container', () => {
    const { report } = reportAfter([memory(`${G}/garden/${A}: 200\n${G}/garden/${B}:`, [A])]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
    expect(report.stale).to.deep.equal([`${G}/garden/${B}`]);
  });

  it('does not call the empty bad/H of a listed container stale', () => {
    const { report } = reportAfter([
      memory(`${G}/garden/good/${A}: 200\n${G}/garden/bad/${A}:`, [A]),
    ]);
    expect(report.stale).to.deep.equal([]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
  });

  it('joins good and bad into one throttled container', () => {
    const { report } = reportAfter([
      memory(`${G}/garden/good/${A}:\n${G}/garden/bad/${A}: 200`, [A]),
    ]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
    expect(report.containers[0]?.throttled).to.equal(true);
  });

  it('remembers the same of its empty good and bad, in whatever order the kernel lists them', () => {
    const cell = memory(`${G}/garden/good/${A}:\n${G}/garden/bad/${A}:`, [A]);
    const snapshot = snapshotOf(cell);
    const { primaryScan } = snapshot;
    if (primaryScan?.kind !== 'seen') throw new Error('no walk');
    const isLast = ({ path }: CgroupDirectory): boolean => path.endsWith(`/bad/${A}`);
    const { directories } = primaryScan;
    const turned = [...directories.filter((one) => !isLast(one)), ...directories.filter(isLast)];
    expect(turned).not.to.deep.equal(directories);
    const other = { ...snapshot, primaryScan: { ...primaryScan, directories: turned } };
    const remembered = [snapshot, other].map(
      (one) => complete(passOf(cell, EMPTY_MEMORY, one), gracePeriodsOfCheck(0)).memory.containers,
    );
    expect(remembered[0]).to.deep.equal(remembered[1]);
  });

  it('sees the throttling of v1, which moves processes in the cpu hierarchy only', () => {
    const { report } = reportAfter([
      memory(`${G}/garden/good/${A}: 200`, [A], {
        memberships: { 200: { memory: `${G}/garden/good/${A}`, cpu: `${G}/garden/bad/${A}` } },
        trees: {
          memory: `${G}: 100\n${G}/garden/good/${A}: 200`,
          cpu: `${G}/garden/bad/${A}: 200`,
        },
      }),
    ]);
    expect(report.containers[0]?.throttled).to.equal(true);
  });

  it('takes peas, beside or below, as parts of their container', () => {
    const { report } = reportAfter([
      memory(
        `${G}/garden/${A}: 200\n${G}/garden/${A}/${A}-envoy: 201\n${G}/garden/${A}-liveness-healthcheck-0: 202`,
        [A],
      ),
    ]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
    expect(report.containers[0]).to.deep.include({
      pids: 1,
      peas: [`${A}-envoy`, `${A}-liveness-healthcheck-0`],
    });
  });

  it('does not call a container alive because its pea is', () => {
    const cell = memory(`${G}/garden/${A}:\n${G}/garden/${A}/${A}-envoy: 201`, [A]);
    expect(outcomeOf(cell)).to.deep.equal([`${A} pending no-cgroup`]);
  });

  it('reports a pea whose container is neither listed nor alive', () => {
    const cell = memory(`${G}/garden/${A}-liveness-healthcheck-0: 202`, []);
    const { report } = reportAfter([cell]);
    expect(outcome(report)).to.deep.equal([`${A} untracked unknown-to-garden`]);
    expect(report.containers[0]).to.deep.include({ severity: 'warning', pids: 0 });
  });

  it('reports an Envoy that outlived its container, which no list names, as a warning', () => {
    const cell = memory(`${G}/garden/${A}:\n${G}/garden/${A}/${A}-envoy: 202`, []);
    const { report } = reportAfter([cell]);
    expect(outcome(report)).to.deep.equal([`${A} untracked unknown-to-garden`]);
    expect(report.containers[0]).to.deep.include({
      severity: 'warning',
      explanation: {
        kind: 'unknown-to-garden',
        basis: 'garden-directory',
        left: 'peas',
        runtime: null,
      },
    });
  });

  it('keeps a free-form handle that looks like a pea where Garden listed it before', () => {
    const { report } = reportAfter([
      memory(`${G}/garden/my-envoy: 202`, ['my-envoy']),
      memory(`${G}/garden/my-envoy: 202`, []),
    ]);
    expect(outcome(report)).to.deep.equal(['my-envoy untracked unknown-to-garden']);
    expect(report.containers[0]?.severity).to.equal('critical');
  });

  it('calls a listed container of which only the Envoy runs a warning, not a container that runs outside', () => {
    const cell = memory(`${G}/garden/${A}:\n${G}/garden/${A}/${A}-envoy: 201`, [A]);
    const { report } = reportAfter([cell, { ...cell, at: 40_000 }], 40_000);
    expect(outcome(report)).to.deep.equal([`${A} untracked no-cgroup`]);
    expect(report.containers[0]).to.deep.include({
      severity: 'warning',
      explanation: {
        kind: 'no-cgroup',
        rootMountPids: [],
        onlyPeas: true,
        destroy: null,
        retry: 'rep',
        stopsRep: true,
      },
    });
  });

  it('does not take a handle that begins like another one as its pea', () => {
    const cell = memory(`${G}/garden/a: 200\n${G}/garden/a-b: 201`, ['a']);
    expect(outcomeOf(cell)).to.deep.equal(['a-b untracked unknown-to-garden', 'a tracked']);
  });

  it('tracks good and bad as handles where containerd keeps their processes in init', () => {
    const cell: CellText = {
      trees: { v2: `${G}: 100\n/garden/good/init: 200\n/garden/${A}/init: 300` },
      listed: ['good', A],
    };
    expect(outcomeOf(cell)).to.deep.equal([`${A} tracked`, 'good tracked']);
  });

  it('tells the leaf of the container good from the throttled container init', () => {
    const outcomeIn = (tree: string): readonly string[] =>
      outcomeOf({ trees: { v2: `${G}: 100\n${tree}` }, listed: ['good', 'init'] });
    const both = ['good tracked', 'init tracked'];
    expect(outcomeIn('/garden/good/init: 200\n/garden/init/init: 300')).to.deep.equal(both);
    expect(outcomeIn('/garden/good/good/init: 200\n/garden/good/init/init: 300')).to.deep.equal(
      both,
    );
  });

  it("keeps Garden's own directories when a process strays into one", () => {
    const cell = memory(`${G}/garden/good: 9\n${G}/garden: 8\n${G}/garden/good/${A}: 200`, [A]);
    expect(outcomeOf(cell)).to.deep.equal([`${A} tracked`]);
  });

  it('keeps them when the container good has moved a process into one', () => {
    const cell = memory(`${G}/good: 8\n${G}/garden/good: 9\n${G}/garden/good/${A}: 200`, [
      A,
      'good',
    ]);
    expect(outcomeOf(cell)).to.deep.equal([`${A} tracked`, 'good tracked']);
  });

  for (const handle of ['init', 'good', 'bad', 'x', 'Ünïcode', 'a.b.c', 'X'.repeat(200)]) {
    it(`tracks the free-form handle ${handle.slice(0, 20)}`, () => {
      const bytes = Buffer.from(handle).toString('latin1');
      const { report } = reportAfter([memory(`${G}/garden/${bytes}: 200`, [handle])]);
      expect(outcome(report)).to.deep.equal([`${handle} tracked`]);
    });
  }

  it('tracks a privileged container whose handle looks like a garden directory', () => {
    const cell = memory(`${G}/garden/${A}: 200\n${G}/garden-x: 300`, [A, 'garden-x']);
    expect(outcomeOf(cell)).to.deep.equal([`${A} tracked`, 'garden-x tracked']);
  });

  it("never takes an ancestor of gdn's cgroup for a container, whatever the handles are", () => {
    const cell = memory(`${G}/garden/${B}: 300`, ['system.slice'], { created: [] });
    expect(outcomeOf(cell)).to.include(`${B} untracked unknown-to-garden`);
  });

  it("tracks privileged containers and their peas beside Garden's directories", () => {
    const { report } = reportAfter([
      memory(`${G}/${A}: 200\n${G}/${A}-envoy: 201\n${G}/${A}-liveness-healthcheck-0: 202`, [A]),
    ]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
    expect(report.containers[0]).to.deep.include({ privileged: true });
    expect(report.containers[0]?.peas).to.have.length(2);
  });

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

  it('counts everything below a container as its own, including nested gardens', () => {
    const cell = memory(`${G}/${A}: 200\n${G}/${A}/garden/${B}: 300`, [A]);
    expect(outcomeOf(cell)).to.deep.equal([`${A} tracked`]);
  });

  it('finds the containers of every mode of v2', () => {
    const cell: CellText = {
      trees: {
        v2: `${G}: 100\n/garden/${A}/init: 200\n/garden/${A}/${A}-envoy: 201\n/system.slice/${B}: 300`,
      },
      listed: [A, B],
    };
    const { report } = reportAfter([cell]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`, `${B} tracked`]);
    expect(report.containers[0]?.cgroups).to.deep.equal({ v2: `/garden/${A}` });
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

describe('reconcile: an owner that was seen before', () => {
  const before = memory(`${G}/garden/${A}: 200\n${G}/garden/${B}: 300`, [A, B]);
  const after = (more: Partial<CellText>) => reportAfter([before, { ...before, ...more }]).report;
  const outcomeAfter = (more: Partial<CellText>) => outcome(after(more));

  it('is known without its properties while Garden calls the container created', () => {
    expect(outcomeAfter({ unanswered: [A] })).to.deep.equal([`${A} tracked`, `${B} tracked`]);
  });

  for (const [story, created] of [
    ['Garden no longer calls the container created', [B]],
    ['the list of created containers fails', null],
  ] as const) {
    it(`is unknown without its properties if ${story}`, () => {
      const report = after({ created, unanswered: [A] });
      expect(outcome(report)).to.deep.equal([`${A} pending`, `${B} tracked`]);
      expect(report.containers[0]?.explanation).to.deep.equal({
        kind: 'undecided',
        why: 'Garden gives no properties: Garden refused the connection',
      });
    });

    it(`is what its properties say if ${story}`, () => {
      expect(outcomeAfter({ created })).to.deep.equal([`${A} tracked`, `${B} tracked`]);
      const lost = outcomeAfter({ created, properties: { [A]: null } });
      expect(lost).to.deep.equal([`${A} untracked unowned`, `${B} tracked`]);
    });
  }

  it('leaves the cell unknown if Garden answers nothing but its list', () => {
    const report = after({ created: null, unanswered: [A, B] });
    const why = 'Garden refused the connection.';
    expect(report.unknownCause).to.deep.equal({ kind: 'no-properties', why });
  });
});

describe('reconcile: listed, but nothing lives', () => {
  it('stays pending in a short check', () => {
    const cell = memory(`${G}/garden:`, [A]);
    const last = reportAfter([cell, { ...cell, at: 20_000 }], 20_000).report;
    expect(outcome(last)).to.deep.equal([`${A} pending no-cgroup`]);
  });

  it('is a warning after a long one', () => {
    const cell = memory(`${G}/garden:`, [A]);
    const { report } = reportAfter([cell, { ...cell, at: 30_000 }], 30_000);
    expect(outcome(report)).to.deep.equal([`${A} untracked no-cgroup`]);
    expect(report.containers[0]?.severity).to.equal('warning');
  });

  it('stays critical in a pass that could not tell, and keeps who it was that ran outside', () => {
    const processes = [{ pid: 4711 }];
    const cell = memory(`${G}/garden:`, [A], { rootMounts: { [A]: [4711] }, processes });
    const undecided = memory(`${G}/garden/${A}: EACCES`, [A], { at: 31_000 });
    const { report } = reportAfter([cell, { ...cell, at: 30_000 }, undecided], 30_000);
    expect(report.unknownCause).to.equal(null);
    expect(report.containers[0]?.explanation.kind).to.equal('undecided');
    expect(report.containers[0]).to.include({ reason: 'no-cgroup', severity: 'critical' });
    expect(report.containers[0]?.processes.map(({ pid }) => pid)).to.deep.equal([4711]);
  });

  it('stays critical where it was not searched for, of very many', () => {
    const cell = memory(`${G}/garden:`, [A], { rootMounts: { [A]: [4711] } });
    const rest = { ...cell, at: 31_000, unsearched: [A] };
    const { report } = reportAfter([cell, { ...cell, at: 30_000 }, rest], 30_000);
    expect(report.containers[0]).to.include({ reason: 'no-cgroup', severity: 'critical' });
    const { report: never } = reportAfter([{ ...cell, unsearched: [A] }, rest], 30_000);
    expect(never.containers[0]).to.include({ reason: 'no-cgroup', severity: 'warning' });
  });

  it('keeps the evidence of a process outside that came after the first pass', () => {
    const before = memory(`${G}/garden:`, [A]);
    const after = { ...before, rootMounts: { [A]: [4711] }, processes: [{ pid: 4711 }], at: 1000 };
    const remembered = reportAfter([before, after], 30_000).memory.containers.get(asHandle(A));
    expect(remembered?.evidence?.processes.map(({ pid }) => pid)).to.deep.equal([4711]);
  });

  it('is no difference while Garden has not called it created', () => {
    const cell = memory(`${G}/garden:`, [A], { created: [] });
    const { report } = reportAfter([cell, { ...cell, at: 60_000 }], 30_000);
    expect(outcome(report)).to.deep.equal([`${A} pending`]);
  });

  it('is partial, not gone, while another hierarchy shows it alive', () => {
    const cell: CellText = {
      trees: { memory: `${G}: 100\n${G}/garden:`, cpu: `${G}/garden/${A}: 200` },
      listed: [A],
      gdn: [{ cgroups: { memory: G, cpu: G } }],
    };
    const { report } = reportAfter([cell, { ...cell, at: 10 }]);
    expect(outcome(report)).to.deep.equal([`${A} untracked partial`]);
    expect(report.containers[0]?.explanation).to.deep.equal({
      kind: 'partial',
      missing: ['memory'],
    });
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

describe('reconcile: partial', () => {
  const moved = (cpuTree: string, controller = 'cpu'): CellText => ({
    trees: { memory: `${G}: 100\n${G}/garden/${A}: 200`, [controller]: cpuTree },
    listed: [A],
    gdn: [{ cgroups: { memory: G, [controller]: G } }],
    memberships: { 200: { memory: `${G}/garden/${A}`, [controller]: '/' } },
  });

  it('is never reported from one pass', () => {
    const cell = moved(`${G}/garden:`);
    expect(outcomeOf(cell)).to.deep.equal([`${A} pending partial`]);
    expect(outcome(reportAfter([cell, { ...cell, at: 1 }]).report)).to.deep.equal([
      `${A} untracked partial`,
    ]);
  });

  it('is not reported for a controller in which gdn keeps no directory', () => {
    const cell = moved(`${G}:`);
    expect(outcome(reportAfter([cell, cell]).report)).to.deep.equal([`${A} tracked`]);
  });

  it('is not reported while another process of the container is there', () => {
    const cell = moved(`${G}/garden/${A}: 201`);
    expect(outcome(reportAfter([cell, cell]).report)).to.deep.equal([`${A} tracked`]);
  });

  it('is not reported for a named hierarchy', () => {
    const cell = moved(`${G}/garden:`, 'name=systemd');
    expect(outcome(reportAfter([cell, cell]).report)).to.deep.equal([`${A} tracked`]);
  });

  it('is reported for a controller in which this incarnation was seen before', () => {
    const before = moved(`${G}/${A}: 200`);
    const inside = { 200: { memory: `${G}/garden/${A}`, cpu: `${G}/${A}` } };
    const after = moved(`${G}:`);
    const { report } = reportAfter([{ ...before, memberships: inside }, after, after]);
    expect(outcome(report)).to.deep.equal([`${A} untracked partial`]);
  });
});

describe('reconcile: a worse reason comes', () => {
  const partial: CellText = {
    trees: { memory: `${G}: 100\n${G}/garden/${A}: 200`, cpu: `${G}/garden:` },
    listed: [A],
    gdn: [{ cgroups: { memory: G, cpu: G } }],
    memberships: { 200: { memory: `${G}/garden/${A}`, cpu: '/' } },
  };
  const known = reportAfter([partial, { ...partial, at: 3000 }], 2000);
  const since = known.report.containers[0]?.since;
  const unowned: CellText = { ...partial, properties: { [A]: null } };
  const unlisted: CellText = { ...partial, listed: [] };
  const privileged: CellText = {
    ...partial,
    trees: { memory: `${G}: 100\n${G}/${A}: 200`, cpu: `${G}/garden:` },
    memberships: { 200: { memory: `${G}/${A}`, cpu: '/' } },
  };

  const afterWorse = (worse: CellText) => {
    const first = reportAfter([{ ...worse, at: 3100 }], 2000, known.memory);
    expect(outcome(first.report)).to.deep.equal([`${A} untracked partial`]);
    expect(first.report.containers[0]).to.deep.include({
      since,
      severity: 'warning',
      explanation: { kind: 'partial', missing: ['cpu'] },
    });
    return first;
  };

  it('keeps a partial that holds still until it has been without an owner for long enough', () => {
    const first = afterWorse(unowned);
    const later = reportAfter([{ ...unowned, at: 5000 }], 2000, first.memory);
    expect(outcome(later.report)).to.deep.equal([`${A} untracked partial`]);
    const last = reportAfter([{ ...unowned, at: 5100 }], 2000, later.memory);
    expect(outcome(last.report)).to.deep.equal([`${A} untracked unowned`]);
    expect(last.report.containers[0]).to.include({
      since: first.report.takenAt,
      severity: 'critical',
    });
  });

  it('keeps a partial until a second pass sees that Garden does not list it any more', () => {
    const first = afterWorse(unlisted);
    const last = reportAfter([{ ...unlisted, at: 3600 }], 2000, first.memory);
    expect(outcome(last.report)).to.deep.equal([`${A} untracked unknown-to-garden`]);
    expect(last.report.containers[0]).to.include({ since, severity: 'critical' });
  });

  it('has the processes of the worse reason as evidence, not those of days ago', () => {
    const of = (pid: number, at: number, listed: readonly string[]): CellText => ({
      ...partial,
      at,
      listed,
      trees: { memory: `${G}: 100\n${G}/garden/${A}: ${pid}`, cpu: `${G}/garden:` },
      memberships: { [pid]: { memory: `${G}/garden/${A}`, cpu: '/' } },
      processes: [{ pid }],
    });
    const steps = [of(500, 0, [A]), of(500, 3000, [A]), of(901, 4000, []), of(901, 6000, [])];
    const last = reportAfter(steps, 2000);
    expect(outcome(last.report)).to.deep.equal([`${A} untracked unknown-to-garden`]);
    const { evidence } = last.memory.containers.get(asHandle(A)) ?? { evidence: null };
    expect(evidence?.processes.map(({ pid }) => pid)).to.deep.equal([901]);
  });

  it('keeps the partial of a privileged one, which nothing calls by its name any more', () => {
    const before = reportAfter([privileged, { ...privileged, at: 3000 }], 2000);
    const step: CellText = { ...privileged, listed: [], at: 3100 };
    expect(outcome(reportAfter([step], 2000, before.memory).report)).to.deep.equal([
      `${A} untracked partial`,
    ]);
    const trees = { ...privileged.trees, cpu: `${G}/garden:\n${G}/${A}: 201` };
    expect(outcome(reportAfter([{ ...step, trees }], 2000, before.memory).report)).to.deep.equal([
      `${A} pending unknown-to-garden`,
    ]);
  });

  it('gives a worse reason its own time where the finding before it holds no more', () => {
    const trees = { ...partial.trees, cpu: `${G}/garden/${A}: 201` };
    const steps: CellText[] = [
      { ...unowned, at: 3100 },
      { ...unowned, trees, at: 4000 },
    ];
    const { report, memory: next } = reportAfter(steps, 2000, known.memory);
    expect(outcome(report)).to.deep.equal([`${A} pending unowned`]);
    const last = reportAfter([{ ...unowned, trees, at: 5100 }], 2000, next);
    expect(outcome(last.report)).to.deep.equal([`${A} untracked unowned`]);
  });

  it('is a partial as before when the worse goes away again', () => {
    const steps = [
      { ...unowned, at: 3100 },
      { ...partial, at: 4000 },
      { ...unowned, at: 5200 },
    ];
    const { report, memory: next } = reportAfter(steps, 2000, known.memory);
    expect(outcome(report)).to.deep.equal([`${A} untracked partial`]);
    expect(report.containers[0]?.since).to.equal(since);
    expect(next.containers.get(asHandle(A))?.escalation).to.include({
      reason: 'unowned',
      lasted: 0,
    });
  });

  it('does not treat missing properties as the end of the worse reason', () => {
    // The clock pauses meanwhile, and goes on.
    const steps = [
      { ...unowned, at: 3100 },
      { ...unowned, at: 4100 },
      { ...unowned, unanswered: [A], at: 5000 },
      { ...unowned, at: 6000 },
    ];
    expect(outcome(reportAfter(steps, 2000, known.memory).report)).to.deep.equal([
      `${A} untracked unowned`,
    ]);
  });
});

describe('reconcile: could not tell', () => {
  const healthy = memory(`${G}/garden/${A}: 200`, [A]);
  const lost = memory(`${G}/garden/${A}: 200\n${G}/garden/${B}: 300`, [A]);

  it('never turns a list that cannot be read into findings', () => {
    const { report } = reportAfter([memory(`${G}/garden/${A}: 200`, null)]);
    expect(report.verdict).to.equal('unknown');
    expect(report.containers).to.deep.equal([]);
    expect(report.seen).to.equal(1);
    expect(report.garden).to.include({ state: 'unavailable' });
  });

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

  it('finds what lasts in every second pass, while Garden fails in the others', () => {
    // Once nothing counted unless two passes in a row compared: no alarm for a day.
    const times = [0, 5000, 10_000, 15_000, 20_000, 25_000, 30_000];
    const cells = times.map((at) => ({ ...lost, listed: at % 10_000 === 0 ? [A] : null, at }));
    const found = passesOver(cells, inAgentPeriods).map(({ report }) => outcome(report)[0]);
    expect(found[4]).to.equal(`${B} pending unknown-to-garden`);
    expect(found[6]).to.equal(`${B} untracked unknown-to-garden`);
  });

  it('counts at most two intervals for a gap, however long it was', () => {
    const cells = [0, 600_000, 1_200_000, 1_800_000].map((at) => ({ ...lost, at }));
    const statuses = passesOver(cells, inAgentPeriods).map(({ report }) => firstOf(report).status);
    expect(statuses).to.deep.equal(['pending', 'pending', 'pending', 'untracked']);
  });

  it('says unknown when a directory that could hold containers cannot be read', () => {
    const { report } = reportAfter([{ ...healthy, unreadable: [`${G}/garden`] }]);
    expect(report.verdict).to.equal('unknown');
    expect(report.unknownCause).to.deep.include({ kind: 'unreadable', errno: 'EACCES' });
  });

  it('leaves only a listed container that hides itself undecided and compares the others', () => {
    // One container that made its cgroup unreadable once made the whole cell unknown.
    const cell = memory(`${G}/garden/${A}: EACCES\n${G}/garden/${B}: 300`, [A]);
    const { report } = reportAfter([cell]);
    expect(report.verdict).to.equal('untracked');
    expect(outcome(report)).to.deep.equal([`${B} untracked unknown-to-garden`, `${A} pending`]);
    expect(reportJson(report)).to.deep.include({
      why:
        '1 of 2 containers is untracked: 1 unknown-to-garden. It holds 1 process that Diego does not account for. 1 could not be decided: it hides ' +
        'itself: a part of its cgroup cannot be read, or exceeds what one pass reads.',
    });
    expect(reportJson(report).summary).to.include({ pending: 1, undecided: 1 });
  });

  it('says unknown, not that all is lost, if no process of the cell is visible', () => {
    const { report } = reportAfter([{ ...memory(`${G}/garden/${A}:`, [A]), gdn: [] }]);
    expect(report.unknownCause).to.deep.equal({ kind: 'processes-hidden', by: null });
  });

  it('says unknown if gdn is not in the cgroup that its /proc entry names', () => {
    const { report } = reportAfter([
      { ...memory(`${G}/garden/${A}: 200`, [A]), gdn: [{ pid: 555, cgroups: { memory: G } }] },
    ]);
    expect(report.unknownCause).to.deep.equal({ kind: 'processes-hidden', by: null });
  });

  it('says unknown if nothing shows whose the garden directories are', () => {
    const cell: CellText = {
      trees: { memory: `/a/garden/${B}: 300\n/b/garden/x: 301\n/c/${A}: 200` },
      listed: [A],
      gdn: [],
    };
    expect(reportAfter([cell]).report.unknownCause).to.deep.equal({
      kind: 'no-anchor',
      gdns: 'none',
    });
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

  it('leaves only a container undecided whose owner Garden does not return, and says so', () => {
    const two = memory(`${G}/garden/${A}: 200\n${G}/garden/${B}: 300`, [A, B]);
    const { report } = reportAfter([{ ...two, unanswered: [A] }]);
    expect(report.verdict).to.equal('all-tracked');
    expect(outcome(report)).to.deep.equal([`${A} pending`, `${B} tracked`]);
    expect(reportJson(report).why).to.equal(
      '1 of 2 containers is tracked. 1 could not be decided: ' +
        'Garden gives no properties: Garden refused the connection.',
    );
  });

  it('is unknown where Garden answers its list and no question about any container', () => {
    const { report } = reportAfter([{ ...healthy, unanswered: [A] }]);
    expect(report.unknownCause).to.deep.equal({
      kind: 'no-properties',
      why: 'Garden refused the connection.',
    });
  });

  describe('what one container hides affects only that container', () => {
    it('counts one that no list names as live, past the grace, where it stands in a Garden directory', () => {
      const cell = memory(`${G}/garden/${A}: 200\n${G}/garden/${B}: EACCES`, [A]);
      const { report } = reportAfter([cell, { ...cell, at: 2000 }], 2000);
      expect(outcome(report)).to.deep.equal([`${B} untracked unknown-to-garden`, `${A} tracked`]);
      expect(reportJson(report).containers[0]?.sentence).to.contain('hides what runs in it');
    });

    it('does so where Garden listed it before and it stands elsewhere', () => {
      const privileged = memory(`${G}/garden/${A}: 200\n${G}/${B}: 300`, [A, B]);
      const hides = memory(`${G}/garden/${A}: 200\n${G}/${B}: EACCES`, [A], { at: 1000 });
      const { report } = reportAfter([privileged, hides, { ...hides, at: 3000 }], 2000);
      expect(outcome(report)).to.deep.equal([`${B} untracked unknown-to-garden`, `${A} tracked`]);
    });

    it('does so where it nests so deep that no path leads to its processes', () => {
      const privileged = memory(`${G}/garden/${A}: 200\n${G}/${B}: 300`, [A, B]);
      const deep = `${G}/${B}/a/b`;
      const nested = memory(`${G}/garden/${A}: 200\n${G}/${B}: 300\n${deep}:`, [A], { at: 1000 });
      const later = { ...nested, at: 4000 };
      const nests = memory(`${G}/garden/${A}: 200\n${deep}:`, [A], { at: 6000 });
      const hides = { ...nests, unreadable: [`${deep}/c`] };
      const { report } = reportAfter([privileged, nested, later, hides], 2000);
      expect(outcome(report)).to.deep.equal([`${B} untracked unknown-to-garden`, `${A} tracked`]);
    });

    it('does not take an unknown cgroup that hides for a container', () => {
      const cell = memory(`${G}/garden/${A}: 200\n/delegating/x: EACCES\n${G}/y: EACCES`, [A]);
      const { report } = reportAfter([cell]);
      expect(report.verdict).to.equal('all-tracked');
      expect(outcome(report)).to.deep.equal([`${A} tracked`]);
    });

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
    const unlisted = { ...lost, listed: [A] };
    const relisted = { ...lost, listed: [A, B], unanswered: [B], at: 3000 };
    const empty = memory(`${G}/garden/${A}: 200\n${G}/garden:`, [A, B], {
      properties: { [B]: null },
    });

    it('a listed container is not unknown to Garden, whatever its properties', () => {
      const steps = [unlisted, { ...unlisted, at: 2000 }, relisted];
      expect(outcome(reportAfter(steps, 2000).report)).to.include(`${B} pending`);
    });

    it('a live container is not no-cgroup', () => {
      const steps = [empty, { ...empty, at: 30_000 }, { ...relisted, at: 31_000 }];
      expect(outcome(reportAfter(steps, 30_000).report)).to.include(`${B} pending`);
    });

    it('a dead container did not lose its owner', () => {
      const unowned = { ...lost, listed: [A, B], properties: { [B]: null } };
      const dead = { ...empty, unanswered: [B], at: 3000 };
      const { report, memory: kept } = reportAfter([unowned, { ...unowned, at: 2000 }, dead], 2000);
      expect(outcome(report)).to.include(`${B} pending`);
      // It is no recovery either.
      expect(kept.containers.get(asHandle(B))?.openReport).to.include({ reason: 'unowned' });
    });

    it('a live container may still have lost its owner', () => {
      const unowned = { ...lost, listed: [A, B], properties: { [B]: null } };
      const steps = [unowned, { ...unowned, at: 2000 }, { ...unowned, unanswered: [B], at: 3000 }];
      expect(outcome(reportAfter(steps, 2000).report)).to.include(`${B} untracked unowned`);
    });
  });

  it('forgets everything after a reboot', () => {
    const known = reportAfter([lost], 2000);
    const { report } = reportAfter([{ ...lost, bootId: 'boot-2', at: 3000 }], 2000, known.memory);
    expect(outcome(report)[0]).to.equal(`${B} pending unknown-to-garden`);
  });

  it('decides about each container as if it were the only one', () => {
    const earlier = reportAfter([lost], 2000).memory;
    const pass = passOf({ ...lost, at: 3000 }, earlier);
    expect(pass.containers).to.have.length.above(1);
    const gracePeriods = gracePeriodsOfCheck(2000);
    const outcomes = pass.containers.map((container) =>
      compareContainer(container, { ...pass, containers: [container] }, gracePeriods),
    );
    const completed = complete(pass, gracePeriods);
    expect(outcomes.map((one) => one.report)).to.have.deep.members(completed.report.containers);
    expect(outcomes.map(({ remembered }) => remembered)).to.deep.equal([
      ...completed.memory.containers.values(),
    ]);
  });
});
