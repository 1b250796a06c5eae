import type { ControllerName } from '../../model/hierarchy.ts';
import { isAtHome, pathInWalk } from '../../model/homes.ts';
import type { ByteString } from '../../model/ids.ts';
import { isGardenDirectory } from '../../model/paths.ts';
import { hasEnded, pathIn, type Membership } from '../../model/process.ts';
import {
  hierarchiesAtHome,
  hierarchiesThatCount,
  type ProcessIdentity,
  type RootImage,
  type SuspectedProcess,
  type SweepPlan,
} from '../../model/sweep.ts';
import { isExiting, nameInStatus, parseStat, parseStatus } from '../../parse/process-files.ts';
import type { KernelReader } from '../kernel-reader.ts';
import { isZombie, liveThread, membershipOf } from '../live-thread.ts';
import type { OwnProcess, OwnProcesses } from './own-processes.ts';
import { nameOfProcess, type ProcessNames } from '../process-names.ts';
import { processFacts } from '../processes.ts';
import { rootImageReader } from '../root-image-reader.ts';
import { Suspects } from './suspects.ts';

/** Processes between two pauses: about 1 ms of work. */
export const AT_ONCE = 64;

/** What was read of a process. It is valid while the process stays in this cgroup. */
export interface KnownProcess {
  readonly path: ByteString | null;
  /**
   * The inode of its directory in /proc. The same inode is the same process, because the kernel gives no
   * number twice before it has given all 2^32; the same process may get another inode.
   */
  readonly inode: number;
  /** The image of its root if the process is in the cgroup of that container, otherwise null. */
  readonly own: RootImage | null;
  /** How deep its pid namespace is, which a process cannot change; null if it was not read. */
  readonly depth: number | null;
  /** It stays so until its parent waits for it. */
  readonly isZombie: boolean;
}

interface CheckedProcess extends Omit<KnownProcess, 'inode'> {
  readonly suspect: SuspectedProcess | null;
}

/** Who learns from what a sweep reads in any case. */
export interface Learns {
  readonly names: ProcessNames;
  /** Called with a container in whose cgroup a process is that the walk does not show there. */
  readonly shows: (container: ByteString) => void;
}

/** One pass of a sweep: what it reads, and the suspects that it finds. */
export class SweepPass {
  readonly #reader: KernelReader;
  readonly #plan: SweepPlan;
  readonly #imagesOf: ReturnType<typeof rootImageReader>;
  readonly #learns: Learns & { readonly own: OwnProcesses };
  #ownNamespaces: number | null = null;
  readonly suspects: Suspects;

  constructor(
    reader: KernelReader,
    plan: SweepPlan,
    learns: Learns & { readonly own: OwnProcesses },
  ) {
    this.#reader = reader;
    this.#plan = plan;
    this.#learns = learns;
    this.suspects = new Suspects(plan);
    this.#imagesOf = rootImageReader(reader);
  }

  get namespaces(): number {
    this.#ownNamespaces ??= this.#namespacesOf('self') ?? 1;
    return Math.max(this.#plan.gardenNamespaces, this.#ownNamespaces);
  }

  /**
   * Whether a process is in the cgroup of its container, or is a suspect. Most processes outside
   * Garden's directories are the host's: their status alone shows it, without a mount table. No walk
   * shows a zombie, and its status is as long as that of a process.
   */
  check(pid: number, path: ByteString | null): CheckedProcess {
    if (path === null && isZombie(this.#reader, pid))
      return { path, own: null, depth: null, isZombie: true, suspect: null };
    return { ...this.#checkRunning(pid, path), isZombie: false };
  }

  #checkRunning(pid: number, path: ByteString | null): Omit<CheckedProcess, 'isZombie'> {
    const isBelowGarden = path?.split('/').some(isGardenDirectory) === true;
    if (isBelowGarden) {
      const images = this.#imagesOf(pid);
      const own = this.#ownAmong(images, path);
      // Without an image it is no suspect, and its status, which may be long, is not read.
      if (own !== null || !this.#hasImage(pid, images))
        return { path, own, depth: null, suspect: null };
    }
    const depth = this.#namespacesOf(pid) ?? 0;
    const isOfHost = depth <= this.namespaces;
    const own = isOfHost || isBelowGarden ? null : this.#ownImage(pid, path);
    const suspect = isOfHost || own !== null ? null : this.suspect(pid);
    if (isOfHost || own !== null || suspect !== null) return { path, own, depth, suspect };
    // The process may have returned to its cgroup since the walk.
    const pathNow = this.#pathNow(pid);
    const home = this.#ownImage(pid, pathNow);
    return { path: home === null ? path : pathNow, own: home, depth, suspect };
  }

  /** Whether what was read of the same process in the same cgroup still holds. */
  holds(pid: number, known: KnownProcess): boolean {
    const isOfHost = known.depth !== null && known.depth <= this.namespaces;
    if (isOfHost) this.#learns.names.sweeps(pid, nameOfProcess(this.#reader, pid));
    return known.own !== null || isOfHost || known.isZombie;
  }

  /** Suspects those that moved after their main thread ended, or are in fewer hierarchies than others. */
  async takeTurns(processes: readonly OwnProcess[], pause: () => Promise<void>): Promise<void> {
    const { own } = this.#learns;
    const { homes } = this.#plan;
    if (homes.primary === 'v2') this.#suspectEnded(processes);
    if (hierarchiesThatCount(membershipOf(this.#reader, 'self') ?? {}, homes.primary).length < 2)
      return;
    const read: { readonly pid: number; readonly isSeen: () => boolean }[] = [];
    for (const [index, { pid, name }] of processes.entries()) {
      if (index % AT_ONCE === AT_ONCE - 1) await pause();
      const text = this.#reader.text(`/proc/${pid}/cgroup`);
      if (text === null) continue;
      const inside = own.atHome(name, text, homes);
      own.sees(name, inside);
      read.push({ pid, isSeen: () => own.isMoreThan(inside, name) });
    }
    for (const { pid, isSeen } of read) {
      const suspect = isSeen() ? this.suspect(pid) : null;
      if (suspect !== null) this.suspects.add(suspect);
    }
  }

  /**
   * Suspects those whose main thread has ended elsewhere than the others run: on v2, the walk shows
   * such a process where its main thread was.
   */
  #suspectEnded(processes: readonly OwnProcess[]): void {
    for (const { pid } of processes) {
      const stat = this.#reader.stat(pid);
      const suspect = stat !== null && hasEnded(stat.state) ? this.suspect(pid) : null;
      if (suspect !== null) this.suspects.add(suspect);
    }
  }

  /** Whether it is where it was, and where the other processes of its container are. */
  isHome({ name }: OwnProcess, text: string): boolean {
    const { homes } = this.#plan;
    const { own } = this.#learns;
    const inside = own.atHome(name, text, homes);
    return inside.includes(homes.primary) && !own.isMoreThan(inside, name);
  }

  #ownImage(pid: number, path: ByteString | null): RootImage | null {
    if (path === null) return null;
    return this.#ownAmong(this.#imagesOf(pid), path);
  }

  #ownAmong(images: readonly RootImage[] | null, path: ByteString): RootImage | null {
    return (images ?? []).find(({ name }) => this.#isInside(path, name)) ?? null;
  }

  /** Its mount table names one of these, or that of the thread that stands for it names one. */
  #hasImage(pid: number, images: readonly RootImage[] | null): boolean {
    if (images !== null) return images.length > 0;
    const thread = liveThread(this.#reader, pid);
    return thread !== null && thread !== pid && (this.#imagesOf(thread)?.length ?? 0) > 0;
  }

  #pathNow(pid: number): ByteString | null {
    const { homes } = this.#plan;
    const path = pathIn(membershipOf(this.#reader, pid), homes.primary);
    return path === undefined ? null : pathInWalk(path, homes.primary, homes);
  }

  #namespacesOf(pid: number | 'self'): number | null {
    const text = this.#reader.text(`/proc/${pid}/status`) ?? '';
    if (pid !== 'self') this.#learns.names.sweeps(pid, nameInStatus(text));
    return parseStatus(text)?.namespacePids.length ?? null;
  }

  #isInside(path: ByteString, name: ByteString): boolean {
    return isAtHome(name, this.#plan.homes.primary, path, this.#plan.homes);
  }

  /**
   * @param isKnown it is suspected already: then it is one as long as it is outside anywhere, also
   * where this sweep has not yet seen another process of its container
   */
  suspect(pid: number, isKnown = false): SuspectedProcess | null {
    const found = this.#readProcess(pid);
    if (found === null) return null;
    const { name } = found.image;
    const { homes } = this.#plan;
    const inside = hierarchiesAtHome(found.membership, name, homes);
    const isInPrimary = inside.includes(homes.primary);
    if (isInPrimary) this.#learns.shows(name);
    const isOutside = inside.length < hierarchiesThatCount(found.membership, homes.primary).length;
    const isLess = isKnown || !isInPrimary || this.#learns.own.isMoreThan(inside, name);
    return isOutside && isLess ? found : null;
  }

  /**
   * Reads the cgroups before and after the root mount: where either reading shows it in its container,
   * it is being moved there, or has just left. They need not be equal, because a cgroup can be renamed
   * (v1) faster than it is read. Of a process that is exiting the kernel shows `/` in each v1
   * hierarchy, wherever it is (kernel/cgroup/cgroup.c proc_cgroup_show).
   */
  #readProcess(pid: number): SuspectedProcess | null {
    const process = processFacts(this.#reader, pid);
    if (process === null || process.namespacePids.length <= this.namespaces) return null;
    const thread = hasEnded(process.state) ? liveThread(this.#reader, pid) : pid;
    if (thread === null) return null;
    const before = membershipOf(this.#reader, thread);
    const image = this.#imagesOf(thread)?.[0];
    const after = membershipOf(this.#reader, thread);
    if (before === null || after === null || image === undefined) return null;
    const inside = new Set(hierarchiesAtHome(after, image.name, this.#plan.homes));
    const membership = { ...before, ...withKeys(after, inside) };
    const stat = this.#reader.text(`/proc/${thread}/stat`) ?? '';
    const again = parseStat(stat);
    const { startTicks } = (thread === pid ? again : this.#reader.stat(pid)) ?? {};
    if (startTicks !== process.startTicks || again === null || hasEnded(again.state)) return null;
    const { state } = again;
    return isExiting(stat)
      ? null
      : { process: { ...process, state }, membership, image, byGlance: false };
  }

  /** @returns whether it is outside */
  addAgain({ pid, startTicks }: ProcessIdentity, isKnown: boolean): boolean {
    const found = this.suspect(pid, isKnown);
    if (found?.process.startTicks !== startTicks) return false;
    this.suspects.add(found);
    return true;
  }
}

const withKeys = (membership: Membership, keys: ReadonlySet<ControllerName>): Membership =>
  Object.fromEntries(Object.entries(membership).filter(([key]) => keys.has(key)));
