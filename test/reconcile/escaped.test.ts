import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { resolveHierarchies } from '../../src/mounts/resolve.ts';
import { planSweep } from '../../src/reconcile/judge/escaped.ts';
import { gracePeriodsOfAgent } from '../../src/reconcile/lasting.ts';
import {
  A,
  B,
  G,
  firstOf,
  passesOver,
  reportAfter,
  snapshotOf,
  type CellText,
  type SuspectText,
} from './cell-builder.ts';
import { expectRows, passAfter } from './cell-rows.ts';

const STORE = '/var/vcap/data/grootfs/store/unprivileged';
const CRON = '/system.slice/cron.service';
const DADOO = { pid: 150, comm: 'dadoo', namespacePids: [150], parentPid: 100 };
const SHELL = { pid: 900, comm: 'nsenter', command: 'nsenter -a -t 200', namespacePids: [900] };

const suspect = (pid: number, more: Partial<SuspectText> = {}): SuspectText => ({
  pid,
  parentPid: 150,
  cgroups: { memory: CRON },
  image: `${STORE}/images/${A}`,
  ...more,
});

const cell = (at: number, more: Partial<CellText> = {}): CellText => ({
  trees: { memory: `${G}: 100\n${G}/garden/${A}: 200\n${CRON}: 50 201` },
  listed: [A],
  suspects: [suspect(201)],
  roots: { [`${G}/garden/${A}/init`]: `${STORE}/images/${A}` },
  ancestors: { 201: [DADOO] },
  at,
  ...more,
});

const planOf = (snapshot: Snapshot, memory: Memory, isWhole: boolean) =>
  planSweep(
    snapshot,
    resolveHierarchies(snapshot.mounts, snapshot.gardenProcesses, memory.anchor),
    memory,
    isWhole,
  );

const after = (...cells: readonly CellText[]) => reportAfter(cells, 1000).report;

describe('escaped: a process that left the cgroups of its container', () => {
  const tree = 'garden/A: 200, /: 50 201';
  const seen = 'suspects 201; roots garden/A/init=A';
  const escapes = `${tree}; ${seen}; from 201=dadoo:150`;
  const inBpm = '/bpm-garden: 100, /bpm-garden/garden/A: 200; gdn 100/9@/bpm-garden';
  const unasked = 'same; lists A B; created B; refused A';
  const because = 'because Garden gives no properties: Garden refused the connection';
  const lifeless = 'B pending no-cgroup warning (0)';
  const by = (pid: number): string => `same; suspects ${pid}; from ${pid}=dadoo:150`;
  expectRows(
    `
is pending at first | ${escapes} | A pending escaped critical (1)
is a critical finding if it lasts | ${escapes} > same | A untracked escaped critical (1)
is not a finding while one short-lived process follows another | ${escapes} > ${by(202)} > ${by(203)} > ${by(204)} | A pending escaped critical (1)
is a finding once one of them lasts | ${escapes} > ${by(202)} > ${by(203)} > same | A untracked escaped critical (1)
is another process when the pid is used again | ${escapes} > same; suspects 201#5000 | A pending escaped critical (1)
counts the time of the process that was seen longest | ${tree}; roots garden/A/init=A; suspects 301 201 > same; suspects 302 201 | A untracked escaped critical (1)
ends with the process | ${escapes} > same > same; suspects - | A tracked (1)
stays while nothing shows whether it has an owner, too | ${escapes} > same > ${unasked} | A untracked escaped critical (1) ${because}, ${lifeless}
ends with the process then, too | ${escapes} > same > ${unasked}; suspects - | ${lifeless}, A pending (1) ${because}
`,
    1000,
  );

  describe('entered by hand', () => {
    const lasting = (chain: string): string => `${tree}; ${seen}; from 201=${chain} > same`;
    const shell = 'nsenter:900';
    expectRows(
      `
is a warning | ${lasting(shell)} | A untracked escaped warning (1)
holds for what the entered shell starts, too | ${lasting(`sh:950/40+${shell}`)} | A untracked escaped warning (1)
is not what dadoo starts | ${lasting('dadoo:150')} | A untracked escaped critical (1)
is not what containerd-shim starts | ${lasting('containerd-shim:150')} | A untracked escaped critical (1)
is not what runc starts | ${lasting('runc:150')} | A untracked escaped critical (1)
is not what a child of runc starts | ${lasting('runc:[1:CHILD]:150')} | A untracked escaped critical (1)
is not what gdn starts | ${lasting('gdn:150')} | A untracked escaped critical (1)
is not an orphan, whose parent is pid 1 of the host | ${lasting('')} | A untracked escaped critical (1)
is not an orphan, whose parent is pid 1 of the container | ${lasting('garden-init:200/1')} | A untracked escaped critical (1)
is critical where another process left by itself | ${tree}; suspects 201 202; roots garden/A/init=A; from 201=${shell} 202=dadoo:150 > same | A untracked escaped critical (1)
`,
      1000,
    );

    it('names the command', () => {
      const { explanation } = firstOf(
        after(...[0, 1000].map((at) => cell(at, { ancestors: { 201: [SHELL] } }))),
      );
      const processes = [
        { pid: 201, cgroup: CRON, kept: [], byGlance: false, enteredBy: 'nsenter -a -t 200' },
      ];
      expect(explanation).to.deep.equal({ kind: 'escaped', processes });
    });

    const entered = `${tree}; ${seen}; from 201=${shell}`;
    const beside = (pid: number): string =>
      `${tree}; suspects ${pid} 201; from 201=${shell} ${pid}=dadoo:150`;
    const alone = `${tree}; suspects 303; from 303=dadoo:150`;
    const starting = `${entered} > ${beside(301)} > ${beside(302)}`;
    expectRows(
      `
stays a warning while Garden starts a process in the container | ${starting} | A untracked escaped warning (1)
stays one when the shell has just ended | ${starting} > ${alone} | A untracked escaped warning (1)
is critical once what Garden started stays | ${starting} > ${alone} > same | A untracked escaped critical (1)
`,
      1000,
    );

    it('shows no process that Garden may have started', () => {
      const { processes } = firstOf(passAfter(starting, 1000).report);
      expect(processes.map(({ pid }) => pid)).to.deep.equal([201]);
    });
  });

  describe('whose it is', () => {
    const lasting = (text: string): string => `${text}; from 201=dadoo:150 > same`;
    const destroyed = 'garden/B: 300, /: 50 201; lists B; suspects 201';
    const second =
      'suspects 201=/second/images/A; roots garden/A=A /second.service/garden/A=/second/images/A';
    const pea = 'suspects 201=A-envoy';
    const own = 'garden/A=A';
    const posing = 'garden/A/init=/posing/images/A';
    expectRows(
      `
is a container that Garden destroyed, by the store of those that it lists | ${lasting(`${destroyed}; roots garden/B=B`)} | A untracked escaped critical (0), B tracked (1)
is not one of another store | ${lasting(`${destroyed}; roots garden/B=/another/store/images/B`)} | B tracked (1)
is not one of an unknown store | ${lasting(destroyed)} | B tracked (1)
is one that memory saw listed | ${tree} > ${lasting(destroyed)} | A untracked escaped critical (0), B tracked (1)
is not ours if a second Garden has the same handle in its own store | ${lasting(`${tree}; ${second}`)} | A tracked (1)
is ours, too, if another process in the cgroup of the container has another root | ${lasting(`${tree}; suspects 201; roots ${own} ${posing}`)} | A untracked escaped critical (1)
is ours whichever of the two was read first | ${lasting(`${tree}; suspects 201; roots ${posing} ${own}`)} | A untracked escaped critical (1)
is a listed one whose processes were not yet seen in its cgroup | ${lasting(`${tree}; suspects 201`)} | A untracked escaped critical (1)
is the container of a pea with an image of its own | ${lasting(`${tree}; ${pea}; roots garden/A/init=A`)} | A untracked escaped critical (1)
is not, of a pea in the cgroup of its container | ${lasting(`${tree}; ${pea}@garden/A; roots garden/A/init=A`)} | A tracked (1)
`,
      1000,
    );
  });

  expectRows(
    `
is not a process in gdn's own pid namespace, such as tar on its way in | ${inBpm}; suspects 201/12 > same | A tracked (1), 1 systemd
is one in a pid namespace below that | ${inBpm}; suspects 201/12/3 > same | A untracked escaped critical (1), 1 systemd
`,
    1000,
  );

  describe('and was the last one in the cgroup of a listed container', () => {
    const NOT_SWEPT_YET = { suspects: [] };
    const withEmptyCgroup = (at: number, more: Partial<CellText> = {}): CellText =>
      cell(at, {
        trees: { memory: `${G}: 100\n${G}/garden/${A}:\n${CRON}: 50 201` },
        rootMounts: { [A]: [201] },
        processes: [{ pid: 201, startTicks: 201, namespacePids: [201, 7] }],
        ...more,
      });

    it('is a critical finding, which counts no process in the cgroup', () => {
      const found = firstOf(after(withEmptyCgroup(0), withEmptyCgroup(1000)));
      expect(found).to.include({ status: 'untracked', reason: 'escaped', severity: 'critical' });
      expect(found.pids).to.equal(0);
    });

    it('is the only reason that is ever reported', () => {
      const inOrder = cell(0, NOT_SWEPT_YET);
      const laterPasses = Array.from({ length: 20 }, (_, second) =>
        withEmptyCgroup((second + 1) * 1000),
      );
      const gracePeriods = gracePeriodsOfAgent(3000, 1000);
      const reported = passesOver([inOrder, ...laterPasses], gracePeriods).flatMap(({ report }) => {
        const { status, reason } = firstOf(report);
        return status === 'untracked' ? [reason] : [];
      });
      // The first three of the 20 passes are within the grace period.
      expect(reported).to.deep.equal(Array.from({ length: 17 }, () => 'escaped'));
    });

    it('is read by the sweep of the next pass, once the root filesystem shows it', () => {
      const { memory, report } = reportAfter([withEmptyCgroup(0, NOT_SWEPT_YET)], 30_000);
      expect(firstOf(report)).to.include({ status: 'pending', reason: 'no-cgroup' });
      const plan = planOf(snapshotOf(withEmptyCgroup(1000)), memory, false);
      expect(plan?.suspects).to.deep.equal([{ pid: 201, startTicks: 201 }]);
    });
  });

  describe('beside other reasons', () => {
    const partial = `${tree}; in pids garden:, /: 200; cgroups 200 memory=garden/A pids=/; roots garden/A/init=A`;
    const escaped = 'same; suspects 201; from 201=dadoo:150';
    expectRows(
      `
comes after partial until it has lasted | ${partial} > same > ${escaped} | A untracked partial warning (1) at / without pids
comes before partial | ${partial} > same > ${escaped} > same | A untracked escaped critical (1) at /
is partial again with another process | ${partial} > same > ${escaped} > ${by(202)} | A untracked partial warning (1) at / without pids
comes before unowned until that has lasted | ${escapes} > same > same; unowned A | A untracked escaped critical (1)
comes after unowned | ${escapes} > same > same; unowned A > same | A untracked unowned critical (1) rep none
`,
      1000,
    );
  });

  it('is shown in its cgroup of the primary hierarchy', () => {
    const elsewhere = suspect(201, { cgroups: { cpu: '/x', memory: CRON } });
    expect(firstOf(after(cell(0, { suspects: [elsewhere] }))).explanation).to.deep.equal({
      kind: 'escaped',
      processes: [{ pid: 201, cgroup: CRON, kept: [], byGlance: false, enteredBy: null }],
    });
  });

  it('is kept while nothing can be compared', () => {
    const { memory } = reportAfter([cell(0), cell(500)], 1000);
    const { memory: still } = reportAfter([cell(700, { listed: null })], 1000, memory);
    expect(still.containers).to.deep.equal(memory.containers);
    expect(memory.containers.get(asHandle(A))?.escaped).to.deep.equal([
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

describe('a process that left its container on some hierarchies', () => {
  const OWN = `${G}/garden/${A}`;
  const HIERARCHIES = ['memory', 'pids', 'cpu', 'v2'] as const;
  /** In the cgroup of A in these hierarchies, and in that of cron in the others. */
  const cgroupsIn = (...inside: readonly string[]): Record<string, string> =>
    Object.fromEntries(HIERARCHIES.map((name) => [name, inside.includes(name) ? OWN : CRON]));
  /** Process 201 of A is in these hierarchies in its cgroup; process 200 is in all of them. */
  const cellWith = (inside: readonly string[], more: Partial<CellText> = {}): CellText => ({
    trees: {
      memory: `${G}: 100\n${OWN}: 200${inside.includes('memory') ? ' 201' : ''}\n${CRON}: 50`,
      pids: `${OWN}: 200`,
      cpu: `${OWN}: 200`,
      v2: `${OWN}: 200 201`,
    },
    gdn: [{ cgroups: { memory: G, pids: G, cpu: G, v2: G } }],
    listed: [A],
    memberships: { 200: cgroupsIn(...HIERARCHIES) },
    suspects: [suspect(201, { cgroups: cgroupsIn(...inside) })],
    roots: { [OWN]: `${STORE}/images/${A}` },
    ancestors: { 201: [] },
    processes: [{ pid: 201, startTicks: 201 }],
    ...more,
  });
  const lasting = (one: CellText) => firstOf(after({ ...one, at: 0 }, { ...one, at: 1000 }));

  it('escaped, if only hierarchies without a controller still show it there', () => {
    const found = lasting(cellWith(['v2']));
    expect(found).to.include({ status: 'untracked', reason: 'escaped', severity: 'critical' });
    expect(found.explanation).to.deep.equal({
      kind: 'escaped',
      processes: [{ pid: 201, cgroup: CRON, kept: ['v2'], byGlance: false, enteredBy: null }],
    });
  });

  it('makes the container partial, with the hierarchies that it has left', () => {
    const found = lasting(cellWith(['memory', 'v2']));
    expect(found).to.include({ status: 'untracked', reason: 'partial', severity: 'warning' });
    expect(found.explanation).to.deep.equal({
      kind: 'partial',
      missing: ['cpu', 'pids'],
      pids: [201],
    });
    expect(found.processes.map(({ pid }) => pid)).to.deep.equal([201]);
  });

  it('is seen, too, if it has left the primary hierarchy alone', () => {
    const { reason, explanation } = lasting(cellWith(['pids', 'cpu', 'v2']));
    expect(reason).to.equal('partial');
    expect(explanation).to.deep.include({ missing: ['memory'], pids: [201] });
  });

  it('has not left the hierarchies in which its container has no cgroup', () => {
    const onMemoryAndV2Only = {
      trees: { memory: `${G}: 100\n${OWN}: 200 201`, pids: CRON, cpu: CRON, v2: OWN },
      gdn: [{ cgroups: { memory: G } }],
      memberships: { 200: cgroupsIn('memory', 'v2') },
    };
    expect(lasting(cellWith(['memory', 'v2'], onMemoryAndV2Only))).to.include({
      status: 'tracked',
    });
  });

  it('has not left a hierarchy in which it is in the cgroup of a throttled container, or of a pea', () => {
    for (const path of [`${G}/garden/bad/${A}`, `${G}/garden/${A}-envoy`, `${OWN}/${A}-envoy`]) {
      const cgroups = { ...cgroupsIn(...HIERARCHIES), cpu: path };
      expect(lasting(cellWith(HIERARCHIES, { suspects: [suspect(201, { cgroups })] }))).to.include(
        { status: 'tracked' },
        path,
      );
    }
  });

  it('may be on its way in, and is not a finding, while Garden has just started it', () => {
    const starting = (at: number, pid: number): CellText => ({
      ...cellWith(['memory', 'v2'], {
        suspects: [suspect(pid, { cgroups: cgroupsIn('memory', 'v2') })],
        ancestors: { [pid]: [DADOO] },
      }),
      at,
    });
    const passes = [starting(0, 201), starting(400, 202), starting(800, 203), starting(1200, 204)];
    expect(firstOf(after(...passes))).to.include({ status: 'pending', reason: 'partial' });
    const { status, reason } = firstOf(after(...[0, 1000, 2000].map((at) => starting(at, 201))));
    expect([status, reason]).to.deep.equal(['untracked', 'partial']);
  });

  it('is not named if all processes of its container are missing in that hierarchy', () => {
    const missing = {
      trees: {
        memory: `${G}: 100\n${OWN}: 200 201`,
        pids: `${G}/garden:\n${CRON}: 200 201`,
        cpu: `${OWN}: 200 201`,
        v2: `${OWN}: 200 201`,
      },
      memberships: { 200: cgroupsIn('memory', 'cpu', 'v2') },
    };
    const { explanation } = lasting(cellWith(['memory', 'cpu', 'v2'], missing));
    expect(explanation).to.deep.include({ kind: 'partial', pids: null });
  });
});

describe('escaped: a process that is at home in each pass, and outside when a glance sees it', () => {
  const glanced = suspect(201, { byGlance: true });
  const seen = (at: number, more: Partial<CellText> = {}): CellText =>
    cell(at, {
      trees: { memory: `${G}: 100\n${G}/garden/${A}: 200 201` },
      suspects: [glanced],
      ...more,
    });

  it('is a finding once glances before each pass saw it for a grace period', () => {
    expect(firstOf(after(seen(0), seen(600)))).to.include({ status: 'pending', reason: 'escaped' });
    expect(firstOf(after(seen(0), seen(600), seen(1200)))).to.include({
      status: 'untracked',
      reason: 'escaped',
      severity: 'critical',
    });
  });

  it('was in its container, so Garden is not starting it', () => {
    const ofHelper = { ancestors: { 201: [DADOO] } };
    const passes = [0, 600, 1200].map((at) => seen(at, ofHelper));
    expect(firstOf(after(...passes))).to.include({ status: 'untracked', severity: 'critical' });
  });

  it('is not told of a container that has ended since', () => {
    const ended = { trees: { memory: `${G}: 100\n${G}/garden:` }, listed: [], at: 600 };
    expect(after(seen(0), seen(600, ended)).containers).to.deep.equal([]);
  });

  it('adds and takes no time in a pass that a change announced', () => {
    const announced = seen(900, { isAnnounced: true });
    expect(firstOf(after(seen(0), announced))).to.include({ status: 'pending' });
  });
});

describe('the plan of a sweep', () => {
  it('knows the handles of the list and of memory, and reads the suspects again', () => {
    const { memory } = reportAfter([cell(0, { listed: [A, B] })], 1000);
    const plan = planOf(snapshotOf(cell(0)), memory, false);
    expect([...(plan?.homes.handles ?? [])].toSorted()).to.deep.equal([A, B]);
    expect(plan?.suspects.map(({ pid, startTicks }) => [pid, startTicks])).to.deep.equal([
      [201, 201],
    ]);
    expect(plan).to.include({ gardenNamespaces: 1, isWhole: false });
  });

  it('reads the processes of a lost container that moved, before its finding would be gone', () => {
    const lost = (path: string): CellText => ({
      trees: { memory: `${G}: 100\n${G}/garden/${B}: 300\n${path}: 200 201` },
      listed: [B],
      processes: [200, 201, 300].map((pid) => ({ pid, startTicks: pid })),
    });
    const { memory } = reportAfter([lost(`${G}/garden/${A}/init`)], 1000);
    const suspectsIn = (path: string) => planOf(snapshotOf(lost(path)), memory, false)?.suspects;
    expect(suspectsIn(`${G}/garden/${A}/init`)).to.deep.equal([]);
    expect(suspectsIn(CRON)).to.deep.equal([
      { pid: 200, startTicks: 200 },
      { pid: 201, startTicks: 201 },
    ]);
  });

  it('knows the pid namespace in which bpm runs gdn', () => {
    const gdn = [{ namespacePids: [100, 9], cgroups: { memory: '/bpm-garden' } }];
    const trees = { memory: '/bpm-garden: 100' };
    expect(planOf(snapshotOf(cell(0, { gdn, trees })), EMPTY_MEMORY, true)).to.include({
      gardenNamespaces: 2,
      isWhole: true,
    });
  });

  it("checks what is in a container of any gdn, until it is known which one is Garden's", () => {
    const gdn = [
      { cgroups: { memory: G } },
      { pid: 101, namespacePids: [101, 9], cgroups: { memory: '/bpm-garden' } },
    ];
    expect(planOf(snapshotOf(cell(0, { gdn })), EMPTY_MEMORY, true)).to.include({
      gardenNamespaces: 1,
    });
  });

  it('is none where there is nothing to compare with', () => {
    const snapshots = [
      snapshotOf(cell(0, { listed: null })),
      { ...snapshotOf(cell(0)), primaryScan: null },
    ];
    for (const one of snapshots) expect(planOf(one, EMPTY_MEMORY, false)).to.equal(null);
  });
});
