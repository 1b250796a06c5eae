import { expect } from 'chai';
import type { DestroyEvidence, HostProcess } from '../../src/model/destroy.ts';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { eventOf } from '../../src/present/events.ts';
import { warningSentence } from '../../src/present/warning-texts.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/difference.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import {
  complete,
  hostProcess,
  passOf,
  passWith,
  process,
  reportAfter,
  snapshotOf,
  type CellText,
} from './cell-builder.ts';
import {
  app,
  BPM_REP,
  cell,
  created,
  end,
  gardenAway,
  lose,
  loseProperties,
  withCgroups,
  withProperties,
  type Cell,
} from './cell.ts';
import { check, checkFor, expectShown, warned } from './shown.ts';

const billing = app('billing');
const shop = app('shop', { pids: [300] });
const running = cell({ containers: [billing] });
const TRACKED = 'billing: tracked, 1 process';
const SHOP_TRACKED = 'shop: tracked, 1 process';

const sentencesOf = (cells: readonly CellText[]): readonly string[] =>
  reportAfter(cells, 60_000).report.cell.warnings.map(warningSentence);

describe('A container that somebody made through the socket of Garden', () => {
  // Measured beside a real Diego: a client that gives no properties leaves these two.
  const network = { 'garden.network.host-ip': '10.254.0.1' };
  const state = { 'garden.state': 'created' };
  const withoutOwner = withProperties(running, billing, { ...network, ...state });

  it('is a warning without an owner, once Garden calls it created', () => {
    expectShown(check(withoutOwner), TRACKED, 'warning no-owner: 1 container');
  });

  it('is no warning until then', () => {
    expectShown(check(withProperties(running, billing, network)), TRACKED);
  });

  it('is no warning with any other property', () => {
    const ofConcourse = { ...network, ...state, concourse: 'worker' };
    expectShown(check(withProperties(running, billing, ofConcourse)), TRACKED);
  });

  it('is named in the warning, and counted in the verdict', () => {
    const text = warned(check(withoutOwner));
    expect(text).to.contain(
      "1 container was made through Garden's socket without an owner: billing. " +
        'Diego does not know this container, and never removes it.',
    );
    expect(text).to.contain(
      'The container that Garden lists runs, and no other container runs. ' +
        "Warning: 1 container was made through Garden's socket without an owner: billing.",
    );
  });

  it('counts with all others of its kind', () => {
    const two = cell({ containers: [shop, billing] });
    const both = withProperties(withProperties(two, billing, state), shop, state);
    expect(warned(check(both))).to.contain(
      "2 containers were made through Garden's socket without an owner: billing and others. " +
        'Diego does not know these containers, and never removes them.',
    );
  });
});

describe('A container that Garden does not finish creating', () => {
  const STARTED = new Date(1.8e12 - 7 * 60_000).toISOString();
  const init = {
    pid: 200,
    startedAt: STARTED,
    namespacePids: [200, 1],
    comm: 'garden-init',
    command: '/tmp/garden-init',
  };
  const plugin = hostProcess({
    pid: 813,
    parentPid: 100,
    comm: 'network-plugin',
    startedAt: STARTED,
    command: `network-plugin up --handle ${billing.handle}`,
  });
  const shim = hostProcess({ pid: 814, parentPid: 100, comm: 'containerd-shim', part: 'stays' });
  const events = hostProcess({ pid: 815, parentPid: 100, name: 'runc events', part: 'stays' });
  const found = (processes: readonly HostProcess[], pipesRead = false): DestroyEvidence => ({
    at: new Date(1.8e12).toISOString(),
    processes,
    omitted: 0,
    hasWorked: processes.some(({ part }) => part === 'works'),
    isCut: false,
    pipesRead,
    mounts: 1,
  });
  const evidence = (...processes: readonly HostProcess[]) => ({
    [billing.handle]: found(processes),
  });
  const unread: Cell = { ...created(running), processes: [init] };
  const stuck: Cell = { ...unread, destroys: evidence(shim, events, plugin) };

  it('is tracked, and a warning of the cell that names what hangs', () => {
    expectShown(check(stuck), TRACKED, 'warning unfinished: 1 container');
    expect(sentencesOf([stuck])).to.deep.equal([
      `Garden has been creating 1 container for 7 min: ${billing.handle}. ` +
        'Only the init process (garden-init) of this container runs. ' +
        'gdn waits for network-plugin (process 813, started 7 min ago).',
    ]);
  });

  it('is said to keep gdn itself waiting only where root has seen that nothing else does', () => {
    const saidWith = (destroy: DestroyEvidence): string =>
      sentencesOf([{ ...stuck, destroys: { [billing.handle]: destroy } }])[0] ?? '';
    expect(saidWith(found([events], true))).to.contain(
      'No process below gdn names the container, and no other process holds a pipe that gdn ' +
        'reads. So gdn itself waits.',
    );
    expect(saidWith(found([events]))).to.contain(
      'No process below gdn names the container. Only root can see whether another process ' +
        'holds a pipe that gdn reads.',
    );
    const holder = hostProcess({ pid: 820, comm: 'sleep', part: 'holds', startedAt: STARTED });
    expect(saidWith(found([holder], true))).to.contain(
      'sleep (process 820, started 7 min ago) is not below gdn, and holds a pipe that gdn reads.',
    );
  });

  it('is searched anew in the pass in which what hung has ended, and names it no more', () => {
    const child = hostProcess({
      pid: 816,
      parentPid: plugin.pid,
      comm: 'sleep',
      startedAt: STARTED,
    });
    const { memory } = reportAfter([{ ...stuck, destroys: evidence(plugin, child) }]);
    const ended = new Map([
      [init.pid, process(init)],
      [plugin.pid, null],
      [child.pid, child],
    ]);
    const pass = passWith(unread, memory, { processes: ended });
    expect(questionsOf(pass).destroys?.handles).to.deep.equal([billing.handle]);
    const later = passWith(unread, memory, {
      processes: ended,
      destroys: new Map([[asHandle(billing.handle), found([])]]),
    });
    const [warning] = complete(later, gracePeriodsOfCheck(0)).report.cell.warnings;
    if (warning === undefined) throw new Error('no warning');
    expect(warningSentence(warning)).to.contain(
      'sleep (process 816, started 7 min ago) is left of what gdn started for this container, ' +
        'and may hold a pipe that gdn reads.',
    );
    expect(warningSentence(warning)).not.to.contain('network-plugin');
  });

  it('is no warning for five minutes, once it is created, or with another process', () => {
    const young = { ...init, startedAt: new Date(1.8e12 - 4 * 60_000).toISOString() };
    expect(sentencesOf([{ ...stuck, processes: [young] }])).to.deep.equal([]);
    expect(sentencesOf([created(stuck, billing)])).to.deep.equal([]);
    const two = withCgroups(stuck, { [billing.cgroup]: [200, 201] });
    expect(sentencesOf([two])).to.deep.equal([]);
    expect(sentencesOf([{ ...stuck, processes: [{ ...init, comm: 'app' }] }])).to.deep.equal([]);
  });

  it('is searched for what hangs once, and then now and then', () => {
    const asked = (memory: Memory) => questionsOf(passOf(unread, memory)).destroys?.handles ?? [];
    expect(asked(EMPTY_MEMORY)).to.deep.equal([billing.handle]);
    const { memory } = reportAfter([stuck]);
    expect(asked(memory)).to.deep.equal([]);
    expect(asked({ ...memory, comparedPasses: 20 })).to.deep.equal([billing.handle]);
    const [warning] = reportAfter([unread], 0, memory).report.cell.warnings;
    expect(warning?.reason === 'unfinished' && warning.evidence?.processes).to.deep.equal([
      plugin,
      shim,
      events,
    ]);
  });
});

describe('App containers that the policy store lacks', () => {
  const since = '2026-01-01T00:00:00Z';
  const missing = (...handles: readonly string[]): Memory => {
    const { memory } = reportAfter([running]);
    const unpoliced = handles.map((handle) => ({ handle, since }));
    const ledgers = { ...memory.lastReport.ledgers, unpoliced };
    return { ...memory, lastReport: { ...memory.lastReport, ledgers } };
  };
  const reportWith = (memory: Memory, now = running) => reportAfter([now], 0, memory).report;

  it('are a warning of the cell, which changes neither verdict nor status', () => {
    const report = reportWith(missing(billing.handle));
    expect(report.cell.warnings.map(warningSentence)).to.deep.equal([
      `1 app container has an address and is missing from silk's policy store: ` +
        `${billing.handle}. After a restart of vxlan-policy-agent, this container may run ` +
        'without its security groups. Restart the instance before that.',
    ]);
    expect(report.verdict).to.equal('all-tracked');
    expectShown(report, TRACKED, 'warning unpoliced: 1 container');
  });

  it('are none once they have ended', () => {
    expect(reportWith(missing(shop.handle)).cell.warnings).to.deep.equal([]);
    expect(reportWith(missing(billing.handle), end(running, billing)).cell.warnings).to.deep.equal(
      [],
    );
  });

  it('keep the log quiet for ten minutes: the next agent watches anew', () => {
    const { memory } = reportAfter([running], 0, missing(billing.handle));
    const later = (at: number) => {
      const before = { ...memory, lastReport: EMPTY_MEMORY.lastReport };
      return [...reportAfter([{ ...running, at }], 0, before).memory.warnings.keys()];
    };
    expect([later(599_000), later(600_000)]).to.deep.equal([['unpoliced'], []]);
  });
});

describe('A cell on which no rep runs any more', () => {
  const rep = (pid: number, startTicks: number) => ({
    pid,
    startTicks,
    namespacePids: [pid, 2],
    cgroups: { memory: BPM_REP },
  });
  const apps = cell({ containers: [billing, shop] });
  const repRuns: Cell = { ...apps, reps: [rep(50, 900)] };
  const noRep: Cell = { ...apps, reps: [] };
  const anotherRep: Cell = { ...apps, reps: [rep(51, 2000)] };
  const ALL_TRACKED = [TRACKED, SHOP_TRACKED];

  it('has no warning before a minute', () => {
    expectShown(checkFor(30, repRuns, noRep, noRep), ...ALL_TRACKED);
  });

  it('has a warning after a minute, if one was seen', () => {
    const report = checkFor(30, repRuns, noRep, noRep, noRep);
    expectShown(report, ...ALL_TRACKED, 'warning no-rep: 2 containers');
    expect(warned(report)).to.contain(
      'No rep has run on this cell for a minute, although one ran before, and ' +
        '2 containers of apps and tasks still run. If rep died, Diego starts these apps on ' +
        'other cells within a minute: they run twice. Otherwise somebody stopped the job.',
    );
    expect(warned(report)).to.contain(
      'All 2 containers that Garden lists run, and no other container runs. ' +
        'Warning: No rep has run on this cell for a minute, although one ran before, and ' +
        '2 containers of apps and tasks still run.',
    );
  });

  it('has no warning where no rep was ever seen', () => {
    expectShown(checkFor(30, noRep, noRep, noRep, noRep), ...ALL_TRACKED);
  });

  it('has no warning where another one has started', () => {
    expectShown(checkFor(30, repRuns, noRep, noRep, anotherRep), ...ALL_TRACKED);
  });

  it('has no warning for a minute anew after that', () => {
    expectShown(checkFor(30, repRuns, noRep, noRep, anotherRep, noRep, noRep), ...ALL_TRACKED);
  });

  it('has no warning without an app or a task', () => {
    const others = (one: Cell): Cell =>
      loseProperties(withProperties(one, billing, { x: 'y' }), shop);
    const none = others(noRep);
    expectShown(
      checkFor(30, others(repRuns), none, none, none),
      'shop: untracked critical unowned, 1 process, no rep runs',
      TRACKED,
    );
  });

  it('has no warning while gdn is not visible either', () => {
    const withoutGdn = { ...noRep, gdn: [] };
    expectShown(checkFor(30, repRuns, withoutGdn, withoutGdn, withoutGdn), ...ALL_TRACKED);
  });

  it('costs one read per pass while rep lives, and a search for it only when it has ended', () => {
    const { memory } = reportAfter([repRuns]);
    const later = { ...apps, at: 15_000 };
    const asked = questionsOf(passOf(later, memory));
    expect(asked.startTicks).to.deep.equal([50]);
    expect(asked.repProcesses).to.equal(false);
    const searches = (ticks: number | null): boolean => {
      const snapshot = snapshotOf(later);
      const answers = { ...snapshot.answers, startTicks: new Map([[50, ticks]]) };
      return questionsOf(passOf(later, memory, { ...snapshot, answers })).repProcesses;
    };
    expect(searches(900), 'it lives').to.equal(false);
    expect(searches(null), 'it ended').to.equal(true);
    expect(searches(7000), 'its pid is another process').to.equal(true);
  });
});

describe('A read of a cgroup that hangs', () => {
  const file = `/sys/fs/cgroup/memory${billing.cgroup}/cgroup.procs`;

  it('leaves the verdict unknown, with a warning that names the file', () => {
    const report = checkFor(60, cell({ listed: [billing], hangingFile: file }));
    expect(report.verdict).to.equal('unknown');
    expect(report.unknownCause).to.deep.equal({
      kind: 'unreadable',
      path: file,
      errno: 'ETIMEDOUT',
    });
    const [warning] = report.cell.warnings;
    expect(warning).to.deep.equal({ reason: 'hanging-reads', file });
    expect(warning && warningSentence(warning)).to.match(
      /^A read of \/sys\/fs\/cgroup\/memory.*cgroup\.procs hangs in the kernel/,
    );
  });
});

describe('A pass that did not read every process named like gdn', () => {
  const partly: Cell = { ...running, hasMoreNames: true };

  it('compares, warns, and never says that all is tracked', () => {
    const report = check(partly);
    expectShown(report, TRACKED, 'warning too-many-names');
    expect(report.verdict).to.equal('unknown');
  });

  it('still says what is untracked', () => {
    expect(check(lose(partly, billing)).verdict).to.equal('untracked');
  });
});

describe('A process that no longer reads command lines', () => {
  const hanging: Cell = { ...running, hasHangingReads: true };
  // `transitions.test.ts` says how often it is logged.
  const UNKNOWN = [
    'unknown: garden-unavailable',
    '1 container live',
    TRACKED,
    'warning hanging-reads',
  ];

  it('is a warning while nothing can be compared, too', () => {
    expectShown(check(running, gardenAway(hanging)), ...UNKNOWN);
  });

  it('is one warning while nothing can be compared, also where it was one before', () => {
    expectShown(check(hanging, gardenAway(hanging)), ...UNKNOWN);
  });

  it('is an error in the log when it begins, and none when the next process reads them', () => {
    const begun = {
      kind: 'cell-warning',
      warning: { reason: 'hanging-reads', file: null },
    } as const;
    const ended = { kind: 'cell-recovered', reason: 'hanging-reads', since: '' } as const;
    const [error, info] = [begun, ended].map((one) => eventOf(one, ''));
    expect(error).to.include({ level: 'error', message: 'rollcall.cell.warning' });
    expect(info).to.include({ level: 'info', message: 'rollcall.cell.recovered' });
    expect([error?.reason, info?.reason]).to.deep.equal(['hanging-reads', 'hanging-reads']);
  });
});
