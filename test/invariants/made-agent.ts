import type { AgentEvent } from '../../src/model/agent-state.ts';
import { asByteString } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { parentOf, ROOT } from '../../src/model/paths.ts';
import type { Transition } from '../../src/model/transition.ts';
import { firstState, next, type KnownState } from '../../src/agent/state.ts';
import { memoryText, parseMemory } from '../../src/parse/memory-file.ts';
import { checkSettings, completePass, type CompletedPass } from '../../src/pass/complete-pass.ts';
import { takeSnapshot } from '../../src/pass/take-snapshot.ts';
import type { CellProbe } from '../../src/probe/cell-probe.ts';
import { eventOf } from '../../src/present/events.ts';
import { acknowledge, acknowledgementTransitions } from '../../src/reconcile/acknowledge.ts';
import { gracePeriodsOfAgent } from '../../src/reconcile/lasting.ts';
import { transitionsOf } from '../../src/reconcile/transitions.ts';
import { MadeCell } from './made-cell.ts';
import type { History } from './made-histories.ts';
import { isAtOrBelow, type MadeProcess } from './made-kernel.ts';
import { madeProbe, steadyProbe, wallOf } from './made-probe.ts';

export const INTERVAL = 15_000;
export const GRACE = 30_000;
export const SETTINGS = checkSettings(gracePeriodsOfAgent(GRACE, INTERVAL));

export interface LivedPass extends CompletedPass {
  readonly before: Memory;
  /** It read the same as an earlier pass, and took its decision from that. */
  readonly isAgain: boolean;
  readonly transitions: readonly Transition[];
  readonly events: readonly AgentEvent[];
  readonly state: KnownState;
  /** Which process of the agent made it. */
  readonly process: number;
  /** What was lost both before and after the pass. */
  readonly lost: ReturnType<typeof lostOf>;
  /** The cgroups that had members both before and after the pass: paths by inode. */
  readonly living: ReturnType<typeof livingOf>;
  /** What has run for less than a grace period. */
  readonly young: ReadonlySet<string>;
  /** What Garden lists and cannot end: every process in its cgroup was killed. */
  readonly stuck: ReadonlySet<string>;
  /** The containers in which a process runs that was not killed. */
  readonly unharmed: ReadonlySet<string>;
  readonly serials: ReadonlyMap<string, number>;
  /** The same pass if the agent did not know whose containers are; only of some quiet passes. */
  readonly full: CompletedPass | null;
}

/** An acknowledgement, with what its client saw. */
interface GivenAcknowledgement {
  readonly handle: string;
  readonly finding: string;
  /** Either of them shows that it is the same container. */
  readonly serial: number | undefined;
  readonly inode: number | null;
  readonly until: string;
}

export interface Lived {
  readonly passes: readonly LivedPass[];
  readonly given: readonly GivenAcknowledgement[];
}

/** Lets an agent watch a cell through its history. */
export async function live({ layout, steps }: History): Promise<Lived> {
  const cell = new MadeCell(layout);
  const agent = new MadeAgent(cell);
  for (const one of steps) {
    const [verb, name = ''] = one.split(' ');
    if (verb === 'wait') cell.kernel.now += 60_000;
    else if (verb === 'restart') agent.restart();
    else if (verb === 'read-all') agent.readAll();
    else if (verb === 'ack') agent.acknowledge(name);
    else if (verb === 'pass')
      for (let left = Number(name || 1); left > 0; left--) await agent.pass();
    else cell.do(one);
  }
  return agent;
}

const READS = {
  allHierarchies: false,
  sweepsAll: true,
  sensors: [],
  isAnnounced: false,
} as const;
const NOTHING = { mustRead: 'everything', settled: null } as const;

/** The agent without its servers, files and timers. */
class MadeAgent {
  readonly passes: LivedPass[] = [];
  readonly given: GivenAcknowledgement[] = [];
  readonly #cell: MadeCell;
  #readsAll = false;
  #probe: CellProbe;
  #memory: Memory = EMPTY_MEMORY;
  #earlier: Pick<CompletedPass, 'mustRead' | 'settled'> = NOTHING;
  #state = FIRST_STATE;
  #process = 1;
  #between: Transition[] = [];

  constructor(cell: MadeCell) {
    this.#cell = cell;
    this.#probe = steadyProbe(madeProbe(cell));
  }

  /** From now on each pass reads everything. */
  readAll(): void {
    this.#readsAll = true;
  }

  restart(): void {
    const read = parseMemory(memoryText(this.#memory, wallOf(this.#cell)));
    if (!read.ok) throw new Error(read.why);
    const { lastShown, signalsReadAt, comparedPasses, peas, vanished, ledgers } = EMPTY_MEMORY;
    const ofProcess = { lastShown, signalsReadAt, comparedPasses, peas, vanished, ledgers };
    this.#memory = { ...read.memory, ...ofProcess };
    this.#state = FIRST_STATE;
    this.#probe = steadyProbe(madeProbe(this.#cell));
    this.#earlier = NOTHING;
    this.#process += 1;
  }

  acknowledge(handle: string): void {
    const wall = wallOf(this.#cell);
    const { lastReport: report } = this.#state;
    const request = { handle, milliseconds: 120_000, reason: 'known', by: 'me' };
    const outcome = acknowledge(request, { report, memory: this.#memory }, wall);
    if (!outcome.ok) return;
    const before = this.#memory;
    this.#memory = { ...before, acknowledgements: outcome.acknowledgements };
    this.#between.push(...acknowledgementTransitions(before.acknowledgements, this.#memory, wall));
    const { finding, until } = outcome.entry;
    const inode = [...before.containers].find(([name]) => name === handle)?.[1].cgroupInode ?? null;
    const serial = this.#cell.containers.get(handle)?.serial;
    this.given.push({
      handle,
      finding: `${finding.reason} ${finding.severity}`,
      serial,
      inode,
      until,
    });
  }

  async #fullPass(before: Memory): Promise<CompletedPass> {
    const containers = new Map(
      [...before.containers].map(([handle, one]) => [handle, { ...one, identity: null }]),
    );
    const asking = { ...before, containers };
    return completePass(
      await takeSnapshot(madeProbe(this.#cell), asking, { ...READS, ...NOTHING }),
      SETTINGS,
    );
  }

  async pass(): Promise<void> {
    const { kernel } = this.#cell;
    kernel.now += INTERVAL;
    const lostBefore = lostOf(this.#cell);
    const livingBefore = livingOf(this.#cell);
    const youngBefore = youngOf(this.#cell, kernel.now - GRACE);
    const [stuckBefore, unharmedBefore] = [stuckIn(this.#cell), unharmedIn(this.#cell)];
    const before = this.#memory;
    const isQuiet = this.#cell.during.size === 0;
    const { mustRead, settled } = this.#earlier;
    const taken = await takeSnapshot(this.#probe, before, {
      ...READS,
      mustRead: this.#readsAll ? 'everything' : mustRead,
      settled,
    });
    const completed = completePass(taken, SETTINGS);
    this.#earlier = completed;
    const isCompared = isQuiet && this.#readsAll && this.passes.length % 5 === 1;
    const full = isCompared ? await this.#fullPass(before) : null;
    const { report, memory, snapshot } = completed;
    const reportBefore = this.#state.lastReport;
    const transitions = transitionsOf({ memoryBefore: before, memory, reportBefore, report });
    const at = snapshot.listedAt ?? report.takenAt;
    const events = [...this.#between, ...transitions].map((one) => eventOf(one, at));
    this.#between = [];
    this.#memory = memory;
    const mountsChanged = transitions.filter(({ kind }) => kind === 'mount-changed').length;
    this.#state = next(this.#state, {
      kind: 'pass-ended',
      report,
      mountsChanged,
      seconds: Math.floor(kernel.now / 1000),
    });
    for (const event of events) this.#state = next(this.#state, { kind: 'event', event });
    const lostAfter = lostOf(this.#cell);
    const lost = new Map(
      [...lostBefore].filter(([name, { inode, isListed }]) => {
        const after = lostAfter.get(name);
        return after?.inode === inode && after.isListed === isListed;
      }),
    );
    const living = new Map([...livingOf(this.#cell)].filter(([inode]) => livingBefore.has(inode)));
    const youngAfter = youngOf(this.#cell, kernel.now - GRACE);
    const young = inBoth(youngBefore, youngAfter);
    const stuck = inBoth(stuckBefore, stuckIn(this.#cell));
    const unharmed = inBoth(unharmedBefore, unharmedIn(this.#cell));
    const serials = new Map([...this.#cell.containers].map(([name, { serial }]) => [name, serial]));
    this.passes.push({
      ...completed,
      isAgain: taken.settled !== null,
      before,
      transitions,
      events,
      state: this.#state,
      process: this.#process,
      lost,
      living,
      young,
      stuck,
      unharmed,
      serials,
      full,
    });
  }
}

/** What visibly runs in a cgroup of its own, unlisted or without an owner, with its inode. */
function lostOf(
  cell: MadeCell,
): ReadonlyMap<string, { readonly inode: number; readonly isListed: boolean }> {
  const { primary, directories } = cell.kernel;
  return new Map(
    [...cell.containers].flatMap(([handle, { isListed, isOwned, isAnswered }]) => {
      if (isListed && (isOwned || !isAnswered)) return [];
      const own = cell.pathOf(handle);
      const inode = directories.get(primary)?.get(own);
      const isHidden = hides(cell, own);
      const isShown = cell.inside(handle).some(({ isChrooted }) => !isChrooted);
      return isHidden || inode === undefined || !isShown
        ? []
        : [[handle, { inode, isListed }] as const];
    }),
  );
}

/** Cgroups of the primary hierarchy with processes in or below them: paths by inode. */
function livingOf({ kernel }: MadeCell): ReadonlyMap<number, string> {
  const inodes = kernel.directories.get(kernel.primary);
  const found = new Map<number, string>();
  for (const { paths } of kernel.processes.values()) {
    let path = asByteString(paths.get(kernel.primary) ?? ROOT);
    for (; path !== ROOT; path = parentOf(path)) found.set(inodes?.get(path) ?? 0, path);
  }
  return found;
}

/** Containers that were made after this time, in milliseconds since boot, with all processes. */
function youngOf(cell: MadeCell, time: number): ReadonlySet<string> {
  const isYoung = ({ startTicks }: MadeProcess): boolean => startTicks * 10 > time;
  return new Set(
    [...cell.containers].flatMap(([handle, { madeAt }]) =>
      madeAt > time && cell.of(handle).every(isYoung) ? [handle] : [],
    ),
  );
}

/** Whether a part of what is at or below this path cannot be read. */
const hides = ({ kernel: { unreadable } }: MadeCell, above: string): boolean =>
  [...unreadable].some((path) => isAtOrBelow(path, above));

const inBoth = <T>(one: ReadonlySet<T>, other: ReadonlySet<T>): ReadonlySet<T> =>
  new Set([...one].filter((each) => other.has(each)));

/** Those of a container in its own cgroup, without its peas. */
const own = (cell: MadeCell, handle: string): readonly MadeProcess[] =>
  cell
    .inside(handle)
    .filter(({ paths }) => paths.get(cell.kernel.primary)?.includes(`/${handle}-`) === false);

const stuckIn = (cell: MadeCell): ReadonlySet<string> =>
  new Set(
    [...cell.containers].flatMap(([handle, { isListed, isOwned, isAnswered }]) => {
      const processes = own(cell, handle);
      const isAlone = cell.outside(handle).length === 0 && !hides(cell, cell.pathOf(handle));
      const isWhole = isListed && isOwned && isAnswered && isAlone;
      const isKilled = processes.every(({ pid }) => cell.kernel.killed.has(pid));
      return isWhole && processes.length > 0 && isKilled ? [handle] : [];
    }),
  );

const unharmedIn = (cell: MadeCell): ReadonlySet<string> =>
  new Set(
    [...cell.containers.keys()].filter((handle) =>
      own(cell, handle).some(({ pid }) => !cell.kernel.killed.has(pid)),
    ),
  );

const FIRST_STATE = firstState({
  version: 'test',
  startedAt: '2027-01-15T08:00:00.000Z',
  intervalSeconds: INTERVAL / 1000,
  maxSeries: 20,
  runbookUrl: null,
});
