import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { planSweep } from '../../src/reconcile/judge/escaped.ts';
import { gracePeriodsOfAgent } from '../../src/reconcile/lasting.ts';
import {
  A,
  B,
  G,
  firstOf,
  outcome,
  passesOver,
  reportAfter,
  snapshotOf,
  type CellText,
  type SuspectText,
} from './cell-builder.ts';

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

const after = (...cells: readonly CellText[]) => reportAfter(cells, 1000).report;
const outcomes = (...cells: readonly CellText[]) => outcome(after(...cells));

describe('escaped: a process that left the cgroups of its container', () => {
  it('is pending at first, and a critical finding if it lasts', () => {
    expect(outcomes(cell(0))).to.deep.equal([`${A} pending escaped`]);
    expect(outcomes(cell(0), cell(900))).to.deep.equal([`${A} pending escaped`]);
    const [container] = after(cell(0), cell(1000)).containers;
    expect(container).to.include({ status: 'untracked', reason: 'escaped', severity: 'critical' });
    expect(container?.processes.map(({ pid }) => pid)).to.deep.equal([201]);
    const processes = [{ pid: 201, cgroup: CRON, enteredBy: null }];
    expect(container?.explanation).to.deep.equal({ kind: 'escaped', processes });
  });

  it('needs two passes, whatever the grace period', () => {
    expect(outcome(reportAfter([cell(0)], 0).report)).to.deep.equal([`${A} pending escaped`]);
  });

  it('is not a finding while one short-lived process follows another', () => {
    const cells = [201, 202, 203, 204, 205].map((pid, n) =>
      cell(n * 1000, { suspects: [suspect(pid)], ancestors: { [pid]: [DADOO] } }),
    );
    for (let n = 1; n <= cells.length; n++) {
      expect(outcomes(...cells.slice(0, n))).to.deep.equal([`${A} pending escaped`]);
    }
    const again = cell(5000, { suspects: [suspect(205)], ancestors: { 205: [DADOO] } });
    expect(outcomes(...cells, again)).to.deep.equal([`${A} untracked escaped`]);
  });

  it('is another process when the pid is used again', () => {
    const other = cell(1000, { suspects: [suspect(201, { startTicks: 5000 })] });
    expect(outcomes(cell(0), other)).to.deep.equal([`${A} pending escaped`]);
  });

  it('counts the time of the process that was seen longest', () => {
    const both = (at: number, pid: number): CellText =>
      cell(at, { suspects: [suspect(pid), suspect(201)] });
    expect(outcomes(both(0, 301), both(500, 302), both(1000, 303))).to.deep.equal([
      `${A} untracked escaped`,
    ]);
  });

  it('ends with the process', () => {
    const gone = cell(2000, { suspects: [] });
    expect(outcomes(cell(0), cell(1000), gone)).to.deep.equal([`${A} tracked`]);
  });

  it('stays while a question about the container is open, until the process is gone', () => {
    const { memory } = reportAfter([cell(0), cell(1000)], 1000);
    const unasked: Memory = {
      ...memory,
      containers: new Map(
        [...memory.containers].map(([handle, one]) => [handle, { ...one, identity: null }]),
      ),
    };
    const asked = (suspects: readonly SuspectText[]) =>
      reportAfter(
        [cell(2000, { listed: [A, 'other'], unanswered: [A], suspects })],
        1000,
        unasked,
      ).report.containers.find(({ handle }) => handle === A);
    expect(asked([suspect(201)])).to.include({ status: 'untracked', reason: 'escaped' });
    expect(asked([])).to.include({ status: 'pending', reason: null });
  });

  describe('entered by hand', () => {
    const entered = (at: number, more: Partial<CellText> = {}): CellText =>
      cell(at, { ancestors: { 201: [SHELL] }, ...more });

    it('is a warning with the command', () => {
      const [container] = after(entered(0), entered(1000)).containers;
      expect(container).to.include({ reason: 'escaped', severity: 'warning' });
      const processes = [{ pid: 201, cgroup: CRON, enteredBy: 'nsenter -a -t 200' }];
      expect(container?.explanation).to.deep.equal({ kind: 'escaped', processes });
    });

    it('holds for what the entered shell starts, too', () => {
      const child = { pid: 950, comm: 'sh', namespacePids: [950, 40] };
      const cells = [0, 1000].map((at) => entered(at, { ancestors: { 201: [child, SHELL] } }));
      expect(after(...cells).containers[0]).to.include({ severity: 'warning' });
    });

    for (const comm of ['dadoo', 'containerd-shim', 'runc', 'runc:[1:CHILD]', 'gdn']) {
      it(`is not what ${comm} starts`, () => {
        const cells = [0, 1000].map((at) =>
          entered(at, { ancestors: { 201: [{ ...DADOO, comm }] } }),
        );
        expect(after(...cells).containers[0]).to.include({ severity: 'critical' });
      });
    }

    it('is not an orphan, whose parent is pid 1', () => {
      const init = { pid: 200, comm: 'garden-init', namespacePids: [200, 1] };
      for (const chain of [[], [init]]) {
        const cells = [0, 1000].map((at) => entered(at, { ancestors: { 201: chain } }));
        expect(after(...cells).containers[0]).to.include({ severity: 'critical' });
      }
    });

    it('stays a warning while Garden starts a process in the container', () => {
      const beside = (at: number, pid: number): CellText =>
        entered(at, {
          suspects: [suspect(pid), suspect(201)],
          ancestors: { 201: [SHELL], [pid]: [DADOO] },
        });
      const alone = (at: number, pid: number): CellText =>
        entered(at, { suspects: [suspect(pid)], ancestors: { [pid]: [DADOO] } });
      const cells = [entered(0), beside(1000, 301), beside(1200, 302)];
      const [container] = after(...cells).containers;
      expect(container).to.include({ status: 'untracked', severity: 'warning' });
      expect(container?.processes.map(({ pid }) => pid)).to.deep.equal([201]);
      const [left] = after(...cells, alone(1400, 303)).containers;
      expect(left, 'the shell has just ended').to.include({ severity: 'warning' });
      const [stays] = after(...cells, ...[1400, 2400].map((at) => alone(at, 303))).containers;
      expect(stays).to.include({ status: 'untracked', severity: 'critical' });
    });

    it('is critical where another process left by itself', () => {
      const cells = [0, 1000].map((at) =>
        entered(at, {
          suspects: [suspect(201), suspect(202)],
          ancestors: { 201: [SHELL], 202: [DADOO] },
        }),
      );
      expect(after(...cells).containers[0]).to.include({ severity: 'critical' });
    });
  });

  describe('whose it is', () => {
    const tree = { memory: `${G}: 100\n${G}/garden/${B}: 300\n${CRON}: 50 201` };
    const destroyed = (at: number, more: Partial<CellText> = {}): CellText =>
      cell(at, {
        trees: tree,
        listed: [B],
        roots: { [`${G}/garden/${B}`]: `${STORE}/images/${B}` },
        ...more,
      });

    it('is a container that Garden destroyed, by the store of those that it lists', () => {
      expect(outcomes(destroyed(0), destroyed(1000))).to.deep.equal([
        `${A} untracked escaped`,
        `${B} tracked`,
      ]);
      const roots = { [`${G}/garden/${B}`]: `/another/store/images/${B}` };
      expect(outcomes(destroyed(0, { roots }), destroyed(1000, { roots }))).to.deep.equal([
        `${B} tracked`,
      ]);
      expect(outcomes(destroyed(0, { roots: {} }))).to.deep.equal([`${B} tracked`]);
    });

    it('is one that memory saw listed', () => {
      const before = cell(0, { suspects: [], roots: {} });
      const cells = [1000, 2000].map((at) => destroyed(at, { roots: {} }));
      expect(outcomes(before, ...cells)).to.deep.equal([`${A} untracked escaped`, `${B} tracked`]);
    });

    it('is not ours if a second Garden has the same handle in its own store', () => {
      const other = {
        suspects: [suspect(201, { image: `/second/images/${A}` })],
        roots: {
          [`${G}/garden/${A}`]: `${STORE}/images/${A}`,
          [`/second.service/garden/${A}`]: `/second/images/${A}`,
        },
      };
      expect(outcomes(cell(0, other), cell(1000, other))).to.deep.equal([`${A} tracked`]);
    });

    it('is ours, too, if another process in the cgroup of the container has another root', () => {
      const own = { [`${G}/garden/${A}`]: `${STORE}/images/${A}` };
      const posing = { [`${G}/garden/${A}/init`]: `/posing/images/${A}` };
      for (const roots of [
        { ...own, ...posing },
        { ...posing, ...own },
      ]) {
        expect(outcomes(cell(0, { roots }), cell(1000, { roots }))).to.deep.equal([
          `${A} untracked escaped`,
        ]);
      }
    });

    it('is a listed one whose processes were not yet seen in its cgroup', () => {
      const none = { roots: {} };
      expect(outcomes(cell(0, none), cell(1000, none))).to.deep.equal([`${A} untracked escaped`]);
    });

    it('is the container of a pea with an image of its own', () => {
      const pea = (cgroup: string) => ({
        suspects: [
          suspect(201, { image: `${STORE}/images/${A}-envoy`, cgroups: { memory: cgroup } }),
        ],
      });
      expect(outcomes(cell(0, pea(CRON)), cell(1000, pea(CRON)))).to.deep.equal([
        `${A} untracked escaped`,
      ]);
      const inside = `${G}/garden/${A}`;
      expect(outcomes(cell(0, pea(inside)), cell(1000, pea(inside)))).to.deep.equal([
        `${A} tracked`,
      ]);
    });

    it('is no-cgroup where nothing of a listed one is left in its cgroup', () => {
      const empty = { trees: { memory: `${G}: 100\n${G}/garden/${A}:\n${CRON}: 50 201` } };
      const all = cell(0, { ...empty, rootMounts: { [A]: [201] } });
      const [container] = reportAfter([all]).report.containers;
      expect(container).to.include({ reason: 'no-cgroup', severity: 'critical' });
    });
  });

  it("is not a process in gdn's own pid namespace, such as tar on its way in", () => {
    const gdn = [
      { namespacePids: [100, 9], cgroups: { memory: G.replace('garden.service', 'bpm-garden') } },
    ];
    const trees = {
      memory: `/system.slice/bpm-garden: 100\n/system.slice/bpm-garden/garden/${A}: 200`,
    };
    const inBpm = (at: number, namespacePids: readonly number[]): CellText =>
      cell(at, { gdn, trees, suspects: [suspect(201, { namespacePids })], roots: {} });
    const seen = (pids: readonly number[]) => outcomes(inBpm(0, pids), inBpm(1000, pids));
    expect(seen([201, 12])).to.deep.equal([`${A} tracked`]);
    expect(seen([201, 12, 3])).to.deep.equal([`${A} untracked escaped`]);
  });

  describe('beside other reasons', () => {
    const partial = (at: number, more: Partial<CellText> = {}): CellText =>
      cell(at, {
        trees: {
          memory: `${G}: 100\n${G}/garden/${A}: 200\n${CRON}: 50 201`,
          pids: `${G}/garden:\n/: 200`,
        },
        gdn: [{ cgroups: { memory: G, pids: G } }],
        memberships: { 200: { memory: `${G}/garden/${A}`, pids: '/' } },
        ...more,
      });

    it('comes before partial, which stays effective until it has lasted', () => {
      const quiet = { suspects: [] };
      const before = [partial(0, quiet), partial(1000, quiet)];
      expect(outcomes(...before)).to.deep.equal([`${A} untracked partial`]);
      expect(outcomes(...before, partial(2000))).to.deep.equal([`${A} untracked partial`]);
      expect(outcomes(...before, partial(2000), partial(3000))).to.deep.equal([
        `${A} untracked escaped`,
      ]);
      const other = { suspects: [suspect(202)], ancestors: { 202: [DADOO] } };
      expect(outcomes(...before, partial(2000), partial(3000, other))).to.deep.equal([
        `${A} untracked partial`,
      ]);
    });

    it('stays effective until the container has lost its last process for long enough', () => {
      const empty = (at: number): CellText =>
        cell(at, {
          trees: { memory: `${G}: 100\n${G}/garden/${A}:\n${CRON}: 50 200 201` },
          rootMounts: { [A]: [200, 201] },
        });
      const cells = [cell(0), cell(1000), empty(2000), empty(4000), empty(5000)];
      const passes = passesOver(cells, gracePeriodsOfAgent(1000, 2000));
      expect(passes.map(({ report }) => outcome(report).join())).to.deep.equal([
        `${A} pending escaped`,
        `${A} untracked escaped`,
        `${A} untracked escaped`,
        `${A} untracked escaped`,
        `${A} untracked no-cgroup`,
      ]);
    });

    it('comes after unowned, and stays effective until that has lasted', () => {
      const lost = { properties: { [A]: null } };
      const cells = [cell(0), cell(1000), cell(2000, lost)];
      expect(outcomes(...cells)).to.deep.equal([`${A} untracked escaped`]);
      expect(outcomes(...cells, cell(3000, lost))).to.deep.equal([`${A} untracked unowned`]);
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
        ancestors: [{ pid: 150, startTicks: 1000 }],
      },
    ]);
  });

  it('lasts as long as any other difference on a cell with an agent', () => {
    const cells = [0, 15_000, 30_000].map((at) => cell(at));
    const passes = passesOver(cells, gracePeriodsOfAgent(30_000, 15_000));
    const statuses = passes.map(({ report }) => firstOf(report).status);
    expect(statuses).to.deep.equal(['pending', 'pending', 'untracked']);
  });
});

describe('the plan of a sweep', () => {
  it('knows the handles of the list and of memory, and reads the suspects again', () => {
    const { memory } = reportAfter([cell(0, { listed: [A, B] })], 1000);
    const plan = planSweep(snapshotOf(cell(0)), memory, false);
    expect([...(plan?.handles ?? [])].toSorted()).to.deep.equal([A, B]);
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
    const suspectsIn = (path: string) => planSweep(snapshotOf(lost(path)), memory, false)?.suspects;
    expect(suspectsIn(`${G}/garden/${A}/init`)).to.deep.equal([]);
    expect(suspectsIn(CRON)).to.deep.equal([
      { pid: 200, startTicks: 200 },
      { pid: 201, startTicks: 201 },
    ]);
  });

  it('knows the pid namespace in which bpm runs gdn', () => {
    const gdn = [{ namespacePids: [100, 9], cgroups: { memory: '/bpm-garden' } }];
    const trees = { memory: '/bpm-garden: 100' };
    expect(planSweep(snapshotOf(cell(0, { gdn, trees })), EMPTY_MEMORY, true)).to.include({
      gardenNamespaces: 2,
      isWhole: true,
    });
  });

  it("checks what is in a container of any gdn, until it is known which one is Garden's", () => {
    const gdn = [
      { cgroups: { memory: G } },
      { pid: 101, namespacePids: [101, 9], cgroups: { memory: '/bpm-garden' } },
    ];
    expect(planSweep(snapshotOf(cell(0, { gdn })), EMPTY_MEMORY, true)).to.include({
      gardenNamespaces: 1,
    });
  });

  it('is none where there is nothing to compare with', () => {
    expect(planSweep(snapshotOf(cell(0, { listed: null })), EMPTY_MEMORY, false)).to.equal(null);
  });
});
