/** What monit asks of bpm. */
export interface Bpm {
  /** For people. */
  readonly name: string;
  /** Starts a job, unless it runs; what is left of one that died is removed. */
  start(job: string): Promise<void>;
  /** TERM, and removes it when it has ended, or in any case after 15 seconds. */
  stop(job: string): Promise<void>;
}
