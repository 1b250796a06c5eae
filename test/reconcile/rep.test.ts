import { expect } from 'chai';
import { whatToDo } from '../present/advised.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { gracePeriodsOfAgent } from '../../src/reconcile/lasting.ts';
import { bpmRep, cellOfOne, firstOf, G, passesOver, type CellText } from './cell-builder.ts';
import { expectAsked, expectPasses, expectRows } from './cell-rows.ts';

describe('a container that Garden lost the properties of, and rep', () => {
  /** garden-init (200) is pid 1 of the container, and started at tick 1000; the app a little later. */
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

    const pids = [11, 12, 13, 14, 15];
    const own = pids.map((pid) => `${pid}/${pid - 4}#5000=app`).join(' ');
    const wrapped = `garden/A: ${pids.join(' ')} 30000; unowned A; processes ${own}; reps 50/2#3000${rep}`;
    const first = 'starts 30000/1#1000';
    expectRows(`
is not known before pid 1 was found among many processes, after pids have wrapped | ${wrapped} | A pending unowned critical (6) rep older
is known then | ${wrapped}; ${first} | A untracked unowned critical (6) rep newer
`);
    expectAsked(`
is asked of the processes that are not evidence | ${wrapped} | starts 30000
is asked once | ${wrapped}; ${first} | starts -
`);
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

  const lostOf = (name: string, pids: string): string =>
    two
      .replace('A: 200 201', `${name}: ${pids}`)
      .replace('unowned A', `lists ${name}; unowned ${name}`);
  const [newer, older] = [`reps 50/2#2000${rep}`, `reps 50/2#900${rep}`];
  const LOST = 'This container runs and Garden lists it, but Garden lost its properties';
  describe('the agent', () => {
    expectPasses(`
alarms after the grace period where rep has restarted: that is for good | ${two}; ${newer} * 3 | pending unowned critical x2, untracked unowned critical | ${LOST}. rep has restarted since, so Diego never removes, stops or restarts the container. Within a minute Diego also stops routing to the container. & Find out whose container it is.
waits for a rep that knows the container | ${two}; ${older} * 2 | pending unowned critical x2 | ${LOST}. Diego still knows the container and should remove it within a minute. Only a difference
says after that for how long it has not removed it | ${two}; ${older} * 9 | pending unowned critical x8, untracked unowned critical | ${LOST}. Diego still knows the container and should have removed it within a minute; 2 min have passed. & Read in rep's log why rep cannot destroy the container.
does not wait for it to remove what is neither app nor task | ${lostOf('x', '200 201')}; ${older} * 3 | pending unowned critical x2, untracked unowned critical | ${LOST}. The container is neither an app nor a task, so nothing in Diego removes it.
only warns where the app has ended and garden-init is left | ${lostOf('A', '200')}; ${newer} * 3 | pending unowned warning x2, untracked unowned warning
does not where a part of it is hidden | ${lostOf('A', '200, garden/A/x:')}; ${newer}; unreadable garden/A/x * 3 | pending unowned critical x2, untracked unowned critical
names, where no rep runs, what keeps one from starting | ${two}; reps - * 9 | pending unowned critical x8, untracked unowned critical | "max containers reached" & runbook recognised
`);

    expectPasses(
      `
waits at least 120 seconds for a rep that knows it, however short the grace period is | ${two}; ${older} * 9 | pending unowned critical x8, untracked unowned critical
`,
      1,
    );
    expectPasses(
      `
waits four grace periods for it | ${two}; ${older} * 17 | pending unowned critical x16, untracked unowned critical
`,
      60,
    );
    expectPasses(
      `
waits four grace periods without a rep, and says that none runs | ${two}; reps - * 5 | pending unowned critical x4, untracked unowned critical | No rep runs on this cell
`,
      15,
    );
  });

  it('is not waited for to remove its own health check', () => {
    const CHECK = 'check-1f0b7d3e-0000-4000-8000-000000000000';
    const lostCheck: CellText = {
      ...cellOfOne(CHECK, '200'),
      properties: { [CHECK]: null },
      processes: [{ pid: 200, namespacePids: [200, 1], startTicks: 1000, comm: 'garden-init' }],
      reps: [bpmRep(900)],
    };
    const passes = [0, 15_000, 30_000].map((at) => ({ ...lostCheck, at }));
    const found = passesOver(passes, gracePeriodsOfAgent(30_000, 15_000)).map(({ report }) =>
      firstOf(report),
    );
    expect(found.map(({ status }) => status)).to.deep.equal(['pending', 'pending', 'untracked']);
    for (const one of found) expect(one).to.include({ reason: 'unowned', severity: 'warning' });
    const [last = expect.fail('no pass')] = found.slice(-1);
    expect(containerSentence(last)).to.contain(
      'Only the init process (garden-init) of this container still runs. Garden lists the container, but lost its properties. ' +
        'The container is a health check of rep, which finds its health checks by a property. So nothing in Diego removes this one any more.',
    );
    expect(whatToDo(last)).to.contain('-X DELETE').and.contain('a restart of rep does not help.');
  });

  describe('a check', () => {
    const rows: Readonly<Record<number, string>> = {
      30: `needs more than 30 seconds where rep may still remove it | ${two}; ${older} > same > same | A pending`,
      120: `needs 120 seconds there | ${two}; ${older} > same | A untracked`,
      2: `needs its settle time where rep has restarted | ${two}; ${newer} > same | A untracked`,
      3: `needs its settle time where no rep runs | ${two}; reps - > same | A untracked`,
    };
    for (const [seconds, row] of Object.entries(rows)) {
      const age = row.includes(older) ? 'older' : row.includes(newer) ? 'newer' : 'none';
      expectRows(`${row} unowned critical (2) rep ${age}`, Number(seconds) * 1000);
    }
  });

  expectAsked(`
is asked for while some container is for rep to destroy | ${two} > same | repProcesses yes
is asked for once | ${two}; reps - > same | repProcesses -
is not asked for while nothing is lost | garden/A: 200 201 > same | repProcesses -
is not asked for where Garden does not list what was | garden/A: 200 201; lists - > same | repProcesses -
is not asked for while it is not sure | ${two} > same; open secondList | repProcesses -
`);
});
