import { isInBpmJob } from '../model/paths.ts';
import { isInGarden, type Membership } from '../model/process.ts';
import { SENSOR_COMMS } from '../model/sensor.ts';
import type { KernelReader } from './kernel-reader.ts';
import { isZombie, membershipOf } from './live-thread.ts';
import type { PassUnderWay } from './rereads.ts';

export const GDN = 'gdn';
export const REP = 'rep';
const WANTED: ReadonlySet<string> = new Set([GDN, REP, ...SENSOR_COMMS]);
/** The jobs to which bpm gives a pid namespace, by the name of their process. */
const BPM_JOBS: ReadonlyMap<string, string> = new Map([
  [GDN, 'garden'],
  [REP, REP],
]);
/** How many processes of one name are kept. A cell has fewer of gdn, rep and sensors. */
const MAX_OF_A_NAME = 64;
/** Of how many processes one pass reads the status, which a process can make half a megabyte long. */
const MAX_EXAMINED = 256;
const MAX_REFUSED = 20_000;
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
 *
 * Any process can take any name, so those of containers are left out: by their cgroups first, because
 * a process makes its other files as long as it likes, then by their pid namespace. What is left is
 * bounded, and the first ones stay: whoever comes later keeps out none that is known.
 */
export class ProcessNames {
  readonly #reader: KernelReader;
  readonly pass: PassUnderWay;
  readonly #named = new Map<number, string>();
  /** In no Garden directory, and not examined yet. */
  readonly #waiting = new Map<number, string>();
  /** Of other pid namespaces, which a process cannot leave: their inodes in /proc. */
  readonly #refused = new Map<number, number | null>();
  /** The last pass that read all names. */
  #readIn: number | null = null;
  /** Processes that ran before this pass are known. */
  #completeIn = -Infinity;
  #sweepStartedIn: number | null = null;
  /** How many a pass has examined. */
  #examined = { in: 0, count: 0 };
  /** The cgroups of pid 1, as a pass read them. */
  #firstProcess: { readonly in: number; readonly membership: Membership | null } | null = null;
  /** Counts those that the sweep found. */
  foundBySweep = 0;

  constructor(reader: KernelReader, pass: PassUnderWay) {
    this.#reader = reader;
    this.pass = pass;
  }

  /** More processes have such a name than were examined, or than are kept. */
  get isCut(): boolean {
    return this.#waiting.size > 0;
  }

  /** Reads the processes that have these names now. */
  read(): NamedProcesses {
    this.#forgetEnded();
    for (const pid of this.#reader.pids()) {
      const name = nameOfProcess(this.#reader, pid);
      if (name !== null) this.#see(pid, name);
    }
    this.#readIn = this.pass.number;
    this.#completeIn = this.pass.number;
    this.#examine();
    return this.#named;
  }

  /** The processes that had these names in this pass, which are read once. */
  ofPass(): NamedProcesses {
    return this.#readIn === this.pass.number ? this.#named : this.read();
  }

  /** Those that still run of the ones that ran 20 passes ago, and some that started later. */
  known(): NamedProcesses {
    if (this.pass.number - this.#completeIn > PASSES) return this.read();
    this.#forgetEnded();
    this.#examine();
    return this.#named;
  }

  /** The sweep has read a process. */
  sweeps(pid: number, name: string | null): void {
    if (name === null || !this.#see(pid, name)) return;
    const before = this.#named.size;
    this.#examine();
    if (this.#named.size > before) this.foundBySweep += 1;
  }

  /** @param hasEnded whether the sweep before has read every process */
  sweepStarts(hasEnded: boolean): void {
    if (hasEnded && this.#sweepStartedIn !== null) {
      this.#completeIn = Math.max(this.#completeIn, this.#sweepStartedIn);
    }
    this.#sweepStartedIn = this.pass.number;
  }

  /** Returns whether the process must be examined. */
  #see(pid: number, name: string): boolean {
    if (!WANTED.has(name) || this.#named.get(pid) === name) return false;
    if (this.#refused.has(pid) && this.#refused.get(pid) === this.#inodeOf(pid)) return false;
    const membership = membershipOf(this.#reader, pid);
    if (membership === null || isInGarden(membership, this.#membershipOfFirst())) return false;
    this.#named.delete(pid);
    this.#waiting.set(pid, name);
    return true;
  }

  /** Those that wait, in the order in which they were seen, as far as this pass may. */
  #examine(): void {
    const { number } = this.pass;
    if (this.#examined.in !== number) this.#examined = { in: number, count: 0 };
    const due = [...this.#waiting].slice(0, MAX_EXAMINED - this.#examined.count);
    this.#examined.count += due.length;
    for (const [pid, name] of due) {
      this.#waiting.delete(pid);
      if (nameOfProcess(this.#reader, pid) !== name) continue;
      if (pidsNamed(name, this.#named).length >= MAX_OF_A_NAME) this.#waiting.set(pid, name);
      else if (this.#canBeOfCell(pid, name)) this.#named.set(pid, name);
      else this.#refuse(pid);
    }
  }

  #canBeOfCell(pid: number, name: string): boolean {
    // The kernel shows a zombie in no container, and its status is as long as that of a process.
    if (isZombie(this.#reader, pid)) return false;
    const depth = this.#reader.status(pid)?.namespacePids.length;
    const job = BPM_JOBS.get(name);
    if (depth === 1 || job === undefined) return depth === 1;
    const paths = Object.values(membershipOf(this.#reader, pid) ?? {});
    return paths.some((path) => isInBpmJob(path, job));
  }

  #refuse(pid: number): void {
    if (this.#refused.size >= MAX_REFUSED) this.#refused.clear();
    this.#refused.set(pid, this.#inodeOf(pid));
  }

  #forgetEnded(): void {
    for (const [pid, name] of this.#named) {
      if (nameOfProcess(this.#reader, pid) !== name) this.#named.delete(pid);
    }
  }

  #inodeOf(pid: number): number | null {
    return this.#reader.inode(`/proc/${pid}`);
  }

  #membershipOfFirst(): Membership | null {
    const { number } = this.pass;
    if (this.#firstProcess?.in !== number) {
      this.#firstProcess = { in: number, membership: membershipOf(this.#reader, 1) };
    }
    return this.#firstProcess.membership;
  }
}
