import type { AgentConfig } from '../model/agent-config.ts';
import type { AgentState, AgentEvent } from '../model/agent-state.ts';
import type { Transition } from '../model/transition.ts';
import type { KnownFailure } from '../model/failure.ts';
import type { Memory } from '../model/memory.ts';
import type { UnknownCause, Report } from '../model/report.ts';
import { oneLine } from '../model/text.ts';
import { passInSteps, type CompletedPass, type PassSettings } from '../pass/complete-pass.ts';
import { takeSnapshot } from '../pass/take-snapshot.ts';
import { verifyInSteps, type MadePass } from '../pass/verify-pass.ts';
import { eventOf, summaryEvent, withRunbookLink } from '../present/events.ts';
import type { CellProbe } from '../probe/cell-probe.ts';
import { removedDirectoryFailure } from '../reconcile/garden-directory.ts';
import { transitionsOf, unknownTransitions } from '../reconcile/transitions.ts';
import { MemoryKeeper, type MemoryError } from './memory-keeper.ts';
import { BURST_MILLISECONDS, nextPassIn, restAfterPass, someInterval, Waits } from './schedule.ts';
import { PassCounts } from './pass-counts.ts';
import { RandomTimes } from './random-times.ts';
import { RunningDrill } from './running-drill.ts';
import { ServerReports } from './server-reports.ts';
import { firstState, next, type KnownState, type StateChange } from './state.ts';
import { reportedCauseAfter } from '../reconcile/unknown-cause.ts';
import { gracePeriodsOfAgent } from '../reconcile/difference.ts';

/** A timer may end this much too early. */
const TIMER_MILLISECONDS = 2;

const DIFFERS =
  'A pass differs from a full pass over the same snapshot. This is a bug in rollcall; please report it.';
const FIRST = { mustRead: 'everything', reusable: null } as const;

export interface AgentParts {
  readonly config: AgentConfig;
  readonly version: string;
  readonly probe: CellProbe;
  readonly log: (event: AgentEvent) => void;
  /** Called with each pass; null: it failed. */
  readonly passEnded: (made: MadePass | null) => void;
  /** A number from 0 to 1, at random. */
  readonly chance: () => number;
  /** Every how many passes one is compared with a full pass over the same snapshot; 0: none. */
  readonly verifyPasses: number;
}

/** The daemon without its servers: makes passes one after another, remembers, logs changes once. */
export class Agent {
  readonly #parts: AgentParts;
  readonly #keeper: MemoryKeeper;
  readonly #settings: PassSettings;
  readonly #interval: number;
  readonly #waits = new Waits();
  readonly #glances: RandomTimes;
  readonly drill = new RunningDrill(this.#emit.bind(this), (drill) => {
    this.#change({ kind: 'drill', drill });
  });
  /** Where its servers say that they cannot serve, and what they were asked. */
  readonly reports = new ServerReports(this.#say.bind(this));
  #memory: Memory;
  /** What the next pass must read, and what it need not decide again. */
  #earlier: Pick<CompletedPass, 'mustRead' | 'reusable'> = FIRST;
  #state: KnownState;
  /** Consecutive passes that compared nothing, or not all containers. */
  #failures = 0;
  /** Whether the last pass compared nothing. */
  #isNotCompared = false;
  #isStopping = false;
  /** What was reported about the memory file while it cannot be written. */
  #memoryError: MemoryError | null = null;
  #isDifferenceReported = false;
  /** Passes since one was compared with a full one. */
  #sinceVerified = 0;
  readonly #counts: PassCounts;
  /** When the last pass ended, or the agent started. */
  #lastEnd: number;

  constructor(parts: AgentParts) {
    const { config, version, probe } = parts;
    this.#parts = parts;
    this.#glances = new RandomTimes(() => this.#glance(), parts.chance);
    this.#keeper = new MemoryKeeper(config.memory.path);
    this.#interval = config.reconcile.intervalSeconds * 1000;
    const gracePeriod = config.reconcile.gracePeriodSeconds * 1000;
    this.#settings = {
      gracePeriods: gracePeriodsOfAgent(gracePeriod, this.#interval),
      sensors: config.sensors,
      gardenSocket: config.garden.socketPath,
    };
    this.#state = firstState({
      version,
      startedAt: probe.now().wall,
      intervalSeconds: config.reconcile.intervalSeconds,
      runbookUrl: config.runbookUrl,
    });
    const now = probe.now();
    this.#lastEnd = now.monotonicMilliseconds;
    this.#counts = new PassCounts(now);
    const { memory, error } = this.#keeper.load();
    this.#memory = memory;
    this.#say('rollcall.started', 'info', 'The agent has started.', { version });
    if (error !== null) this.#say(error.message, 'error', error.sentence);
  }

  state(): AgentState {
    return this.#state;
  }

  /** Whether passes still complete, whatever they find. */
  isAlive(longestMilliseconds: number): boolean {
    return this.#parts.probe.now().monotonicMilliseconds - this.#lastEnd < longestMilliseconds;
  }

  /** A change on the cell: brings the next pass forward, if the cell can be compared. */
  containersChanged(): void {
    if (!this.#isNotCompared) this.#waits.changed();
  }

  gardenChanged(): void {
    this.#failures = 0;
    this.#isNotCompared = false;
    this.#waits.changedUrgently();
  }

  /** Hourly, whether or not passes complete: silence does not show that the agent still works. */
  summarize(): void {
    const { log, probe } = this.#parts;
    // The summary is logged, but is not an event, because nothing changed.
    log(summaryEvent(this.#counts.endHour(this.#state.lastReport, probe.now())));
  }

  /**
   * Makes passes until `stop` is called; resolves when the last one has ended.
   * @returns why the agent ended by itself; null if `stop` was called
   */
  async run(): Promise<KnownFailure | null> {
    const { probe, chance } = this.#parts;
    const { gracePeriods } = this.#settings;
    const now = (): number => probe.now().monotonicMilliseconds;
    // However often the cell changes, some passes come at times that nobody can expect.
    let dueAt = now();
    let isAnnounced = false;
    if (!this.#isStopping) this.#glances.start();
    while (!this.#isStopping) {
      const started = now();
      this.#waits.passStarts();
      const mustEnd = await this.#pass(isAnnounced);
      if (this.#isStopping) break;
      if (mustEnd) return this.#endForGarden();
      this.#lastEnd = now();
      const took = this.#lastEnd - started;
      const interval = someInterval(this.#interval, chance());
      // A reusable pass has nothing pending, so no grace period can end before the next one.
      const isReusable = this.#earlier.reusable !== null;
      const wait = isReusable
        ? interval
        : nextPassIn(this.#memory, gracePeriods, this.#failures, interval);
      const soonest = this.#lastEnd + wait;
      dueAt = isAnnounced ? Math.min(dueAt, soonest) : soonest;
      const left = (): number => Math.max(0, dueAt - now());
      isAnnounced = false;
      if (await this.#waits.untilChange(left())) {
        await this.#waits.pause(Math.min(BURST_MILLISECONDS, left()));
        const rest = this.#lastEnd + restAfterPass(took, this.#interval) - now();
        const isUrgent = await this.#waits.rest(Math.min(Math.max(0, rest), left()));
        isAnnounced = !isUrgent && left() > TIMER_MILLISECONDS;
      }
    }
    return null;
  }

  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#glances.stop();
    this.drill.close();
    this.summarize();
    this.#say('rollcall.stopping', 'info', 'The agent is stopping.');
    this.#waits.close();
  }

  #glance(): void {
    try {
      this.#parts.probe.glance();
    } catch {
      // The next pass reports a shortage that lasts.
    }
  }

  /** @returns whether only a new process can see Garden again */
  async #pass(isAnnounced: boolean): Promise<boolean> {
    const { probe, passEnded } = this.#parts;
    const before = this.#memory;
    let made: MadePass | null = null;
    try {
      made = await this.#madePass(before, isAnnounced);
      if (made === null) return false;
      const pass = made.completed;
      this.#memory = pass.memory;
      this.#earlier = pass;
      passEnded(made);
      if (pass.mustSearchSensors) await probe.searchSensors();
      // Garden's list may be many seconds newer than the start of the pass, if Garden hangs.
      this.#conclude(before, pass.report, pass.snapshot.listedAt);
    } catch (error) {
      if (this.#isStopping) return false;
      passEnded(null);
      this.#failed(before, error instanceof Error ? error.message : String(error));
    }
    await probe.pause();
    const isSaved = this.#saveMemory();
    if (made === null) return false;
    await this.#verify(made);
    // Only once it is in the memory file: without that, the next process would end as well.
    return isSaved && made.completed.mustEnd;
  }

  #endForGarden(): KnownFailure {
    const failure = removedDirectoryFailure(this.#parts.config.garden.socketPath);
    const { code, message } = failure;
    this.#say('rollcall.garden.directory-removed', 'error', message, { code });
    this.stop();
    return failure;
  }

  /** Null if the agent stops. */
  async #madePass(before: Memory, isAnnounced: boolean): Promise<MadePass | null> {
    const { sensors } = this.#settings;
    const { mustRead, reusable } = this.#earlier;
    const reads = {
      allHierarchies: false,
      sweepsAll: false,
      sensors,
      mustRead,
      reusable,
      isAnnounced,
    };
    const observed = await takeSnapshot(this.#parts.probe, before, reads);
    const completed = await this.#inSteps(passInSteps(observed, this.#settings));
    return completed && { observed, completed };
  }

  /** Logs once that passes differ from full ones, until one does not. */
  async #verify(made: MadePass): Promise<void> {
    const { verifyPasses } = this.#parts;
    this.#sinceVerified += 1;
    if (verifyPasses === 0 || this.#sinceVerified < verifyPasses) return;
    this.#sinceVerified = 0;
    const verified = this.#inSteps(verifyInSteps(made, this.#settings));
    const places = await verified.catch((error: unknown) => [oneLine(String(error), 120)]);
    if (places === null) return;
    const differs = places.length > 0;
    if (differs && !this.#isDifferenceReported) {
      this.#say('rollcall.reconcile.differs', 'error', DIFFERS, { places });
    }
    this.#isDifferenceReported = differs;
  }

  /** Pauses between two steps, so that requests are answered. Null if the agent stops. */
  async #inSteps<T>(steps: Generator<void, T>): Promise<T | null> {
    for (;;) {
      await this.#parts.probe.pause();
      if (this.#isStopping) return null;
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  #saveMemory(): boolean {
    const error = this.#keeper.save(this.#memory, this.#parts.probe.now().wall);
    const before = this.#memoryError;
    if (error === null && before !== null) {
      const sentence = `The memory file ${this.#parts.config.memory.path} holds what has been reported again.`;
      this.#say('rollcall.memory.written', 'info', sentence);
    }
    // Once more if the first finding follows that the next agent would report again.
    const wasWorse = before !== null && before.again > 0;
    if (error !== null && (before === null || (error.again > 0 && !wasWorse)))
      this.#say(error.message, 'error', error.sentence);
    this.#memoryError = wasWorse && error !== null ? before : error;
    return error === null;
  }

  /** After a failed pass: shows the last report, and why there is no newer one. */
  #failed(before: Memory, why: string): void {
    this.#earlier = FIRST;
    const cause: UnknownCause = { kind: 'pass-failed', why };
    const { wall, monotonicMilliseconds } = this.#parts.probe.now();
    // Nothing was compared, so no grace period advances.
    const lastPass = { monotonicMilliseconds, compared: false };
    const reportedCause = reportedCauseAfter(before.reportedCause, cause);
    this.#memory = { ...before, lastPass, reportedCause };
    const last = this.#state.lastReport;
    if (last === null) {
      this.#count(false);
      this.#counts.passEnded(null, this.#parts.probe.now());
      this.#change({ kind: 'pass-failed', why });
      this.#announce(unknownTransitions(before, this.#memory, cause), wall);
      return;
    }
    const report: Report = { ...last, takenAt: wall, verdict: 'unknown', unknownCause: cause };
    this.#conclude(before, report, wall);
  }

  /** @param at when the facts behind the transitions were read */
  #conclude(memoryBefore: Memory, report: Report, at: string): void {
    const reportBefore = this.#state.lastReport;
    const pass = { memoryBefore, memory: this.#memory, reportBefore, report };
    const transitions = transitionsOf(pass);
    const mountsChanged = transitions.filter(({ kind }) => kind === 'mount-changed').length;
    const isAllDecided = report.containers.every(
      ({ explanation }) => explanation.kind !== 'undecided',
    );
    this.#count(report.unknownCause === null && isAllDecided);
    this.#counts.passEnded(report, this.#parts.probe.now());
    this.#change({ kind: 'pass-ended', report, mountsChanged, seconds: Date.now() / 1000 });
    this.#announce(transitions, at);
  }

  #count(isOk: boolean): void {
    this.#failures = isOk ? 0 : this.#failures + 1;
    this.#isNotCompared = this.#memory.lastPass?.compared !== true;
  }

  #announce(transitions: readonly Transition[], at: string): void {
    for (const transition of transitions) this.#emit(eventOf(transition, at));
  }

  #change(change: StateChange): void {
    this.#state = next(this.#state, change);
  }

  #emit(unlinked: AgentEvent): void {
    const event = withRunbookLink(unlinked, this.#parts.config.runbookUrl);
    this.#parts.log(event);
    this.#change({ kind: 'event', event });
  }

  /** An event of the agent itself, now. */
  #say(
    message: AgentEvent['message'],
    level: AgentEvent['level'],
    sentence: string,
    data: AgentEvent['data'] = {},
  ): void {
    this.#emit({ at: this.#parts.probe.now().wall, message, level, sentence, data });
  }
}
