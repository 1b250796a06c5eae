import { SENSOR_COMMS } from '../model/sensor.ts';
import type { KernelReader } from './kernel-reader.ts';
import type { PassUnderWay } from './rereads.ts';

export const GDN = 'gdn';
export const REP = 'rep';
const WANTED: ReadonlySet<string> = new Set([GDN, REP, ...SENSOR_COMMS]);
/** A sweep takes at most ten passes, so one that ends now or in the next pass began in these. */
const PASSES = 20;

export type NamedProcesses = ReadonlyMap<number, string>;

export const pidsNamed = (name: string, named: NamedProcesses): readonly number[] =>
  [...named].flatMap(([pid, its]) => (its === name ? [pid] : []));

/** Null if the process is gone. */
export const nameOfProcess = (reader: KernelReader, pid: number): string | null =>
  reader.text(`/proc/${pid}/comm`)?.slice(0, -1) ?? null;

/**
 * The pids of the processes whose name somebody looks for. Reading the name of every process costs
 * more than the rest of a pass. The sweep reads all of them in any case, in ten passes, but for
 * those in the cgroup of their own container, and tells their names.
 */
export class ProcessNames {
  readonly #reader: KernelReader;
  readonly pass: PassUnderWay;
  #named = new Map<number, string>();
  /** The last pass that read all names. */
  #readIn: number | null = null;
  /** Processes that ran before this pass are known. */
  #completeIn = -Infinity;
  #sweepStartedIn: number | null = null;
  /** Counts those that the sweep found. */
  foundBySweep = 0;

  constructor(reader: KernelReader, pass: PassUnderWay) {
    this.#reader = reader;
    this.pass = pass;
  }

  /** Those of now. */
  read(): NamedProcesses {
    this.#named = new Map();
    for (const pid of this.#reader.pids()) {
      const name = nameOfProcess(this.#reader, pid);
      if (name !== null && WANTED.has(name)) this.#named.set(pid, name);
    }
    this.#readIn = this.pass.number;
    this.#completeIn = this.pass.number;
    return this.#named;
  }

  /** Those of this pass, read once. */
  ofPass(): NamedProcesses {
    return this.#readIn === this.pass.number ? this.#named : this.read();
  }

  /** Those that still run of the ones that ran 20 passes ago, and some that started later. */
  known(): NamedProcesses {
    if (this.pass.number - this.#completeIn > PASSES) return this.read();
    for (const [pid, name] of this.#named) {
      if (nameOfProcess(this.#reader, pid) !== name) this.#named.delete(pid);
    }
    return this.#named;
  }

  /** The sweep has read a process. */
  sweeps(pid: number, name: string | null): void {
    if (name === null || !WANTED.has(name) || this.#named.get(pid) === name) return;
    this.#named.set(pid, name);
    this.foundBySweep += 1;
  }

  /** @param hasEnded whether the sweep before has read every process */
  sweepStarts(hasEnded: boolean): void {
    if (hasEnded && this.#sweepStartedIn !== null) {
      this.#completeIn = Math.max(this.#completeIn, this.#sweepStartedIn);
    }
    this.#sweepStartedIn = this.pass.number;
  }
}
