import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type { GracePeriods } from '../../src/model/finding.ts';
import type { ContainerReport } from '../../src/model/report.ts';
import { NO_ANSWERS } from '../../src/model/questions.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { whatToDo } from '../../src/present/reason-texts.ts';
import { gracePeriodsOfAgent, gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { A, G, passesOver, passOf, passWith, type CellText } from './cell-builder.ts';
import { expectRows } from './cell-rows.ts';

/** garden-init (200) is pid 1 of the container, and started at tick 1000; the app a little later. */
const unowned: CellText = {
  trees: { memory: `${G}: 100\n${G}/garden/${A}: 200 201` },
  listed: [A],
  properties: { [A]: null },
  processes: [
    { pid: 200, startTicks: 1000, namespacePids: [200, 1], comm: 'garden-init' },
    { pid: 201, startTicks: 1001, namespacePids: [201, 7], comm: 'app' },
  ],
};

const repFrom = (startTicks: number) => ({
  pid: 50,
  startTicks,
  namespacePids: [50, 2],
  cgroups: { memory: '/system.slice/runc-bpm-rep.scope' },
});

/** The container after passes 15 seconds apart, the last one so many seconds after the first. */
function after(
  seconds: number,
  cell: CellText,
  gracePeriods: GracePeriods = gracePeriodsOfAgent(30_000, 15_000),
): ContainerReport {
  const cells = Array.from({ length: Math.ceil(seconds / 15) + 1 }, (_, pass) => ({
    ...cell,
    at: Math.min(pass * 15, seconds) * 1000,
  }));
  const [container] = passesOver(cells, gracePeriods).at(-1)?.report.containers ?? [];
  if (container === undefined) throw new Error('no container');
  return container;
}

const ageIn = (cell: CellText): unknown => {
  const { explanation } = after(0, cell);
  return explanation.kind === 'unowned' ? explanation.rep : explanation.kind;
};

describe('a container that Garden lost the properties of, and rep', () => {
  const two = 'garden/A: 200 201; unowned A; processes 200/1#1000=garden-init 201/7#1001=app';
  const inner = two.replace('200 201;', '199 200 201;');
  const noInit = 'garden/A: 201 202; unowned A; processes 201/7#1001=app 202/9#1500=app';
  const rep = '@/system.slice/runc-bpm-rep.scope';
  describe('which of them is older', () => {
    expectRows(`
is the container, if its pid 1 started before rep | ${two}; reps 50/2#1001${rep} | A untracked unowned critical (2) rep newer
is rep, if it started before pid 1 of the container | ${two}; reps 50/2#999${rep} | A pending unowned critical (2) rep older
is rep where both started in one tick | ${two}; reps 50/2#1000${rep} | A pending unowned critical (2) rep older
is not decided by pid 1 of an inner namespace | ${inner}; processes 199/9/1#400=inner 200/1#1000=garden-init 201/7#1001=app; reps 50/2#500${rep} | A pending unowned critical (3) rep older
is decided by the oldest process where pid 1 is gone: the container | ${noInit}; reps 50/2#1200${rep} | A untracked unowned critical (2) rep newer
is decided by the oldest process where pid 1 is gone: rep | ${noInit}; reps 50/2#1001${rep} | A pending unowned critical (2) rep older
is decided by the oldest of several reps | ${two}; reps 50/2#2000${rep} 51/2#900${rep} | A pending unowned critical (2) rep older
`);

    it('finds pid 1 among many processes, after pids have wrapped', () => {
      const pids = [11, 12, 13, 14, 15, 30_000];
      const trees = { memory: `${G}: 100\n${G}/garden/${A}: ${pids.join(' ')}` };
      const processes = pids
        .slice(0, 5)
        .map((pid) => ({ pid, startTicks: 5000, namespacePids: [pid, pid - 4], comm: 'app' }));
      const wrapped = { ...unowned, trees, processes, reps: [repFrom(3000)] };
      const asked = questionsOf(passOf(wrapped, EMPTY_MEMORY));
      expect(asked.starts).to.deep.equal([30_000]);
      expect(ageIn(wrapped), 'before the answer').to.equal('older');
      const starts = { 30_000: { startTicks: 1000, namespacePids: [30_000, 1] } };
      expect(ageIn({ ...wrapped, starts })).to.equal('newer');
      const again = questionsOf(passOf({ ...wrapped, starts }, EMPTY_MEMORY));
      expect(again.starts).to.deep.equal([]);
    });
  });

  describe('rep is', () => {
    expectRows(`
not a container process that calls itself rep | ${two}; reps 50/2#2000@${G}/garden/A | A untracked unowned critical (2) rep none
not in another pid namespace without a job of bpm | ${two}; reps 50/2#2000@/elsewhere | A untracked unowned critical (2) rep none
not the job of another name | ${two}; reps 50/2#2000@/system.slice/runc-bpm-report.scope | A untracked unowned critical (2) rep none
not a zombie | ${two}; reps 50/2#2000${rep}Z | A untracked unowned critical (2) rep none
not a job called rep in a container | ${two}; reps 50/2#2000@${G}/garden/A/bpm-rep | A untracked unowned critical (2) rep none
not called rep2 | ${two}; reps 50/2#2000${rep}=rep2 | A untracked unowned critical (2) rep none
a process of the host | ${two}; reps 50#2000@/ | A untracked unowned critical (2) rep newer
a job of bpm without systemd | ${two}; reps 50/2#2000@/bpm-rep | A untracked unowned critical (2) rep newer
bpm-rep.scope | ${two}; reps 50/2#2000@/system.slice/bpm-rep.scope | A untracked unowned critical (2) rep newer
a job of bpm since 1.4.33 | ${two}; reps 50/2#2000@/system.slice/monit-service-bpm-bpm-rep.scope | A untracked unowned critical (2) rep newer
`);
  });

  describe('the agent', () => {
    it('alarms after the grace period where rep has restarted: that is for good', () => {
      const cell = { ...unowned, reps: [repFrom(2000)] };
      expect(after(15, cell).status).to.equal('pending');
      expect(after(30, cell)).to.include({ status: 'untracked', severity: 'critical' });
      expect(containerSentence(after(30, cell))).to.equal(
        'It runs and Garden lists it, but Garden lost its properties and rep has restarted since: ' +
          'Diego never removes, stops or restarts it. Within a minute Diego also stops routing to it.',
      );
    });

    it('waits for a rep that knows the container, and then says for how long it has not removed it', () => {
      const cell = { ...unowned, reps: [repFrom(900)] };
      expect(after(105, cell).status).to.equal('pending');
      expect(containerSentence(after(15, cell))).to.contain(
        'Diego still has it and should remove it within a minute. Not a finding',
      );
      expect(containerSentence(after(120, cell))).to.equal(
        'It runs and Garden lists it, but Garden lost its properties. Diego still has it and ' +
          'should have removed it within a minute; 2 min have passed.',
      );
      expect(after(120, cell).status).to.equal('untracked');
      expect(whatToDo(after(120, cell))).to.contain("rep's log");
    });

    it('waits at least 120 seconds for it, however short the grace period is', () => {
      const short = gracePeriodsOfAgent(1000, 15_000);
      expect(after(105, { ...unowned, reps: [repFrom(900)] }, short).status).to.equal('pending');
      expect(after(120, { ...unowned, reps: [repFrom(900)] }, short).status).to.equal('untracked');
      const long = gracePeriodsOfAgent(60_000, 15_000);
      expect(after(225, { ...unowned, reps: [repFrom(900)] }, long).status).to.equal('pending');
      expect(after(240, { ...unowned, reps: [repFrom(900)] }, long).status).to.equal('untracked');
    });

    it('does not wait for a rep to remove its own health check, which it tries three times only', () => {
      const check = 'check-1f0b7d3e-0000-4000-8000-000000000000';
      const cell: CellText = {
        ...unowned,
        trees: { memory: `${G}: 100\n${G}/garden/${check}: 200` },
        listed: [check],
        properties: { [check]: null },
        reps: [repFrom(900)],
      };
      expect(after(30, cell)).to.include({ status: 'untracked', severity: 'warning' });
      expect(containerSentence(after(30, cell))).to.equal(
        'Only its init process (garden-init) still runs. Garden lists it, but Garden lost its properties. ' +
          'It is a health check of rep, which tries three times to destroy one and then no longer finds it: ' +
          'nothing in Diego removes it.',
      );
      expect(whatToDo(after(30, cell))).to.contain('-X DELETE');
      expect(whatToDo(after(30, cell))).to.contain('A restart of rep does not help.');
      const other = { ...cell, listed: ['x'], properties: { x: null } };
      const trees = { memory: `${G}: 100\n${G}/garden/x: 200 201` };
      expect(containerSentence(after(30, { ...other, trees }))).to.equal(
        'It runs and Garden lists it, but Garden lost its properties. It is neither an app nor a task: ' +
          'nothing in Diego removes it.',
      );
    });

    it('warns only where the app has ended and garden-init is left', () => {
      const trees = { memory: `${G}: 100\n${G}/garden/${A}: 200` };
      const cell = { ...unowned, reps: [repFrom(2000)] };
      expect(after(30, { ...cell, trees }).severity).to.equal('warning');
      expect(after(30, cell).severity).to.equal('critical');
      const hiding = { memory: `${trees.memory}\n${G}/garden/${A}/x:` };
      const hidden = { ...cell, trees: hiding, unreadable: [`${G}/garden/${A}/x`] };
      expect(after(30, hidden).severity, 'a part is hidden').to.equal('critical');
    });

    it('names, where no rep runs, what keeps one from starting, and does not ask for a rep first', () => {
      const advice = whatToDo(after(120, { ...unowned, reps: [] })) ?? '';
      expect(advice).to.contain('"max containers reached"');
      expect(advice).to.contain('delete it through Garden (rollcall runbook unowned)');
      expect(advice).not.to.contain('check that rep');
      expect(advice).not.to.match(/rep and the BBS are up/);
    });

    it('waits four grace periods without a rep, and says that none runs', () => {
      const cell = { ...unowned, reps: [] };
      const short = gracePeriodsOfAgent(10_000, 15_000);
      expect(after(30, cell, short).status).to.equal('pending');
      expect(after(40, cell, short).status).to.equal('untracked');
      expect(containerSentence(after(45, cell, short))).to.contain('no rep runs on this cell');
    });
  });

  describe('a check', () => {
    it('needs 120 seconds where rep may still remove it, and not else', () => {
      const older = { ...unowned, reps: [repFrom(900)] };
      expect(after(119, older, gracePeriodsOfCheck(30_000)).status).to.equal('pending');
      expect(after(120, older, gracePeriodsOfCheck(120_000)).status).to.equal('untracked');
      const newer = { ...unowned, reps: [repFrom(2000)] };
      expect(after(2, newer, gracePeriodsOfCheck(2000)).status).to.equal('untracked');
      const none = { ...unowned, reps: [] };
      expect(after(2, none, gracePeriodsOfCheck(2000)).status).to.equal('untracked');
    });
  });

  it('asks for rep only while some container is for rep to destroy, and once', () => {
    const asks = (cell: CellText): boolean =>
      questionsOf(passOf(cell, { ...EMPTY_MEMORY, bootId: 'boot-1', comparedPasses: 1 }))
        .repProcesses;
    expect(asks(unowned)).to.equal(true);
    expect(asks({ ...unowned, reps: [] })).to.equal(false);
    expect(asks({ ...unowned, properties: {} })).to.equal(false);
    const unlisted = { ...unowned, listed: [] };
    expect(asks(unlisted)).to.equal(false);
    const pass = passWith(
      unowned,
      { ...EMPTY_MEMORY, bootId: 'boot-1', comparedPasses: 1 },
      { secondList: null },
    );
    expect(questionsOf(pass).repProcesses, 'not while it is not sure').to.equal(false);
    expect(NO_ANSWERS.repProcesses).to.equal(null);
  });
});
