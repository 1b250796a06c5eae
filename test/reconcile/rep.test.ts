import { expect } from 'chai';
import type { ContainerReport } from '../../src/model/report.ts';
import type { ProcessFacts } from '../../src/model/process.ts';
import { bpmRep, type CellText } from './cell-builder.ts';
import {
  app,
  appProcess,
  BPM_REP,
  cell,
  container,
  gardenInit,
  lose,
  loseProperties,
  withCgroups,
  type Cell,
  type Container,
} from './cell.ts';
import {
  agentPasses,
  check,
  checkFor,
  expectShown,
  questions,
  runsOf,
  saidOf,
  times,
} from './shown.ts';

/*
 * Garden lists a container and has lost its properties. garden-init (200) is pid 1 of the
 * container, and started at tick 1000; the app (201) a little later.
 */

const lostProperties = (
  one: Container,
  processes: readonly Partial<ProcessFacts>[] = [
    gardenInit(200, { startTicks: 1000 }),
    appProcess(201, { startTicks: 1001 }),
  ],
): Cell => ({ ...loseProperties(cell({ containers: [one] }), one), processes });

const billing = app('billing', { pids: [200, 201] });
const unowned = lostProperties(billing);

type Rep = NonNullable<CellText['reps']>[number];
const rep = (startTicks: number, more: Partial<Rep> = {}): Rep => ({
  ...bpmRep(startTicks),
  cgroups: { memory: BPM_REP },
  ...more,
});
const withReps = (before: Cell, ...reps: readonly Rep[]): Cell => ({ ...before, reps });
const underNewerRep = (before: Cell): Cell => withReps(before, rep(2000));
const underOlderRep = (before: Cell): Cell => withReps(before, rep(900));
const withoutRep = (before: Cell): Cell => withReps(before);

const KNOWN_TO_REP = 'billing: pending critical unowned, 2 processes, rep is older';
const FORGOTTEN = 'billing: untracked critical unowned, 2 processes, rep is newer';
const NO_REP = 'billing: untracked critical unowned, 2 processes, no rep runs';

describe('When Garden has lost the properties of a container,', () => {
  it('the container is older if its pid 1 started before rep', () => {
    expectShown(check(withReps(unowned, rep(1001))), FORGOTTEN);
  });

  it('rep is older if it started before pid 1 of the container', () => {
    expectShown(check(withReps(unowned, rep(999))), KNOWN_TO_REP);
  });

  it('rep is older where both started in one tick', () => {
    expectShown(check(withReps(unowned, rep(1000))), KNOWN_TO_REP);
  });

  it('rep is older although pid 1 of an inner pid namespace started before it', () => {
    const withInner = lostProperties(app('billing', { pids: [199, 200, 201] }), [
      { pid: 199, comm: 'inner', namespacePids: [199, 9, 1], startTicks: 400 },
      gardenInit(200, { startTicks: 1000 }),
      appProcess(201, { startTicks: 1001 }),
    ]);
    expectShown(
      check(withReps(withInner, rep(500))),
      'billing: pending critical unowned, 3 processes, rep is older',
    );
  });

  const withoutInit = lostProperties(app('billing', { pids: [201, 202] }), [
    appProcess(201, { startTicks: 1001 }),
    appProcess(202, { startTicks: 1500, namespacePids: [202, 9] }),
  ]);

  it('the container is older if its oldest process started before rep, where pid 1 is gone', () => {
    expectShown(check(withReps(withoutInit, rep(1200))), FORGOTTEN);
  });

  it('rep is older if it started with that oldest process', () => {
    expectShown(check(withReps(withoutInit, rep(1001))), KNOWN_TO_REP);
  });

  it('rep is older if one of several reps is', () => {
    const other = rep(900, { pid: 51, namespacePids: [51, 2] });
    expectShown(check(withReps(unowned, rep(2000), other)), KNOWN_TO_REP);
  });

  describe('with many processes, after pids have wrapped,', () => {
    const young = [11, 12, 13, 14, 15];
    const wrapped = withReps(
      lostProperties(
        app('billing', { pids: [...young, 30_000] }),
        young.map((pid) => appProcess(pid, { startTicks: 5000, namespacePids: [pid, pid - 4] })),
      ),
      rep(3000),
    );
    const withInit = {
      ...wrapped,
      starts: { 30_000: { startTicks: 1000, namespacePids: [30_000, 1] } },
    };

    it('rep seems older before pid 1 was found', () => {
      expectShown(check(wrapped), 'billing: pending critical unowned, 6 processes, rep is older');
    });

    it('the container is older once pid 1 was found', () => {
      expectShown(
        check(withInit),
        'billing: untracked critical unowned, 6 processes, rep is newer',
      );
    });

    it('pid 1 is searched for among the processes that are not evidence, once', () => {
      expect(questions(wrapped).starts).to.deep.equal([30_000]);
      expect(questions(withInit).starts).to.deep.equal([]);
    });
  });
});

describe('A process is rep', () => {
  const started = (more: Partial<Rep>): Cell => withReps(unowned, rep(2000, more));
  const inCgroup = (memory: string): Cell => started({ cgroups: { memory } });

  const NOT_REP: Readonly<Record<string, Cell>> = {
    'not if it is in a container and calls itself rep': inCgroup(billing.cgroup),
    'not in another pid namespace without a job of bpm': inCgroup('/elsewhere'),
    'not in a job of bpm with another name': inCgroup('/system.slice/runc-bpm-report.scope'),
    'not if it is a zombie': started({ state: 'Z' }),
    'not in a job that is called rep, in a container': inCgroup(`${billing.cgroup}/bpm-rep`),
    'not if it is called rep2': started({ comm: 'rep2' }),
  };
  for (const [title, one] of Object.entries(NOT_REP))
    it(title, () => {
      expectShown(check(one), NO_REP);
    });

  const IS_REP: Readonly<Record<string, Cell>> = {
    'in the pid namespace of the host': started({
      namespacePids: [50],
      cgroups: { memory: '/' },
    }),
    'in a job of bpm without systemd': inCgroup('/bpm-rep'),
    'in bpm-rep.scope': inCgroup('/system.slice/bpm-rep.scope'),
    'in a job of bpm since 1.4.33': inCgroup('/system.slice/monit-service-bpm-bpm-rep.scope'),
  };
  for (const [title, one] of Object.entries(IS_REP))
    it(title, () => {
      expectShown(check(one), FORGOTTEN);
    });
});

describe('When Garden has lost the properties of a container, the agent', () => {
  const LOST = 'This container runs and Garden lists it, but Garden lost its properties';
  const PENDING = 'pending critical unowned';
  const FOUND = 'untracked critical unowned';
  const lastOf = (passes: readonly ContainerReport[]): string =>
    saidOf(passes.at(-1) ?? expect.fail('no pass'));

  it('alarms after the grace period where rep has restarted: that is for good', () => {
    const passes = agentPasses(times(3, underNewerRep(unowned)));
    expect(runsOf(passes)).to.deep.equal([`2 times ${PENDING}`, FOUND]);
    expect(lastOf(passes)).to.contain(
      `${LOST}. rep has restarted since, so Diego never removes, stops or restarts the ` +
        'container. Within a minute Diego also stops routing to the container.',
    );
    expect(lastOf(passes)).to.contain('Find out whose container it is.');
  });

  it('waits for a rep that knows the container', () => {
    const passes = agentPasses(times(2, underOlderRep(unowned)));
    expect(runsOf(passes)).to.deep.equal([`2 times ${PENDING}`]);
    expect(lastOf(passes)).to.contain(
      `${LOST}. Diego still knows the container and should remove it within a minute. Only a ` +
        'difference',
    );
  });

  it('says after two minutes for how long that rep has not removed it', () => {
    const passes = agentPasses(times(9, underOlderRep(unowned)));
    expect(runsOf(passes)).to.deep.equal([`8 times ${PENDING}`, FOUND]);
    expect(lastOf(passes)).to.contain(
      `${LOST}. Diego still knows the container and should have removed it within a minute; ` +
        '2 min have passed.',
    );
    expect(lastOf(passes)).to.contain("Read in rep's log why rep cannot destroy the container.");
  });

  it('does not wait for rep to remove what is neither app nor task', () => {
    const somebodys = lostProperties(container('x', { pids: [200, 201] }));
    const passes = agentPasses(times(3, underOlderRep(somebodys)));
    expect(runsOf(passes)).to.deep.equal([`2 times ${PENDING}`, FOUND]);
    expect(lastOf(passes)).to.contain(
      `${LOST}. The container is neither an app nor a task, so nothing in Diego removes it.`,
    );
  });

  const onlyInit = lostProperties(app('billing'));

  it('only warns where the app has ended and garden-init is left', () => {
    expect(runsOf(agentPasses(times(3, underNewerRep(onlyInit))))).to.deep.equal([
      '2 times pending warning unowned',
      'untracked warning unowned',
    ]);
  });

  it('does not only warn where a part of the container is hidden', () => {
    const hidden = `${billing.cgroup}/x`;
    const withHidden = { ...withCgroups(onlyInit, { [hidden]: [] }), unreadable: [hidden] };
    expect(runsOf(agentPasses(times(3, underNewerRep(withHidden))))).to.deep.equal([
      `2 times ${PENDING}`,
      FOUND,
    ]);
  });

  it('names, where no rep runs, what keeps one from starting', () => {
    const passes = agentPasses(times(9, withoutRep(unowned)));
    expect(runsOf(passes)).to.deep.equal([`8 times ${PENDING}`, FOUND]);
    expect(lastOf(passes)).to.contain('"max containers reached"').and.contain('runbook recognised');
  });

  it('waits 120 seconds for a rep that knows it, however short the grace period is', () => {
    expect(runsOf(agentPasses(times(9, underOlderRep(unowned)), 1))).to.deep.equal([
      `8 times ${PENDING}`,
      FOUND,
    ]);
  });

  it('waits four grace periods for such a rep', () => {
    expect(runsOf(agentPasses(times(17, underOlderRep(unowned)), 60))).to.deep.equal([
      `16 times ${PENDING}`,
      FOUND,
    ]);
  });

  it('waits four grace periods without a rep, and says that none runs', () => {
    const passes = agentPasses(times(5, withoutRep(unowned)), 15);
    expect(runsOf(passes)).to.deep.equal([`4 times ${PENDING}`, FOUND]);
    expect(lastOf(passes)).to.contain('No rep runs on this cell');
  });

  it('does not wait for rep to remove its own health check', () => {
    const healthCheck = container('check-1f0b7d3e-0000-4000-8000-000000000000');
    const lostCheck = lostProperties(healthCheck, [gardenInit(200, { startTicks: 1000 })]);
    const passes = agentPasses(times(3, underOlderRep(lostCheck)));
    expect(runsOf(passes)).to.deep.equal([
      '2 times pending warning unowned',
      'untracked warning unowned',
    ]);
    expect(lastOf(passes)).to.contain(
      'Only the init process (garden-init) of this container still runs. Garden lists the ' +
        'container, but lost its properties. The container is a health check of rep, which finds ' +
        'its health checks by a property. So nothing in Diego removes this one any more.',
    );
    expect(lastOf(passes)).to.contain('-X DELETE').and.contain('a restart of rep does not help.');
  });
});

describe('When Garden has lost the properties of a container, a check', () => {
  it('needs more than 30 seconds where rep may still remove it', () => {
    const one = underOlderRep(unowned);
    expectShown(checkFor(30, one, one, one), KNOWN_TO_REP);
  });

  it('needs 120 seconds where rep may still remove it', () => {
    const one = underOlderRep(unowned);
    expectShown(
      checkFor(120, one, one),
      'billing: untracked critical unowned, 2 processes, rep is older',
    );
  });

  it('needs its settle time where rep has restarted', () => {
    const one = underNewerRep(unowned);
    expectShown(checkFor(2, one, one), FORGOTTEN);
  });

  it('needs its settle time where no rep runs', () => {
    const one = withoutRep(unowned);
    expectShown(checkFor(3, one, one), NO_REP);
  });
});

describe('A pass searches for rep', () => {
  const running = cell({ containers: [billing] });

  it('while some container is for rep to destroy', () => {
    expect(questions(unowned, unowned).repProcesses).to.equal(true);
  });

  it('once', () => {
    expect(questions(unowned, withoutRep(unowned)).repProcesses).to.equal(false);
  });

  it('not while nothing is lost', () => {
    expect(questions(running, running).repProcesses).to.equal(false);
  });

  it('not where Garden no longer lists what was lost', () => {
    const lost = lose(running, billing);
    expect(questions(lost, lost).repProcesses).to.equal(false);
  });

  it('not while it is not sure that the properties are lost', () => {
    const unsure = { ...unowned, open: ['secondList'] };
    expect(questions(unowned, unsure).repProcesses).to.equal(false);
  });
});
