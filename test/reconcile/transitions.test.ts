import { expect } from 'chai';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { Report } from '../../src/model/report.ts';
import type { SensorReport } from '../../src/model/sensor.ts';
import { transitionsOf } from '../../src/reconcile/transitions.ts';
import { readAgain } from '../parse/memory-again.ts';
import { rowsOf } from '../rows.ts';
import { SENSOR } from '../present/agent-state-builder.ts';
import { A, B, G, reportAfter, type CellText } from './cell-builder.ts';
import { cellOf } from './cell-rows.ts';

const cell = (tree: string, listed: readonly string[] | null, at: number): CellText => ({
  trees: { memory: `${G}: 100\n${tree}` },
  listed,
  at,
});
const healthy = (at: number): CellText => cell(`${G}/garden/${A}: 200`, [A], at);
const lost = (at: number): CellText =>
  cell(`${G}/garden/${A}: 200\n${G}/garden/${B}: 300`, [A], at);
const blind = (at: number): CellText => ({ ...lost(at), listed: null });
/** gdn is not in the cgroup that it says it is in. */
const namespaced = (at: number): CellText => ({
  ...healthy(at),
  gdn: [{ pid: 555, cgroups: { memory: G } }],
});
const unreadable = (at: number): CellText => ({ ...healthy(at), unreadable: [`${G}/garden`] });

const lifeless = (at: number): CellText => cell(`${G}/garden:`, [A], at);
const CELLS: Readonly<Record<string, (at: number) => CellText>> = {
  healthy,
  lost,
  blind,
  namespaced,
  unreadable,
  lifeless,
  both: (at) => ({ ...lost(at), listed: [A, B] }),
  unowned: (at) => ({ ...healthy(at), properties: { [A]: null } }),
  destroyed: (at) => ({ ...lifeless(at), created: [] }),
  nothing: (at) => cell(`${G}/garden:`, [], at),
};

/** What is reported at each pass of one agent, `-` for nothing; `restart` begins a new one with the memory of the last. */
function reported(
  steps: readonly (CellText | 'restart')[],
  settle = 2000,
  earlier: Memory = EMPTY_MEMORY,
): string[] {
  let memory = earlier;
  let reportBefore: Report | null = null;
  const all: string[] = [];
  for (const step of steps) {
    if (step === 'restart') {
      reportBefore = null;
      memory = readAgain(memory);
      continue;
    }
    const memoryBefore: Memory = memory;
    const { report, memory: next } = reportAfter([step], settle, memory);
    memory = next;
    const transitions = transitionsOf({ memoryBefore, memory, reportBefore, report });
    const kinds = transitions.map(({ kind }) => kind).filter((kind) => kind !== 'mounts-chosen');
    all.push(kinds.join('+') || '-');
    reportBefore = report;
  }
  return all;
}

/** A test of each row: what holds | `TIME CELL` or a step, … | what is reported at each pass. With ` > ` between them, cells are rows. */
function expectReported(table: string, settle: number): void {
  for (const [title = '', told = '', expected = ''] of rowsOf(table)) {
    it(title, () => {
      let bootId = 'boot-1';
      let before: CellText | null = null;
      const texts = told.split(told.includes(' > ') ? ' > ' : ', ');
      const steps = texts.flatMap((text): readonly (CellText | 'restart')[] => {
        if (text === 'restart') return [text];
        if (text === 'reboot') {
          bootId = 'boot-2';
          return [];
        }
        const [time = '', name = ''] = text.split(' ');
        const at = Number(time);
        before = CELLS[name]?.(at) ?? cellOf(text.slice(time.length + 1), 'memory', before);
        return [{ ...before, at, bootId }];
      });
      expect(reported(steps, settle).join(' ')).to.equal(expected);
    });
  }
}

describe('transitions: every change is reported once', () => {
  expectReported(
    `
reports a finding when it has lasted, and its end | 0 lost, 1000 lost, 2000 lost, 3000 lost, 4000 healthy, 5000 healthy | - - untracked - gone -
reports a recovery when Garden lists the container again | 0 lost, 2000 lost, 4000 both | - untracked recovered
does not report it again after a restart | 0 lost, 2000 lost, restart, 4000 lost | - untracked -
continues the grace period after a restart, without the time that no agent saw | 0 lost, 1500 lost, restart, 90000 lost, 90400 lost, 90500 lost | - - - - untracked
reports what vanished while no agent ran | 0 lost, 2000 lost, restart, 4000 healthy | - untracked gone
reports Garden's absence and return once each, and nothing about containers in between | 0 lost, 2000 lost, 3000 blind, 4000 blind, 5000 blind, 6000 lost | - untracked garden-unavailable - - garden-available
reports once that the state is unknown, and when it is known again | 0 healthy, 1 unreadable, 2 unreadable, 3 healthy | - could-not-tell - can-tell-again
reports the end of a cause during which Garden went away | 0 namespaced, 1 blind, 2 healthy, 3 healthy | could-not-tell garden-unavailable garden-available+can-tell-again -
reports a cause once that continues each time Garden is back | 0 namespaced, 1 blind, 2 namespaced, 3 blind, 4 namespaced, 5 healthy | could-not-tell garden-unavailable garden-available garden-unavailable garden-available can-tell-again
reports a cause that becomes another one, and one end for both | 0 namespaced, 1 blind, 2 unreadable, 3 healthy | could-not-tell garden-unavailable garden-available+could-not-tell can-tell-again
reports a cause that outlives the agent once, and its end | 0 unreadable, restart, 1 unreadable, 2 healthy | could-not-tell - can-tell-again
reports the end of a cause that a reboot ended | 0 unreadable, reboot, 1 healthy | could-not-tell can-tell-again
reports at once what a reboot ended, even before Garden is up | 0 lost, 2000 lost, reboot, 10 blind, 1000 healthy | - untracked garden-unavailable+gone garden-available
reports what a reboot ended | 0 lost, 2000 lost, reboot, 10 healthy | - untracked gone
`,
    2000,
  );

  // A clock that was wrong at boot makes no difference.
  expectReported(
    `
reports one that a reboot ended and that is lost again as gone and new | 0 lost, reboot, 5000 lost | untracked gone+untracked
does so where the clock was set back at boot | 0 lost, reboot, 0 lost | untracked gone+untracked
`,
    0,
  );

  const hangs = 'garden/A: 200; hangs';
  expectReported(
    `
reports a warning of the cell when it begins, and when no pass has it any more | 0 healthy > 15000 ${hangs} > 30000 same > 45000 garden/A: 200 > 60000 same | - cell-warning - cell-recovered -
reports one that began while nothing could be compared in the next pass that compares | 0 healthy > 15000 ${hangs}; lists ? > 30000 ${hangs} | - garden-unavailable garden-available+cell-warning
`,
    60_000,
  );

  const outside = 'garden:; mounted A=4711; processes 4711=app';
  expectReported(
    `
reports a warning that turns critical and back once: its series show the severity | 0 garden: > 90000 same > 91000 ${outside} > 92000 garden: > 93000 ${outside} | - untracked - - -
`,
    30_000,
  );

  describe('what was reported stays open until it is tracked, gone or another finding', () => {
    expectReported(
      `
reports no recovery of one that lost its owner and dies: it is gone | 0 unowned, 30000 unowned, 31000 lifeless, 32000 lifeless, 33000 nothing | - untracked - - gone
reports another reason as a change of the same finding | 0 unowned, 30000 unowned, 31000 lifeless, 61000 lifeless, 62000 healthy | - untracked - changed recovered
reports no recovery of one that is being destroyed | 0 unowned, 30000 unowned, 31000 destroyed, 32000 nothing | - untracked - gone
reports nothing twice when the reason comes back | 0 unowned, 30000 unowned, 31000 lifeless, 32000 unowned, 62000 unowned | - untracked - - -
is gone after a restart if it was before one | 0 unowned, 30000 unowned, 31000 lifeless, restart, 32000 nothing | - untracked - gone
recovers after a restart if it was open before one | 0 unowned, 30000 unowned, 31000 lifeless, restart, 32000 healthy | - untracked - recovered
`,
      30_000,
    );

    const check = 'garden/A-liveness-healthcheck-0: 201';
    const moved = `/moved: 200, garden:, ${check}`;
    expectReported(
      `
recovers when its directory has its name again, which its health check outlived | 0 garden/A: 200, ${check} > 1000 ${moved} > 31000 same > 61000 same > 62000 garden/A: 200, ${check} | - - untracked - recovered
`,
      30_000,
    );

    // Another gdn took over, and the first one's directories are another Garden's.
    const taken = 'garden/B: 300, /y: 101, /y/garden/A: 200; gdn 100 101@/y';
    expectReported(
      `
is not gone while its cgroup has processes, whoever seems to own it | 0 lost > 2000 lost > 3000 ${taken} > 4000 same | - untracked - -
is gone once they have ended | 0 lost > 2000 lost > 3000 ${taken} > 4000 /y: 101, /y/garden/A: 200; gdn 101@/y | - untracked - gone
is gone once its cgroup has the name of a listed container again | 0 healthy > 1000 garden/B: 200; renamed garden/B=garden/A > 3000 same > 4000 healthy > 5000 healthy | - - untracked gone -
`,
      2000,
    );
  });

  for (const lists of ['A B', 'A']) {
    const more = `lists ${lists}; unowned B`;
    const whole = 'garden/A: 200, garden/B: 300';
    // The tags differ, so that some of these directories have lower inodes than its own.
    for (const tag of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const decoyed = `${whole}, garden-${tag}/B:; ${more}`;
      expectReported(
        `
is not gone, and not new, where somebody makes and removes garden-${tag} with its name, and Garden lists ${lists} | 0 ${whole}; ${more} > 1000 ${decoyed} > 2000 ${whole}; ${more} > 3000 ${decoyed} > 4000 ${whole}; ${more} | - - untracked - -
`,
        2000,
      );
    }
    const inTag = (time: number, ticks = 7): string =>
      `${time} garden/A: 200, garden-${time}/B: 300; ${more}; processes 300#${ticks}=app`;
    const steps = [0, 2000, 4000].map((time) => inTag(time)).join(' > ');
    expectReported(
      `
is not new where its processes are in another cgroup in each pass, and Garden lists ${lists} | ${steps} | - untracked -
is gone where these are others, and Garden lists ${lists} | ${steps} > ${inTag(6000, 8)} | - untracked - gone
`,
      2000,
    );
  }

  const [good, bad] = ['garden/good/A: 200, garden/bad/A:', 'garden/good/A:, garden/bad/A: 200'];
  expectReported(
    `
is one finding of a container that gdn throttles and releases | 0 ${good}; unowned A > 2000 ${bad}; unowned A > 4000 ${good}; unowned A | - untracked -
reports a reused handle as gone and new | 0 lost > 2000 lost > 4000 garden/A: 200, garden/good/B: 300 > 6000 same | - untracked gone untracked
`,
    2000,
  );
});

describe('transitions of sensors', () => {
  const sensor = (pid: number): SensorReport => ({ ...SENSOR, pid, startTicks: pid });
  const { report, memory } = reportAfter([healthy(0)], 2000, EMPTY_MEMORY);
  const kinds = (before: readonly SensorReport[], now: readonly SensorReport[], bootId?: string) =>
    transitionsOf({
      memoryBefore: { ...memory, bootId: bootId ?? memory.bootId, sensors: before },
      memory: { ...memory, sensors: now },
      reportBefore: report,
      report: { ...report, sensors: now },
    }).map(({ kind }) => kind);

  it('are reported when one starts, ends, or is another process', () => {
    expect(kinds([], [sensor(7)])).to.deep.equal(['sensor-started']);
    expect(kinds([sensor(7)], [sensor(7)])).to.deep.equal([]);
    expect(kinds([sensor(7)], [sensor(8)])).to.deep.equal(['sensor-started']);
    expect(kinds([sensor(7)], [])).to.deep.equal(['sensor-stopped']);
  });

  it('begin anew with a boot', () => {
    expect(kinds([sensor(7)], [sensor(7)], 'an earlier boot')).to.deep.equal(['sensor-started']);
  });
});
