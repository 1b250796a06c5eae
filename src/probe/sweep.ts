import type { ControllerName } from '../model/hierarchy.ts';
import { containerAt, isAtHome, pathInWalk } from '../model/homes.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import { isGardenDirectory } from '../model/paths.ts';
import { ownerOfPea } from '../model/peas.ts';
import { hasEnded, pathIn, type Membership } from '../model/process.ts';
import {
  countsFor,
  type OwnRoot,
  type ProcessIdentity,
  type RootImage,
  type SuspectedProcess,
  type Sweep,
  type SweepPlan,
} from '../model/sweep.ts';
import {
  isExiting,
  nameInStatus,
  parseProcCgroup,
  parseStat,
  parseStatus,
} from '../parse/process-files.ts';
import type { KernelReader } from './kernel-reader.ts';
import { Glances } from './glances.ts';
import { liveThread } from './live-thread.ts';
import { membershipOf } from './membership.ts';
import { OwnProcesses, type OwnProcess } from './own-processes.ts';
import { nameOfProcess, type ProcessNames } from './process-names.ts';
import { ProcessPaths } from './process-paths.ts';
import { processFacts } from './processes.ts';
import { rootImageReader } from './root-image-reader.ts';

/** The maximum number of passes that one sweep takes. */
const PASSES = 10;
/** The rest waits for the next pass, unless the sweep would then exceed its maximum of passes. */
const MILLISECONDS_A_PASS = 2;
/** Processes between two pauses: about 1 ms of work. */
const AT_ONCE = 64;
/** Of one pass; further processes wait for the next one. */
const MAX_SUSPECTS = 64;
const MAX_SUSPECTS_OF_A_CHECK = 1024;
const MAX_SUSPECTS_OF_AN_IMAGE = 5;
/** Processes in their own cgroup whose other hierarchies one pass reads, in turn: half a millisecond. */
const TURNS_A_PASS = 16;

/** What was read of a process. It is valid while the process stays in this cgroup. */
interface Seen {
  readonly path: ByteString | null;
  /**
   * Of its directory in /proc, which shows that it is the same process: the kernel gives no number
   * twice before it has given all 2^32. It may give the same process another one.
   */
  readonly inode: number;
  /** The image of its root if the process is in the cgroup of that container, otherwise null. */
  readonly own: RootImage | null;
  /** Of its pid namespace, which a process cannot change; null if it was not read. */
  readonly depth: number | null;
}

interface CheckedProcess extends Omit<Seen, 'inode'> {
  readonly suspect: SuspectedProcess | null;
}

/** Who learns from what a sweep reads in any case. */
interface Learns {
  readonly names: ProcessNames;
  /** Called with a container in whose cgroup a process is that the walk does not show there. */
  readonly shows: (container: ByteString) => void;
}

export interface Sweeper {
  readonly sweep: (plan: SweepPlan) => Promise<Sweep>;
  /**
   * Reads the cgroups of a few processes that were in those of their containers. The next sweep has
   * those that are outside.
   */
  readonly glance: () => void;
}

/**
 * Checks every process of the cell, one slice per pass. What was read of a process in the cgroup of
 * its container, or of the host, holds while it stays there; of the host's, `learns` is told the names
 * again, which an exec changes. All others are read once per sweep: first the status, then the mount
 * table if the process is in a deeper pid namespace than ours. The walk shows processes in their own
 * cgroup only in one hierarchy, so a few of them are read in turn.
 */
export function sweeper(reader: KernelReader, pause: () => Promise<void>, learns: Learns): Sweeper {
  const seen = new Map<number, Seen>();
  /** Processes still to be read, in this order. */
  const waiting = new Set<number>();
  const own = new OwnProcesses();
  const glances = new Glances(own);
  let lastPlan: SweepPlan | null = null;
  let suspected: readonly ProcessIdentity[] = [];
  /** Suspects that no pass keeps, and the container in whose cgroup each is. */
  const omitted = new Map<number, ByteString | null>();
  const paths = new ProcessPaths();
  let passes = 0;

  const forgetIfGone = (pid: number): void => {
    if (paths.shown.has(pid)) return;
    seen.delete(pid);
    waiting.delete(pid);
    own.delete(pid);
    omitted.delete(pid);
  };
  const listProcesses = (directories: SweepPlan['directories']): void => {
    paths.list(directories, reader.pids());
    for (const pid of [...seen.keys(), ...waiting]) forgetIfGone(pid);
    for (const pid of paths.shown.keys()) waiting.add(pid);
  };
  const followProcesses = (directories: SweepPlan['directories']): void => {
    for (const pid of paths.follow(directories)) {
      // One that moves during a walk may be shown nowhere.
      if (own.has(pid) && !paths.shown.has(pid)) waiting.add(pid);
      else forgetIfGone(pid);
      if (paths.shown.has(pid) && seen.get(pid)?.path !== paths.shown.get(pid)) waiting.add(pid);
    }
  };

  const sweep: Sweeper['sweep'] = async (plan) => {
    lastPlan = plan;
    const isStart = plan.isWhole || passes % PASSES === 0;
    passes = isStart ? 1 : passes + 1;
    if (isStart) learns.names.sweepStarts(waiting.size === 0);
    if (isStart) listProcesses(plan.directories);
    else followProcesses(plan.directories);
    if (isStart) own.forgetGone();
    const current = new SweepPass(reader, plan, { ...learns, own });
    for (const { pid } of [...plan.suspects, ...suspected]) waiting.delete(pid);
    for (const process of plan.suspects) {
      // Glances look at those that are at home.
      if (!current.addAgain(process, true)) waiting.add(process.pid);
    }
    const started = performance.now();
    const due = plan.isWhole ? Infinity : Math.ceil(paths.shown.size / PASSES);
    let done = 0;
    /** The walk showed them elsewhere, so the next pass reads them again. */
    const moving: number[] = [];
    for (const pid of waiting) {
      if (done >= due && performance.now() - started > MILLISECONDS_A_PASS) break;
      waiting.delete(pid);
      const path = paths.shown.get(pid) ?? null;
      const inode = reader.inode(`/proc/${pid}`);
      if (inode === null) {
        seen.delete(pid);
        own.delete(pid);
        omitted.delete(pid);
        continue;
      }
      omitted.delete(pid);
      const before = seen.get(pid);
      const isSame = before?.inode === inode && before.path === path;
      if (!isSame || !current.holds(pid, before)) {
        const { suspect, ...read } = current.check(pid, path);
        seen.set(pid, { inode, ...read });
        if (path !== null && read.path !== path) moving.push(pid);
        if (read.own === null) own.delete(pid);
        else own.add({ pid, name: read.own.name });
        if (suspect !== null) current.add(suspect);
      }
      done += 1;
      if (done % AT_ONCE === 0) await pause();
    }
    for (const pid of moving) waiting.add(pid);
    await current.takeTurns(own.next(plan.isWhole ? Infinity : TURNS_A_PASS), pause);
    for (const found of glances.take(!plan.isAnnounced)) current.addSight(found);
    // Last, because they may belong to no container: a process chooses what its `/` line names.
    for (const process of suspected) current.addAgain(process, false);
    for (const [pid, container] of current.omitted) omitted.set(pid, container);
    for (const { process } of current.suspects) omitted.delete(process.pid);
    suspected = current.suspects.map(({ process: { pid, startTicks } }) => ({ pid, startTicks }));
    return {
      namespaces: current.namespaces,
      suspects: current.suspects,
      omitted: omittedOf(omitted),
      roots: current.suspects.length === 0 ? [] : rootsOf(seen),
    };
  };
  const glance = (): void => {
    if (lastPlan === null) return;
    const current = new SweepPass(reader, lastPlan, { ...learns, own });
    for (const one of glances.next()) {
      const { pid, name } = one;
      const text = reader.text(`/proc/${pid}/cgroup`);
      if (text === null || glances.isHome(name, text)) continue;
      if (current.isHome(one, text)) {
        glances.seesHome(name, text);
        continue;
      }
      const suspect = current.suspect(pid);
      const isSame = suspect !== null && reader.inode(`/proc/${pid}`) === seen.get(pid)?.inode;
      if (isSame) glances.sees(name, { ...suspect, byGlance: true });
    }
  };
  return { sweep, glance };
}

/** Who fills the sweep: the container in whose cgroup most of them are. */
function omittedOf(omitted: ReadonlyMap<number, ByteString | null>): Sweep['omitted'] {
  if (omitted.size === 0) return null;
  const groups = [...Map.groupBy(omitted.values(), (container) => container)];
  const [most] = groups.toSorted(([, a], [, b]) => b.length - a.length);
  return { processes: omitted.size, container: most?.[0] ?? null };
}

function rootsOf(seen: ReadonlyMap<number, Seen>): readonly OwnRoot[] {
  const roots = new Map<string, OwnRoot>();
  for (const { path, own } of seen.values()) {
    if (path !== null && own !== null) roots.set(`${path}\0${own.store}`, { ...own, cgroup: path });
  }
  return [...roots.values()];
}

/** One pass of a sweep: what it reads, and the suspects that it finds. */
class SweepPass {
  readonly #reader: KernelReader;
  readonly #plan: SweepPlan;
  readonly #imagesOf: ReturnType<typeof rootImageReader>;
  readonly #learns: Learns & { readonly own: OwnProcesses };
  readonly #limit: number;
  #ownNamespaces: number | null = null;
  /** In no cgroup of their container. */
  readonly #escaped: SuspectedProcess[] = [];
  /** The same, with an image of no known container: a process chooses what its `/` line names. */
  readonly #foreign: SuspectedProcess[] = [];
  /** In some of its cgroups. They do not keep out the others. */
  readonly #partly: SuspectedProcess[] = [];
  /** Beyond what is kept: the container in whose cgroup each process is; null: in none. */
  readonly omitted = new Map<number, ByteString | null>();

  constructor(
    reader: KernelReader,
    plan: SweepPlan,
    learns: Learns & { readonly own: OwnProcesses },
  ) {
    this.#reader = reader;
    this.#plan = plan;
    this.#learns = learns;
    this.#limit = plan.isWhole ? MAX_SUSPECTS_OF_A_CHECK : MAX_SUSPECTS;
    this.#imagesOf = rootImageReader(reader);
  }

  get namespaces(): number {
    this.#ownNamespaces ??= this.#namespacesOf('self') ?? 1;
    return Math.max(this.#plan.gardenNamespaces, this.#ownNamespaces);
  }

  get suspects(): readonly SuspectedProcess[] {
    return [...this.#escaped, ...this.#partly, ...this.#foreign];
  }

  /**
   * Whether a process is in the cgroup of its container, or is a suspect. Most processes outside
   * Garden's directories are the host's: their status alone shows it, without a mount table.
   */
  check(pid: number, path: ByteString | null): CheckedProcess {
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
    const suspect = isOfHost || own !== null ? null : this.#suspect(pid);
    if (isOfHost || own !== null || suspect !== null) return { path, own, depth, suspect };
    // It may have come home since the walk.
    const pathNow = this.#pathNow(pid);
    const home = this.#ownImage(pid, pathNow);
    return { path: home === null ? path : pathNow, own: home, depth, suspect };
  }

  /** Whether what was read of the same process in the same cgroup still holds. */
  holds(pid: number, { own, depth }: Seen): boolean {
    const isOfHost = depth !== null && depth <= this.namespaces;
    if (isOfHost) this.#learns.names.sweeps(pid, nameOfProcess(this.#reader, pid));
    return own !== null || isOfHost;
  }

  /** Suspects those that moved after their main thread ended, or are in fewer hierarchies than others. */
  async takeTurns(processes: readonly OwnProcess[], pause: () => Promise<void>): Promise<void> {
    const { own } = this.#learns;
    if (this.#plan.homes.primary === 'v2') this.#suspectEnded(processes);
    if (this.#counting(membershipOf(this.#reader, 'self') ?? {}).length < 2) return;
    const read: { readonly pid: number; readonly isSeen: () => boolean }[] = [];
    for (const [index, { pid, name }] of processes.entries()) {
      if (index % AT_ONCE === AT_ONCE - 1) await pause();
      const membership = membershipOf(this.#reader, pid);
      if (membership === null) continue;
      const inside = this.#insideOf(membership, name);
      own.sees(name, inside);
      read.push({ pid, isSeen: () => own.isMoreThan(inside, name) });
    }
    for (const { pid, isSeen } of read) {
      const suspect = isSeen() ? this.#suspect(pid) : null;
      if (suspect !== null) this.add(suspect);
    }
  }

  /**
   * Suspects those whose main thread has ended elsewhere than the others run: on v2, the walk shows
   * such a process where its main thread was.
   */
  #suspectEnded(processes: readonly OwnProcess[]): void {
    for (const { pid } of processes) {
      const stat = this.#reader.stat(pid);
      const suspect = stat !== null && hasEnded(stat.state) ? this.#suspect(pid) : null;
      if (suspect !== null) this.add(suspect);
    }
  }

  /** Whether it is where it was, and where the other processes of its container are. */
  isHome({ name }: OwnProcess, text: string): boolean {
    const inside = this.#insideOf(parseProcCgroup(asByteString(text)), name);
    return inside.includes(this.#plan.homes.primary) && !this.#learns.own.isMoreThan(inside, name);
  }

  suspect(pid: number): SuspectedProcess | null {
    return this.#suspect(pid);
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

  #counting(membership: Membership): readonly ControllerName[] {
    return Object.keys(membership).filter((one) => countsFor(one, this.#plan.homes.primary));
  }

  /** The hierarchies that count in which these are cgroups of the container. */
  #insideOf(membership: Membership, name: ByteString): readonly ControllerName[] {
    return this.#counting(membership).filter((one) => {
      const path = pathIn(membership, one);
      const { homes } = this.#plan;
      return path !== undefined && isAtHome(name, one, pathInWalk(path, one, homes), homes);
    });
  }

  /**
   * @param isKnown it is suspected already: then it is one as long as it is outside anywhere, also
   * where this sweep has not yet seen another process of its container
   */
  #suspect(pid: number, isKnown = false): SuspectedProcess | null {
    const found = this.#readProcess(pid);
    if (found === null) return null;
    const { name } = found.image;
    const inside = this.#insideOf(found.membership, name);
    const isInPrimary = inside.includes(this.#plan.homes.primary);
    if (isInPrimary) this.#learns.shows(name);
    const isOutside = inside.length < this.#counting(found.membership).length;
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
    const inside = new Set(this.#insideOf(after, image.name));
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
    const found = this.#suspect(pid, isKnown);
    if (found?.process.startTicks !== startTicks) return false;
    this.add(found);
    return true;
  }

  /** What a glance saw, unless the pass itself sees the process in as few cgroups of its container. */
  addSight(found: SuspectedProcess): void {
    const keptIn = ({ membership, image: { name } }: SuspectedProcess): number =>
      this.#insideOf(membership, name).length;
    for (const kept of [this.#escaped, this.#partly, this.#foreign]) {
      const index = kept.findIndex(({ process: { pid } }) => pid === found.process.pid);
      const seen = kept[index];
      if (seen !== undefined && keptIn(seen) > keptIn(found)) kept.splice(index, 1);
    }
    this.add(found);
  }

  add(found: SuspectedProcess): void {
    const { pid } = found.process;
    const { name, store } = found.image;
    const kept = this.#listFor(found);
    if (this.suspects.some(({ process }) => process.pid === pid)) return;
    const ofImage = kept.filter(({ image }) => image.name === name && image.store === store);
    // Its container is known to have others.
    if (ofImage.length >= MAX_SUSPECTS_OF_AN_IMAGE) return;
    const container = this.#containerOf(found);
    const isCrowd =
      container !== null &&
      kept.filter((one) => this.#containerOf(one) === container).length >= this.#limit / 4;
    if (isCrowd || kept.length >= this.#limit) this.omitted.set(pid, container);
    else kept.push(found);
  }

  #listFor({ image: { name }, membership }: SuspectedProcess): SuspectedProcess[] {
    if (this.#insideOf(membership, name).length > 0) return this.#partly;
    const { handles } = this.#plan.homes;
    const isKnown =
      handles.has(name) ||
      ownerOfPea(name, (candidate) => handles.has(asByteString(candidate))) !== null;
    return isKnown ? this.#escaped : this.#foreign;
  }

  /** The container in whose cgroup it is, which is not its own. */
  #containerOf({ membership }: SuspectedProcess): ByteString | null {
    const { homes } = this.#plan;
    const path = pathIn(membership, homes.primary);
    return path === undefined ? null : containerAt(pathInWalk(path, homes.primary, homes), homes);
  }
}

const withKeys = (membership: Membership, keys: ReadonlySet<ControllerName>): Membership =>
  Object.fromEntries(Object.entries(membership).filter(([key]) => keys.has(key)));
