import { expect } from 'chai';
import { eventOf } from '../../src/present/events.ts';
import { warningSentence } from '../../src/present/warning-texts.ts';
import type { DestroyEvidence, HostProcess } from '../../src/model/destroy.ts';
import { asHandle } from '../../src/model/ids.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import {
  A,
  B,
  complete,
  G,
  outcome,
  passOf,
  passWith,
  process,
  hostProcess,
  reportAfter,
  snapshotOf,
  type CellText,
} from './cell-builder.ts';
import { cellOf, expectRows, expectWarned } from './cell-rows.ts';

const sentencesOf = (cells: readonly CellText[]): readonly string[] =>
  reportAfter(cells, 60_000).report.cell.warnings.map(warningSentence);

describe('a container that somebody made through the socket of Garden', () => {
  const made = 'garden/A: 200, garden/B: 300; lists B A';
  const of = (handle: string): string => `property ${handle} garden.state=created`;
  const text = "made through Garden's socket without an owner:";
  // Measured beside a real Diego: a client that gives no properties leaves these two.
  const network = 'garden/A: 200; property A garden.network.host-ip=10.254.0.1';
  expectRows(`
is one without an owner, once Garden calls it created | ${network} garden.state=created | A tracked (1), warning no-owner 1
is not one until then | ${network} | A tracked (1)
is not one with any other property | ${network} garden.state=created concourse=worker | A tracked (1)
`);
  expectWarned(`
is named | ${network} garden.state=created | 1 container was ${text} ${A}. Diego does not know this container, and never removes it. & The container that Garden lists runs, and no other container runs. Warning: 1 container has no owner.
counts with all others of its kind | ${made}; ${of('A')}; ${of('B')} | 2 containers were ${text} ${A} and others. Diego does not know these containers, and never removes them.
`);
});

describe('a container that Garden does not finish creating', () => {
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
    command: `network-plugin up --handle ${A}`,
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
  const evidence = (...processes: readonly HostProcess[]) => ({ [A]: found(processes) });
  const unread: CellText = {
    trees: { memory: `${G}: 100\n${G}/garden/${A}: 200` },
    listed: [A],
    created: [],
    processes: [init],
  };
  const stuck: CellText = { ...unread, destroys: evidence(shim, events, plugin) };

  it('is tracked, and a warning of the cell that names what hangs', () => {
    expect(outcome(reportAfter([stuck]).report)).to.deep.equal([`${A} tracked`]);
    expect(sentencesOf([stuck])).to.deep.equal([
      `Garden has been creating 1 container for 7 min: ${A}. Only the init process (garden-init) of this container runs. ` +
        'gdn waits for network-plugin (process 813, started 7 min ago).',
    ]);
  });

  it('is said to keep gdn itself waiting only where root has seen that nothing else does', () => {
    const saidOf = (evidenceOfA: DestroyEvidence): string =>
      sentencesOf([{ ...stuck, destroys: { [A]: evidenceOfA } }])[0] ?? '';
    expect(saidOf(found([events], true))).to.contain(
      'No process below gdn names the container, and no other process holds a pipe that gdn reads. So gdn itself waits.',
    );
    expect(saidOf(found([events]))).to.contain(
      'No process below gdn names the container. Only root can see whether another process holds a pipe that gdn reads.',
    );
    const holder = hostProcess({ pid: 820, comm: 'sleep', part: 'holds', startedAt: STARTED });
    expect(saidOf(found([holder], true))).to.contain(
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
    expect(questionsOf(pass).destroys?.handles).to.deep.equal([A]);
    const later = passWith(unread, memory, {
      processes: ended,
      destroys: new Map([[asHandle(A), found([])]]),
    });
    const [warning] = complete(later, gracePeriodsOfCheck(0)).report.cell.warnings;
    if (warning === undefined) throw new Error('no warning');
    expect(warningSentence(warning)).to.contain(
      'sleep (process 816, started 7 min ago) is left of what gdn started for this container, and may hold a pipe that gdn reads.',
    );
    expect(warningSentence(warning)).not.to.contain('network-plugin');
  });

  it('is not one for five minutes, once it is created, or with another process', () => {
    const young = { ...init, startedAt: new Date(1.8e12 - 4 * 60_000).toISOString() };
    expect(sentencesOf([{ ...stuck, processes: [young] }])).to.deep.equal([]);
    expect(sentencesOf([{ ...stuck, created: [A] }])).to.deep.equal([]);
    const trees = { memory: `${G}: 100\n${G}/garden/${A}: 200 201` };
    expect(sentencesOf([{ ...stuck, trees }])).to.deep.equal([]);
    expect(sentencesOf([{ ...stuck, processes: [{ ...init, comm: 'app' }] }])).to.deep.equal([]);
  });

  it('is searched for what hangs once, and then now and then', () => {
    const asked = (memory: Memory) => questionsOf(passOf(unread, memory)).destroys?.handles ?? [];
    expect(asked(EMPTY_MEMORY)).to.deep.equal([A]);
    const { memory } = reportAfter([stuck]);
    expect(asked(memory)).to.deep.equal([]);
    expect(asked({ ...memory, comparedPasses: 20 })).to.deep.equal([A]);
    const [warning] = reportAfter([unread], 0, memory).report.cell.warnings;
    expect(warning?.reason === 'unfinished' && warning.evidence?.processes).to.deep.equal([
      plugin,
      shim,
      events,
    ]);
  });
});

describe('app containers that the policy store lacks', () => {
  const cell: CellText = { trees: { memory: `${G}: 100\n${G}/garden/${A}: 200` }, listed: [A] };
  const since = '2026-01-01T00:00:00Z';
  const missing = (...handles: readonly string[]): Memory => {
    const { memory } = reportAfter([cell]);
    const unpoliced = handles.map((handle) => ({ handle, since }));
    const ledgers = { ...memory.lastShown.ledgers, unpoliced };
    return { ...memory, lastShown: { ...memory.lastShown, ledgers } };
  };
  const warned = (memory: Memory, now = cell) => reportAfter([now], 0, memory).report;

  it('are a warning of the cell, which changes neither verdict nor status', () => {
    const report = warned(missing(A));
    expect(report.cell.warnings.map(warningSentence)).to.deep.equal([
      `1 app container has an address and is missing from silk's policy store: ${A}. After a restart of ` +
        'vxlan-policy-agent, this container may run without its security groups. Restart the instance before that.',
    ]);
    expect([report.verdict, outcome(report)]).to.deep.equal(['all-tracked', [`${A} tracked`]]);
  });

  it('are none once they have ended', () => {
    expect(warned(missing(B)).cell.warnings).to.deep.equal([]);
    const ended = { ...cell, trees: { memory: `${G}: 100\n${G}/garden/${A}:` } };
    expect(warned(missing(A), ended).cell.warnings).to.deep.equal([]);
  });

  it('keep the log quiet for ten minutes: the next agent watches anew', () => {
    const { memory } = reportAfter([cell], 0, missing(A));
    const later = (at: number) => {
      const before = { ...memory, lastShown: EMPTY_MEMORY.lastShown };
      return [...reportAfter([{ ...cell, at }], 0, before).memory.warnings.keys()];
    };
    expect([later(599_000), later(600_000)]).to.deep.equal([['unpoliced'], []]);
  });
});

describe('a cell on which no rep runs any more', () => {
  const BPM = { memory: '/system.slice/runc-bpm-rep.scope' };
  const REP = { pid: 50, startTicks: 900, namespacePids: [50, 2], cgroups: BPM };
  const apps: CellText = {
    trees: { memory: `${G}: 100\n${G}/garden/${A}: 200\n${G}/garden/${B}: 300` },
    listed: [A, B],
  };
  const at = (
    seconds: number,
    reps: NonNullable<CellText['reps']>,
    cell: CellText = apps,
  ): CellText => ({ ...cell, at: seconds * 1000, reps });

  const two = 'garden/A: 200, garden/B: 300; lists A B; reps';
  const rep = (start: string): string => `${two} ${start}@/system.slice/runc-bpm-rep.scope`;
  const seen = rep('50/2#900');
  const others = 'property A x=y; unowned B';
  expectRows(
    `
has none before a minute | ${seen} > ${two} - > same | A tracked (1), B tracked (1)
has one after a minute, if one was seen | ${seen} > ${two} - > same > same | A tracked (1), B tracked (1), warning no-rep 2
has none where no rep was ever seen | ${two} - > same > same > same | A tracked (1), B tracked (1)
has none where another one has started | ${seen} > ${two} - > same > ${rep('51/2#2000')} | A tracked (1), B tracked (1)
waits for a minute anew after that | ${seen} > ${two} - > same > ${rep('51/2#2000')} > ${two} - > same | A tracked (1), B tracked (1)
has none without an app or task | ${seen}; ${others} > ${two} -; ${others} > same > same | B untracked unowned critical (1) rep none, A tracked (1)
has none while gdn is not visible either | ${seen} > ${two} -; no-gdn > same > same | A tracked (1), B tracked (1)
`,
    30_000,
  );

  expectWarned(
    `
says so | ${seen} > ${two} - > same > same | No rep has run on this cell for a minute, although one ran before. 2 containers of apps and tasks still run. If rep died, Diego starts these apps on other cells within a minute: they run twice. Otherwise somebody stopped the job. & All 2 containers that Garden lists run, and no other container runs. Warning: no rep runs, but 2 containers of apps and tasks do.
`,
    30_000,
  );

  it('costs one read per pass while rep lives, and a search for it only when it has ended', () => {
    const { memory } = reportAfter([at(0, [REP])]);
    const cell = { ...apps, at: 15_000 };
    const asked = questionsOf(passOf(cell, memory));
    expect(asked.startTicks).to.deep.equal([50]);
    expect(asked.repProcesses).to.equal(false);
    const searches = (ticks: number | null): boolean => {
      const snapshot = snapshotOf(cell);
      const answers = { ...snapshot.answers, startTicks: new Map([[50, ticks]]) };
      return questionsOf(passOf(cell, memory, { ...snapshot, answers })).repProcesses;
    };
    expect(searches(900), 'it lives').to.equal(false);
    expect(searches(null), 'it ended').to.equal(true);
    expect(searches(7000), 'its pid is another process').to.equal(true);
  });
});

describe('a read of a cgroup that hangs', () => {
  const file = `/sys/fs/cgroup/memory${G}/garden/${A}/cgroup.procs`;

  it('leaves the verdict unknown, with a warning that names the file', () => {
    const { report } = reportAfter(
      [{ trees: { memory: `${G}: 100` }, listed: [A], hangingFile: file }],
      60_000,
    );
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

describe('a pass that did not read every process named like gdn', () => {
  it('compares, warns, and never says that all is tracked', () => {
    const { report } = complete(
      passOf(cellOf('garden/A: 200; more-names'), EMPTY_MEMORY),
      gracePeriodsOfCheck(0),
    );
    expect(report.containers.map(({ status }) => status)).to.deep.equal(['tracked']);
    expect(report.cell.warnings).to.deep.equal([{ reason: 'too-many-names' }]);
    expect(report.verdict).to.equal('unknown');
  });

  it('still says what is untracked', () => {
    const { report } = complete(
      passOf(cellOf('garden/A: 200; lists -; more-names'), EMPTY_MEMORY),
      gracePeriodsOfCheck(0),
    );
    expect(report.verdict).to.equal('untracked');
  });
});

describe('a process that no longer reads command lines', () => {
  const hangs = 'garden/A: 200; hangs';
  const unknown = 'unknown: garden-unavailable, 1 seen, A tracked (1), warning hanging-reads';
  // `transitions.test.ts` says how often it is logged.
  expectRows(`
is a warning while nothing can be compared, too | garden/A: 200 > ${hangs}; lists ? | ${unknown}
is one warning then, also where it was one before | ${hangs} > ${hangs}; lists ? | ${unknown}
`);

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
