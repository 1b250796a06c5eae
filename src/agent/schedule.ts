import type { GracePeriods } from '../model/finding.ts';
import type { Memory } from '../model/memory.ts';

/** Changes within this time cause only one pass. */
export const BURST_MILLISECONDS = 100;
/** The share of time for passes that changes bring forward. Nothing is a finding before its grace period ends. */
const MAX_SHARE = 0.005;
const MIN_WAIT_MILLISECONDS = 50;
const FIRST_RETRY_MILLISECONDS = 1000;

/**
 * How long after a pass the next one may come that a change brings forward. Such passes take at most
 * half a percent of the time, however often apps crash; a slow Garden delays them by at most one interval.
 */
export const restAfterPass = (passMilliseconds: number, intervalMilliseconds: number): number =>
  Math.min(intervalMilliseconds, passMilliseconds / MAX_SHARE);

/** At most the interval, so that a container cannot come home just for the passes. */
export const someInterval = (intervalMilliseconds: number, chance: number): number =>
  intervalMilliseconds * (0.75 + 0.25 * chance);

/**
 * How long to wait for a change: until the first grace period ends, at most one interval. After
 * passes that compared nothing, or not all containers, at most 1, 2, 4, … seconds, because the next
 * one may get its answers.
 * @param failures how many such passes in a row
 */
export function nextPassIn(
  memory: Memory,
  gracePeriods: GracePeriods,
  failures: number,
  intervalMilliseconds: number,
): number {
  const retry =
    failures === 0 ? Infinity : FIRST_RETRY_MILLISECONDS * 2 ** Math.min(failures - 1, 20);
  let soonest = Math.min(intervalMilliseconds, retry);
  // While nothing is compared, no grace period advances.
  if (memory.lastPass?.compared !== true) return soonest;
  const undecided = new Set(
    memory.lastReport.containers.flatMap(({ handle, explanation }) =>
      explanation.kind === 'undecided' ? [handle] : [],
    ),
  );
  for (const [handle, container] of memory.containers) {
    // The grace period of an undecided container does not advance, so it would stay due.
    if (undecided.has(handle)) continue;
    const running = container.reported ? container.escalation : container;
    if (running === null || running.reason === null) continue;
    const limit = gracePeriods.of(running.reason, null);
    if (limit === null) continue;
    // Only more passes show whether it is a finding, and two at once show no more than one.
    const isTimeOver = running.lasted >= limit && running.passes > 1;
    if (!isTimeOver)
      soonest = Math.min(soonest, Math.max(MIN_WAIT_MILLISECONDS, limit - running.lasted));
  }
  return soonest;
}

/**
 * The waits between passes, one at a time: one that any change ends, then a rest that only an
 * urgent change ends. A change during a pass is not lost.
 */
export class Waits {
  #isChanged = false;
  #isUrgent = false;
  #isClosed = false;
  /** Ends the current wait if its condition is met. */
  #check: () => void = () => undefined;

  changed(): void {
    this.#isChanged = true;
    this.#check();
  }

  /** For a change that is worth a pass, whatever the last one cost. */
  changedUrgently(): void {
    this.#isUrgent = true;
    this.changed();
  }

  /** Every change until now is read by the pass that starts; later ones are worth another pass. */
  passStarts(): void {
    this.#isChanged = false;
  }

  /** Ends every wait, current and future. */
  close(): void {
    this.#isClosed = true;
    this.#check();
  }

  /** @returns true after a change, including one since the last pass started */
  async untilChange(maxMilliseconds: number): Promise<boolean> {
    await this.#wait(maxMilliseconds, () => this.#isChanged);
    return this.#isChanged;
  }

  /** Waits this long, whatever changes. */
  async pause(milliseconds: number): Promise<void> {
    await this.#wait(milliseconds, () => false);
  }

  /**
   * Waits this long, or until an urgent change; returns at once after one since the last rest.
   * @returns whether there was an urgent change
   */
  async rest(milliseconds: number): Promise<boolean> {
    await this.#wait(milliseconds, () => this.#isUrgent);
    const isUrgent = this.#isUrgent;
    this.#isUrgent = false;
    return isUrgent;
  }

  async #wait(milliseconds: number, isOver: () => boolean): Promise<void> {
    if (this.#isClosed || isOver()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#check = () => {
        if (!this.#isClosed && !isOver()) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#check = () => undefined;
  }
}
