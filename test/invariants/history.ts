import fc from 'fast-check';
import type { AgentEvent } from '../../src/model/agent-state.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
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
import {
  ALTERNATIONS,
  CELL_VERBS,
  CONTAINER_VERBS,
  HANDLES,
  MadeCell,
  OPPOSITES,
} from './made-cell.ts';
import { LAYOUTS, type Layout } from './made-kernel.ts';
import { steadyProbe } from './steady-probe.ts';

export const INTERVAL = 15_000;
export const GRACE = 30_000;
export const SETTINGS = checkSettings(gracePeriodsOfAgent(GRACE, INTERVAL));

/**
 * The life of a cell, a step a line. Besides the steps of a made cell: `pass 4` lets the agent make
 * four passes, each after its interval, `wait` lets a minute go by, `restart` gives the
 * agent a new process, `read-all` lets all passes read everything, and `ack HANDLE` acknowledges a
 * finding for two minutes.
 */
export interface History {
  readonly layout: Layout;
  readonly steps: readonly string[];
}

const someHandle = fc.constantFrom(...HANDLES, HANDLES[0]);
const on = (...verbs: readonly string[]) =>
  fc.tuple(fc.constantFrom(...verbs), someHandle).map((words) => words.join(' '));
const created = on('create', 'create', 'create-privileged');
const somePasses = fc.constantFrom('pass', 'pass 4', 'pass 10');
const ofContainer = on(...CONTAINER_VERBS);
/** Something happens, is perhaps acknowledged, and later ends again. */
const episode = fc
  .tuple(fc.constantFrom(...OPPOSITES), someHandle, somePasses, fc.option(somePasses))
  .map(([[begin, end], name, during, acknowledged]) => [
    `${begin} ${name}`,
    during,
    ...(acknowledged === null ? [] : [`ack ${name}`, acknowledged]),
    `${end} ${name}`,
    'pass 4',
  ]);
/** A container is home in some passes, and somewhere else or another process in the others. */
const alternation = fc
  .tuple(
    fc.constantFrom(...ALTERNATIONS),
    someHandle,
    fc.array(fc.constantFrom('pass', 'pass', 'pass 2'), { minLength: 4, maxLength: 12 }),
  )
  .map(([verbs, name, passes]) =>
    passes.flatMap((pass, n) => [`${verbs[n % verbs.length]} ${name}`, pass]),
  );
const duringPass = fc
  .tuple(
    fc.constantFrom('walk', 'list', 'sweep', 'properties', 'scans'),
    fc.oneof(created, ofContainer),
  )
  .map(([read, one]) => [`before ${read} ${one}`, 'pass']);
const someSteps = fc.oneof(
  { weight: 6, arbitrary: episode },
  { weight: 2, arbitrary: created.map((one) => [one]) },
  { weight: 4, arbitrary: fc.tuple(ofContainer, somePasses) },
  { weight: 1, arbitrary: ofContainer.map((one) => [one]) },
  { weight: 2, arbitrary: alternation },
  { weight: 2, arbitrary: duringPass },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...CELL_VERBS, 'restart', 'wait'), somePasses) },
);
export const histories: fc.Arbitrary<History> = fc
  .record({
    layout: fc.constantFrom(...LAYOUTS),
    reads: fc.constantFrom([], ['read-all']),
    begin: fc.tuple(created, created),
    rest: fc.array(someSteps, { minLength: 1, maxLength: 8 }),
  })
  .map(({ layout, reads, begin, rest }) => ({
    layout,
    steps: [...reads, ...begin, 'pass', ...rest.flat()],
  }));

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
  readonly lost: ReturnType<MadeCell['lost']>;
  /** The cgroups that had members both before and after the pass: paths by inode. */
  readonly living: ReturnType<MadeCell['living']>;
  /** What has run for less than a grace period. */
  readonly young: ReadonlySet<string>;
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
    this.#probe = steadyProbe(cell.probe());
  }

  /** From now on each pass reads everything. */
  readAll(): void {
    this.#readsAll = true;
  }

  restart(): void {
    const read = parseMemory(memoryText(this.#memory, this.#cell.moment().wall));
    if (!read.ok) throw new Error(read.why);
    const { lastShown, comparedPasses, peas, vanished } = EMPTY_MEMORY;
    this.#memory = { ...read.memory, lastShown, comparedPasses, peas, vanished };
    this.#state = FIRST_STATE;
    this.#probe = steadyProbe(this.#cell.probe());
    this.#earlier = NOTHING;
    this.#process += 1;
  }

  acknowledge(handle: string): void {
    const { wall } = this.#cell.moment();
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
      await takeSnapshot(this.#cell.probe(), asking, { ...READS, ...NOTHING }),
      SETTINGS,
    );
  }

  async pass(): Promise<void> {
    const { kernel } = this.#cell;
    kernel.now += INTERVAL;
    const lostBefore = this.#cell.lost();
    const livingBefore = this.#cell.living();
    const youngBefore = this.#cell.youngerThan(kernel.now - GRACE);
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
    const lostAfter = this.#cell.lost();
    const lost = new Map(
      [...lostBefore].filter(([name, { inode, isListed }]) => {
        const after = lostAfter.get(name);
        return after?.inode === inode && after.isListed === isListed;
      }),
    );
    const living = new Map([...this.#cell.living()].filter(([inode]) => livingBefore.has(inode)));
    const youngAfter = this.#cell.youngerThan(kernel.now - GRACE);
    const young = new Set([...youngBefore].filter((handle) => youngAfter.has(handle)));
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
      serials,
      full,
    });
  }
}

const FIRST_STATE = firstState({
  version: 'test',
  startedAt: '2027-01-15T08:00:00.000Z',
  intervalSeconds: INTERVAL / 1000,
  maxSeries: 20,
  runbookUrl: null,
});
