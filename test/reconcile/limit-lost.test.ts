import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { eventOf } from '../../src/present/events.ts';
import { warningSentence } from '../../src/present/warning-texts.ts';
import { warningsAfter } from '../../src/reconcile/cell-warnings.ts';
import { transitionsOf } from '../../src/reconcile/transitions.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { A, passesOver } from './cell-builder.ts';
import {
  cellOf,
  expectAsked,
  expectRows,
  expectSaid,
  expectWarned,
  passAfter,
} from './cell-rows.ts';

const GOOD = '/garden/good/A';
const INIT = '/garden/good/A/init';
const BAD = '/garden/bad/A';
const NO_LIMITS = 'memory=0/max pids=0/max';
const above = ['', '/good', '/bad'].map((at) => `limits /garden${at} ${NO_LIMITS}`).join('; ');
const inBad = `${GOOD}:, ${INIT}:, ${BAD}: 200 201; ${above}; limits ${GOOD} memory=2/64 pids=0/max; limits ${INIT} memory=0/max pids=0/50`;
const inGood = `${GOOD}:, ${INIT}: 200 201, ${BAD}:; ${above}; limits ${GOOD} memory=2/64 pids=12/max; limits ${INIT} memory=0/max pids=12/50`;

/** As a real gdn (c2d9348c) and kernel (6.12) leave them, containerd mode. */
const throttled = `${inBad}; limits ${BAD} memory=40/max pids=12/max`;
const eating = `${inBad}; limits ${BAD} memory=200/max pids=12/max`;
/** The processes are back, what they took stays charged to the empty `bad/H`. */
const released = `${inGood}; limits ${BAD} memory=200/max pids=0/max`;
/** gdn makes `bad/H` for each container, throttled or not. */
const never = `${inGood}; limits ${GOOD} memory=60/64 pids=12/max; limits ${BAD} ${NO_LIMITS}`;
const off = (cell: string): string => cell.replaceAll(/ pids=[^ ;]+/g, '');
const ofB =
  'limits /garden/good/B memory=0/64 pids=0/max; limits /garden/good/B/init memory=0/max pids=0/50; limits /garden/bad/B memory=1/max pids=3/max';
const both = (cell: string): string =>
  `${cell.replace(';', ', /garden/good/B:, /garden/good/B/init:, /garden/bad/B: 300;')}; ${ofB}; lists A B`;
const decoys = `limits /garden ${NO_LIMITS}; limits /garden/bad ${NO_LIMITS}; limits ${GOOD} memory=0/1 pids=0/max; limits ${BAD} memory=100/max pids=0/max`;
const home = '/garden-0/good/A: 200, /garden-0/bad/A:';

const BOTH = 'memory.current,memory.max,pids.current,pids.max';
const OTHERS = ',memory.swap.max,cpu.max,io.max';
const LIMITS = `memory.max,pids.max${OTHERS}`;

describe('limit-lost: a throttled container on cgroup v2', () => {
  expectRows(
    `
is a warning of the cell while it runs without its limits, and tracked | ${throttled} > same | A tracked (2) at /garden/bad/A throttled, warning limit-lost 1
is one warning beside that of reads that hang | ${throttled}; hangs | A tracked (2) at /garden/bad/A throttled, warning limit-lost 1, warning hanging-reads
is pending when it holds more memory than its limit | ${eating} | A pending limit-lost critical (2) at /garden/bad/A throttled memory 211812352/67108864, warning limit-lost 1
is critical when it has held more for the grace period | ${eating} > same | A untracked limit-lost critical (2) at /garden/bad/A throttled memory 211812352/67108864, warning limit-lost 1
is critical after its release, too: the memory stays charged to the empty bad/H | ${released} > same | A untracked limit-lost critical (2) at /garden/good/A memory 211812352/67108864
is critical with more threads than its limit, which containerd sets in init | ${throttled}; limits ${BAD} memory=40/max pids=84/max > same | A untracked limit-lost critical (2) at /garden/bad/A throttled pids 84/50, warning limit-lost 1
has its limit of threads in good/H in runc mode | ${GOOD}:, ${BAD}: 200; ${above}; limits ${GOOD} memory=0/max pids=3/50; limits ${BAD} memory=0/max pids=48/max > same | A untracked limit-lost critical (1) at /garden/bad/A throttled pids 51/50, warning limit-lost 1
ends when it holds less again | ${eating} > same > ${never} | A tracked (2) at /garden/good/A
stays while its numbers cannot be read | ${eating} > same > ${inBad}; limits ${GOOD}; limits ${BAD} | A untracked limit-lost critical (2) at /garden/bad/A throttled because the limits of the container could not be read
does not begin while its numbers cannot be read | ${inBad}; limits ${GOOD}; limits ${BAD} > same | A tracked (2) at /garden/bad/A throttled
is judged by its memory alone where the controller pids is off | ${off(eating)} > same | A untracked limit-lost critical (2) at /garden/bad/A throttled memory 211812352/67108864, warning limit-lost 1
ends by its memory alone where the controller pids is off | ${off(eating)} > same > ${off(never)} | A tracked (2) at /garden/good/A
is a finding of one, beside the warning about all | ${both(eating)} > same | A untracked limit-lost critical (2) at /garden/bad/A throttled memory 211812352/67108864, B tracked (1) at /garden/bad/B throttled, warning limit-lost 2
is none for a container that was never throttled | ${never} > same | A tracked (2) at /garden/good/A
is none for one without a limit | ${eating}; limits ${GOOD} memory=2/max pids=0/max; limits ${INIT} ${NO_LIMITS} > same | A tracked (2) at /garden/bad/A throttled
is none where a mended guardian gives bad/H the limits | ${throttled}; limits ${GOOD} memory=60/64 pids=0/max; limits ${BAD} memory=60/64 pids=40/50 > same | A tracked (2) at /garden/bad/A throttled
is none where an ancestor of bad/H has a limit that is no higher | ${eating}; limits /garden/bad memory=0/64 pids=0/50 > same | A tracked (2) at /garden/bad/A throttled
is none where the Garden directory has one | ${eating}; limits /garden memory=0/32 pids=0/20 > same | A tracked (2) at /garden/bad/A throttled
is none for threads of a pea beside init | ${never.replace(';', ', /garden/good/A/A-envoy: 300;')}; limits ${GOOD} memory=60/64 pids=90/max; limits ${INIT} memory=0/max pids=40/50; limits ${GOOD}/A-envoy memory=0/max pids=50/max > same | A tracked (2) at /garden/good/A with A-envoy
is none for a pea with limits of its own | ${never.replace(';', ', /garden/good/A-liveness-healthcheck-0: 400;')}; limits /garden/good/A-liveness-healthcheck-0 memory=90/128 pids=70/max > same | A tracked (2) at /garden/good/A with A-liveness-healthcheck-0
is none for a privileged one, for which gdn makes an empty bad/H, too | /system.slice/A: 200, ${BAD}:; limits /garden ${NO_LIMITS}; limits /system.slice/A memory=90/64 pids=9/5; limits ${BAD} ${NO_LIMITS} > same | A tracked (1) privileged at /system.slice/A
is none for one that lives without throttling, although somebody made a good/H and a bad/H | /garden/A: 200, ${GOOD}:, ${BAD}:; ${decoys} > same | A tracked (1)
is none for one in another Garden directory, although somebody made these | ${home}, ${GOOD}:, ${BAD}:; ${decoys}; limits /garden-0/good/A memory=1/64 pids=1/50; limits /garden-0/bad/A ${NO_LIMITS} > same | A tracked (1) at /garden-0/good/A
is a warning where an ancestor limits only one of the two | ${eating}; limits /garden/bad memory=0/64 pids=0/max > same | A tracked (2) at /garden/bad/A throttled, warning limit-lost 1
is one where the limit of an ancestor is higher | ${eating}; limits /garden memory=0/512 pids=0/900 > same | A untracked limit-lost critical (2) at /garden/bad/A throttled memory 211812352/67108864, warning limit-lost 1
`,
    1000,
    'v2',
  );

  const WITHOUT = 'memory.swap.max=max cpu.max=max io.max=max';
  const free = throttled.replaceAll(/(limits [^;]*)/g, `$1 ${WITHOUT}`);
  const of = (path: string, files: string): string =>
    free.replace(new RegExp(`(limits ${path} [^;]*?)${WITHOUT}`), `$1${files}`);
  const ofGood = of(GOOD, 'memory.swap.max=0 cpu.max=50000 io.max=1');
  const inAncestor = of('/garden', 'memory.swap.max=0 cpu.max=max io.max=max').split('; ')[1];
  const none = `limits ${GOOD} ${NO_LIMITS} cpu.max=50000; limits ${INIT} ${NO_LIMITS}`;
  const named = (limits: string): string => `its limits (${limits}), because`;
  expectWarned(
    `
says what it holds | ${throttled} | 1 throttled container runs without ${named('memory.max, pids.max')} gdn moved it to a cgroup that has none. ${A} uses 42 MiB of memory with a limit of 64 MiB.
names each limit that no longer applies, in good/H | ${ofGood} | ${named('cpu.max, io.max, memory.max, memory.swap.max, pids.max')}
names each limit that no longer applies, in the leaf of containerd, too | ${of(INIT, 'cpu.max=50000')} | ${named('cpu.max, memory.max, pids.max')}
does not name one that bad/H or an ancestor has, or that could not be read | ${ofGood}; limits ${BAD} memory=40/max pids=12/max memory.swap.max=max io.max=1 cpu.max=null; ${inAncestor} | ${named('memory.max, pids.max')}
names one of a container that has no limit of memory or pids | ${free}; ${none} | ${named('cpu.max')}
`,
    1000,
    'v2',
  );
  expectSaid(
    `
says what it holds when that is more | ${eating} > same | This container uses 202 MiB of memory with a limit of 64 MiB. gdn throttled it, and the cgroup for throttled containers has no limit.
`,
    1000,
    'v2',
  );

  const files = (handle: string, others = ''): string =>
    [
      `v2:/garden/good/${handle} ${BOTH}${others}`,
      `v2:/garden/bad/${handle} ${BOTH}${others}`,
      `v2:/garden/good/${handle}/init pids.current,pids.max${others}`,
    ].join(' ');
  const unread = `${GOOD}:, ${INIT}:, ${BAD}: 200 201`;
  const beside = `${unread}, /garden/good/B:, /garden/good/B/init: 300, /garden/bad/B:; lists A B`;
  const ofA = `${files('A', OTHERS)} v2:/garden/bad ${LIMITS} v2:/garden ${LIMITS}`;
  const times = (count: number): string => Array.from({ length: count }, () => 'same').join(' > ');
  expectAsked(
    `
is asked about in the first pass, also where it is not throttled | ${beside} | cgroupNumbers ${ofA} ${files('B')}
is asked about in the next ones only where it is | ${beside} > same | cgroupNumbers ${ofA}
is asked about again in one of four | ${beside} > ${times(4)} | cgroupNumbers ${ofA} ${files('B')}
is not asked about without throttling | /garden/A/init: 200 | cgroupNumbers -
is asked about in each pass where it was found before, to see its end | ${released} > ${GOOD}:, ${INIT}: 200 201, ${BAD}: | cgroupNumbers ${files('A')} v2:/garden/bad memory.max,pids.max v2:/garden memory.max,pids.max
`,
    0,
    'v2',
  );

  it('is reported once, although a container is repeatedly throttled and released', () => {
    const cells = [throttled, never, throttled, never, never].map((cell, n) => ({
      ...cellOf(cell, 'v2'),
      at: n < 4 ? n * 15_000 : 645_000,
    }));
    const passes = passesOver(cells, gracePeriodsOfCheck(1000));
    const reported = passes.map(({ report, memory }, n) => {
      const { report: reportBefore = null, memory: memoryBefore = EMPTY_MEMORY } =
        passes[n - 1] ?? {};
      return transitionsOf({ memoryBefore, memory, reportBefore, report })
        .filter(({ kind }) => kind.startsWith('cell-'))
        .map((one) => eventOf(one, report.takenAt).sentence)
        .join();
    });
    expect(reported).to.deep.equal([
      passAfter(throttled, 1000, 'v2').report.cell.warnings.map(warningSentence).join(),
      '',
      '',
      '',
      'No container has run without its limits for 10 min.',
    ]);
  });

  it('is not reported again after a restart of the agent', () => {
    const at = { wall: '2026-01-01T00:00:00.000Z', monotonicMilliseconds: 900_000 };
    const read = { since: '2025-12-31T00:00:00.000Z', seenAt: null };
    const before = new Map([['limit-lost', read] as const]);
    const lost = warningsAfter(before, [], at).get('limit-lost');
    expect(lost).to.deep.equal({ ...read, seenAt: 900_000 });
    const { warnings } = passAfter(throttled, 1000, 'v2').memory.lastShown;
    expect(warningsAfter(before, warnings, at).get('limit-lost')?.since).to.equal(read.since);
  });
});
