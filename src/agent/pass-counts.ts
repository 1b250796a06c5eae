import type { HourlySummary } from '../model/agent-state.ts';
import type { Report } from '../model/report.ts';
import type { Moment } from '../model/snapshot.ts';

/** The passes since the last summary. Gaps between passes are measured with the monotonic clock. */
export class PassCounts {
  #from: string;
  #lastCompared: number;
  #compared = 0;
  #failed = 0;
  #longestGap = 0;
  #findings = 0;

  constructor(start: Moment) {
    this.#from = start.wall;
    this.#lastCompared = start.monotonicMilliseconds;
  }

  /** @param report null if the pass failed before there was one */
  passEnded(report: Report | null, { monotonicMilliseconds }: Moment): void {
    this.#findings = Math.max(this.#findings, findingsIn(report));
    if (report === null || report.unknownCause !== null) {
      this.#failed += 1;
      return;
    }
    this.#compared += 1;
    this.#longestGap = Math.max(this.#longestGap, monotonicMilliseconds - this.#lastCompared);
    this.#lastCompared = monotonicMilliseconds;
  }

  /** The summary up to now, where the next hour starts. A gap that is still open continues in it. */
  endHour(last: Report | null, now: Moment): HourlySummary {
    const gap = Math.max(this.#longestGap, now.monotonicMilliseconds - this.#lastCompared);
    const summary = {
      from: this.#from,
      to: now.wall,
      passes: this.#compared + this.#failed,
      compared: this.#compared,
      failed: this.#failed,
      longestGapSeconds: Math.round(gap / 100) / 10,
      containers: last?.containers.length ?? 0,
      findings: this.#findings,
    };
    this.#from = now.wall;
    this.#compared = 0;
    this.#failed = 0;
    this.#longestGap = 0;
    this.#findings = findingsIn(last);
    return summary;
  }
}

const findingsIn = (report: Report | null): number =>
  (report?.containers ?? []).filter(({ status }) => status === 'untracked').length;
