import type { AgentEvent } from '../../src/model/agent-state.ts';
import { isEqual } from '../../src/model/equal.ts';
import { asByteString } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { Names, NamesOfPass } from '../../src/model/names.ts';
import { parentOf, ROOT } from '../../src/model/paths.ts';
import type { Transition } from '../../src/model/transition.ts';
import { firstState, next, type KnownState } from '../../src/agent/state.ts';
import { namesAfter, noNames } from '../../src/names/known-names.ts';
import { checkSettings, completePass, type CompletedPass } from '../../src/pass/complete-pass.ts';
import { namesOfPass } from '../../src/pass/names-of-pass.ts';
import { takeSnapshot } from '../../src/pass/take-snapshot.ts';
import type { CellProbe } from '../../src/probe/cell-probe.ts';
import { eventOf } from '../../src/present/events.ts';
import { gracePeriodsOfAgent } from '../../src/reconcile/difference.ts';
import { transitionsOf } from '../../src/reconcile/transitions.ts';
import { reread } from '../parse/reread-memory.ts';
import { MadeCell } from './made-cell.ts';
import type { History } from './made-histories.ts';
import { isAtOrBelow, type MadeProcess } from './made-kernel.ts';
import { madeProbe, steadyProbe } from './made-probe.ts';

export const INTERVAL = 15_000;
export const GRACE = 30_000;
export const SETTINGS = checkSettings(gracePeriodsOfAgent(GRACE, INTERVAL));

export interface LivedPass extends CompletedPass, Truth {
  readonly before: Memory;
  /** It read the same as an earlier pass, and took its decision from that. */
  readonly isAgain: boolean;
  readonly transitions: readonly Transition[];
  readonly events: readonly AgentEvent[];
  readonly state: KnownState;
  /** Which process of the agent made it. */
  readonly process: number;
  /** Which containers exist after it. */
  readonly existing: ReadonlySet<string>;
  /** What it shows of names, beyond what the pass before showed. */
  readonly seen: NamesOfPass;
  readonly names: Names;
  /** The same if the pass shows all of them. */
  readonly namesAnew: Names;
  /** The same pass if the agent did not know whose containers are; only of some quiet passes. */
  readonly full: CompletedPass | null;
}

/** What is so on the cell, both before and after a pass. */
interface Truth {
  /** What visibly runs in a cgroup of its own, unlisted or without an owner, with its inode. */
  readonly lost: ReadonlyMap<string, { readonly inode: number; readonly isListed: boolean }>;
  /** Cgroups of the primary hierarchy with processes in or below them: paths by inode. */
  readonly living: ReadonlyMap<number, string>;
  /** What has run for less than a grace period. */
  readonly young: ReadonlySet<string>;
  /** What Garden lists and cannot end: every process in its cgroup was killed. */
  readonly stuck: ReadonlySet<string>;
  /** The containers in which a process runs that was not killed. */
  readonly unharmed: ReadonlySet<string>;
}

export interface Lived {
  readonly passes: readonly LivedPass[];
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
    else if (verb === 'pass')
      for (let left = Number(name || 1); left > 0; left--) await agent.pass();
    else cell.do(one);
  }
  return agent;
}

const READS = { allHierarchies: false, sweepsAll: true, sensors: [], isAnnounced: false } as const;
const NOTHING = { mustRead: 'everything', reusable: null } as const;
const NO_FACTS = new Map<never, never>();

/** The agent without its servers, files and timers. */
class MadeAgent {
  readonly passes: LivedPass[] = [];
  readonly #cell: MadeCell;
  #readsAll = false;
  #probe: CellProbe;
  #memory: Memory = EMPTY_MEMORY;
  #earlier: Pick<CompletedPass, 'mustRead' | 'reusable'> = NOTHING;
  #state = FIRST_STATE;
  #names = noNames(0);
  #process = 1;

  constructor(cell: MadeCell) {
    this.#cell = cell;
    this.#probe = steadyProbe(madeProbe(cell));
  }

  /** From now on each pass reads everything. */
  readAll(): void {
    this.#readsAll = true;
  }

  restart(): void {
    this.#memory = reread(this.#memory);
    this.#state = FIRST_STATE;
    this.#names = noNames(0);
    this.#probe = steadyProbe(madeProbe(this.#cell));
    this.#earlier = NOTHING;
    this.#process += 1;
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
    const truth = truthOf(this.#cell);
    const before = this.#memory;
    const isQuiet = this.#cell.during.size === 0;
    const { mustRead, reusable } = this.#earlier;
    const taken = await takeSnapshot(this.#probe, before, {
      ...READS,
      mustRead: this.#readsAll ? 'everything' : mustRead,
      reusable,
    });
    const completed = completePass(taken, SETTINGS);
    this.#earlier = completed;
    const seen = namesOfPass(taken, completed.report, reusable);
    const anew = namesOfPass(taken, completed.report, null);
    const namesAnew = namesAfter(this.#names, anew, NO_FACTS);
    this.#names = namesAfter(this.#names, seen, NO_FACTS);
    const isCompared = isQuiet && this.#readsAll && this.passes.length % 5 === 1;
    const full = isCompared ? await this.#fullPass(before) : null;
    const { report, memory, snapshot } = completed;
    const reportBefore = this.#state.lastReport;
    const transitions = transitionsOf({ memoryBefore: before, memory, reportBefore, report });
    const events = transitions.map((one) => eventOf(one, snapshot.listedAt));
    this.#memory = memory;
    const mountsChanged = transitions.filter(({ kind }) => kind === 'mount-changed').length;
    this.#state = next(this.#state, {
      kind: 'pass-ended',
      report,
      mountsChanged,
      seconds: Math.floor(kernel.now / 1000),
    });
    for (const event of events) this.#state = next(this.#state, { kind: 'event', event });
    this.passes.push({
      ...completed,
      // Nothing happens during a quiet pass.
      ...(isQuiet ? truth : inBoth(truthOf(this.#cell), truth)),
      isAgain: taken.reused !== null,
      before,
      transitions,
      events,
      state: this.#state,
      process: this.#process,
      existing: new Set(this.#cell.containers.keys()),
      seen,
      names: this.#names,
      namesAnew,
      full,
    });
  }
}

function truthOf(cell: MadeCell): Truth {
  const { kernel } = cell;
  const { primary } = kernel;
  const inodes = kernel.directories.get(primary);
  const living = new Map<number, string>();
  for (const { paths } of kernel.processes.values()) {
    let path = asByteString(paths.get(primary) ?? ROOT);
    for (; path !== ROOT; path = parentOf(path)) living.set(inodes?.get(path) ?? 0, path);
  }
  const truth = {
    lost: new Map<string, { readonly inode: number; readonly isListed: boolean }>(),
    living,
    young: new Set<string>(),
    stuck: new Set<string>(),
    unharmed: new Set<string>(),
  };
  const isYoung = ({ startTicks }: MadeProcess): boolean => startTicks * 10 > kernel.now - GRACE;
  const isKilled = ({ pid }: MadeProcess): boolean => kernel.killed.has(pid);
  for (const [handle, { isListed, isOwned, isAnswered, madeAt }] of cell.containers) {
    const path = cell.pathOf(handle);
    const all = cell.of(handle);
    const inside = cell.inside(handle);
    const isPea = ({ paths }: MadeProcess) => paths.get(primary)?.includes(`/${handle}-`) === true;
    const withoutPeas = inside.filter((one) => !isPea(one));
    const inode = inodes?.get(path);
    const isHidden = [...kernel.unreadable].some((one) => isAtOrBelow(one, path));
    const isShown = !isHidden && inside.some(({ isChrooted }) => !isChrooted);
    const isLost = !isListed || (!isOwned && isAnswered);
    if (isLost && isShown && inode !== undefined) truth.lost.set(handle, { inode, isListed });
    if (madeAt > kernel.now - GRACE && all.every(isYoung)) truth.young.add(handle);
    if (!withoutPeas.every(isKilled)) truth.unharmed.add(handle);
    else if (withoutPeas.length > 0 && all.length === inside.length && !isHidden && !isLost) {
      if (isAnswered) truth.stuck.add(handle);
    }
  }
  return truth;
}

const inBoth = (one: Truth, other: Truth): Truth => ({
  lost: new Map([...one.lost].filter(([name, was]) => isEqual(was, other.lost.get(name)))),
  living: new Map([...one.living].filter(([inode]) => other.living.has(inode))),
  young: common(one.young, other.young),
  stuck: common(one.stuck, other.stuck),
  unharmed: common(one.unharmed, other.unharmed),
});

const common = (some: ReadonlySet<string>, others: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...some].filter((one) => others.has(one)));

const FIRST_STATE = firstState({
  version: 'test',
  startedAt: '2027-01-15T08:00:00.000Z',
  intervalSeconds: INTERVAL / 1000,
  runbookUrl: null,
});
