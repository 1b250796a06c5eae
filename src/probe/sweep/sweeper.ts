import type { ByteString } from '../../model/ids.ts';
import type { OwnRoot, ProcessIdentity, Sweep, SweepPlan } from '../../model/sweep.ts';
import { Glances } from './glances.ts';
import type { KernelReader } from '../kernel-reader.ts';
import { OwnProcesses } from './own-processes.ts';
import { ProcessPaths } from './process-paths.ts';
import { AT_ONCE, SweepPass, type Learns, type KnownProcess } from './sweep-pass.ts';

/** The maximum number of passes that one sweep takes. */
const PASSES = 10;
/** The rest waits for the next pass, unless the sweep would then exceed its maximum of passes. */
const MILLISECONDS_A_PASS = 2;
/** How many of those that came since the sweep began one pass reads, the oldest first. */
const MAX_NEW_A_PASS = 32;
/** Processes in their own cgroup whose other hierarchies one pass reads, in turn: half a millisecond. */
const TURNS_A_PASS = 16;

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
 * its container, or of the host, holds while it stays there; of the host's, `learns` gets the names
 * again, which an exec changes. All others are read once per sweep: first the status, then the mount
 * table if the process is in a deeper pid namespace than ours. One that came since the sweep began is
 * read at the latest in the next sweep: whoever starts many keeps no older one from being read. The walk
 * shows processes in their own cgroup only in one hierarchy, so a few of them are read in turn.
 */
export function sweeper(reader: KernelReader, pause: () => Promise<void>, learns: Learns): Sweeper {
  const known = new Map<number, KnownProcess>();
  /** Processes still to be read, in this order. */
  const waiting = new Set<number>();
  /** The pids that appeared after the sweep began. */
  const newcomers = new Set<number>();
  const own = new OwnProcesses();
  const glances = new Glances(own);
  let lastPlan: SweepPlan | null = null;
  let suspected: readonly ProcessIdentity[] = [];
  /** Suspects that no pass keeps, and the container in whose cgroup each is. */
  const omitted = new Map<number, ByteString | null>();
  const paths = new ProcessPaths();
  let passes = 0;

  const forgetIfGone = (pid: number): void => {
    if (paths.byPid.has(pid)) return;
    known.delete(pid);
    waiting.delete(pid);
    newcomers.delete(pid);
    own.delete(pid);
    omitted.delete(pid);
  };
  const listProcesses = (directories: SweepPlan['directories']): void => {
    paths.list(directories, reader.pids());
    for (const pid of [...known.keys(), ...waiting]) forgetIfGone(pid);
    newcomers.clear();
    // The others cost most, and many have ended by the next pass.
    for (const pid of paths.byPid.keys()) if (known.has(pid)) waiting.add(pid);
    for (const pid of paths.byPid.keys()) waiting.add(pid);
  };
  const followProcesses = (directories: SweepPlan['directories']): void => {
    for (const pid of paths.follow(directories)) {
      // One that moves during a walk may be shown nowhere.
      if (own.has(pid) && !paths.byPid.has(pid)) waiting.add(pid);
      else forgetIfGone(pid);
      if (!paths.byPid.has(pid) || known.get(pid)?.path === paths.byPid.get(pid)) continue;
      if (!known.has(pid) && !waiting.has(pid)) newcomers.add(pid);
      waiting.add(pid);
    }
  };

  const sweep: Sweeper['sweep'] = async (plan) => {
    lastPlan = plan;
    const isStart = plan.isWhole || passes % PASSES === 0;
    passes = isStart ? 1 : passes + 1;
    if (isStart) learns.names.sweepStarts(waiting.size === newcomers.size);
    if (isStart) listProcesses(plan.directories);
    else followProcesses(plan.directories);
    if (isStart) own.forgetGone();
    const current = new SweepPass(reader, plan, { ...learns, own });
    for (const { pid } of [...plan.suspects, ...suspected]) {
      waiting.delete(pid);
      newcomers.delete(pid);
    }
    for (const process of plan.suspects) {
      // Glances read those that are at home.
      if (!current.addAgain(process, true)) waiting.add(process.pid);
    }
    const started = performance.now();
    const due = plan.isWhole ? Infinity : Math.ceil(paths.byPid.size / PASSES);
    let done = 0;
    let left = plan.isWhole ? Infinity : MAX_NEW_A_PASS;
    /** The walk showed them elsewhere, so the next pass reads them again. */
    const moving: number[] = [];
    for (const pid of waiting) {
      if (done >= due && performance.now() - started > MILLISECONDS_A_PASS) break;
      if (newcomers.has(pid) && left-- <= 0) continue;
      waiting.delete(pid);
      newcomers.delete(pid);
      const path = paths.byPid.get(pid) ?? null;
      const inode = reader.inode(`/proc/${pid}`);
      if (inode === null) {
        known.delete(pid);
        own.delete(pid);
        omitted.delete(pid);
        continue;
      }
      omitted.delete(pid);
      const before = known.get(pid);
      const isSame = before?.inode === inode && before.path === path;
      if (!isSame || !current.holds(pid, before)) {
        const { suspect, ...read } = current.check(pid, path);
        known.set(pid, { inode, ...read });
        if (path !== null && read.path !== path) moving.push(pid);
        if (read.own === null) own.delete(pid);
        else own.add({ pid, name: read.own.name });
        if (suspect !== null) current.suspects.add(suspect);
      }
      done += 1;
      if (done % AT_ONCE === 0) await pause();
    }
    for (const pid of moving) waiting.add(pid);
    await current.takeTurns(own.next(plan.isWhole ? Infinity : TURNS_A_PASS), pause);
    for (const found of glances.take(!plan.isAnnounced)) current.suspects.addSight(found);
    // Last, because they may belong to no container: a process chooses what its `/` line names.
    for (const process of suspected) current.addAgain(process, false);
    for (const [pid, container] of current.suspects.omitted) omitted.set(pid, container);
    for (const { process } of current.suspects.all) omitted.delete(process.pid);
    suspected = current.suspects.all.map(({ process: { pid, startTicks } }) => ({
      pid,
      startTicks,
    }));
    return {
      namespaces: current.namespaces,
      suspects: current.suspects.all,
      omitted: omittedOf(omitted),
      roots: current.suspects.all.length === 0 ? [] : rootsOf(known),
    };
  };
  const glance = (): void => {
    if (lastPlan === null) return;
    const current = new SweepPass(reader, lastPlan, { ...learns, own });
    for (const one of glances.next()) {
      const { pid, name } = one;
      const text = reader.text(`/proc/${pid}/cgroup`);
      if (text === null || current.isHome(one, text)) continue;
      const suspect = current.suspect(pid);
      const isSame = suspect !== null && reader.inode(`/proc/${pid}`) === known.get(pid)?.inode;
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

function rootsOf(known: ReadonlyMap<number, KnownProcess>): readonly OwnRoot[] {
  const roots = new Map<string, OwnRoot>();
  for (const { path, own } of known.values()) {
    if (path !== null && own !== null) roots.set(`${path}\0${own.store}`, { ...own, cgroup: path });
  }
  return [...roots.values()];
}
