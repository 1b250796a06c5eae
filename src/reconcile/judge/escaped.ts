import type { ControllerName } from '../../model/hierarchy.ts';
import { isAtHome, pathInWalk } from '../../model/homes.ts';
import { asByteString, asHandle, type ByteString } from '../../model/ids.ts';
import type { Memory } from '../../model/memory.ts';
import { isAtOrBelow, ROOT } from '../../model/paths.ts';
import { ownerOfPea } from '../../model/peas.ts';
import { pathIn, type Membership, type ProcessFacts } from '../../model/process.ts';
import type { EscapedProcess } from '../../model/finding.ts';
import type { ReadWalk } from '../../model/walk.ts';
import type { Answers } from '../../model/questions.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import {
  countsFor,
  type ProcessIdentity,
  type SuspectedProcess,
  type SweepPlan,
} from '../../model/sweep.ts';
import { bytesOfText, textOfBytes } from '../../model/text.ts';
import { gdnCandidates, type CgroupHierarchies } from '../../mounts/resolve.ts';
import { homesOf } from '../observe/homes.ts';
import { representativePid } from '../observe/pids.ts';
import { differs, outsideIn, type Judgement } from './judgement.ts';
import {
  membershipOf,
  type CompleteFacts,
  type JudgedFacts,
  type KnownContainer,
  type OutsideProcess,
} from './pass-facts.ts';

/** What this pass must check; null if nothing can be compared. */
export function planSweep(
  snapshot: Snapshot,
  cgroups: CgroupHierarchies,
  memory: Memory,
  isWhole: boolean,
): SweepPlan | null {
  const { primaryWalk, gardenProcesses, mounts, isAnnounced } = snapshot;
  const { containers, vanished } = memory;
  const homes = homesOf(cgroups, snapshot, memory);
  if (primaryWalk?.kind !== 'read' || homes === null) return null;
  const servers = gdnCandidates(gardenProcesses, mounts.firstProcessPaths);
  const namespaces = servers.map(({ namespacePids }) => namespacePids.length);
  return {
    directories: primaryWalk.directories,
    homes,
    // Which one is gdn is not known yet; `escapedByName` drops what this checks in excess.
    gardenNamespaces: namespaces.length === 0 ? 1 : Math.min(...namespaces),
    suspects: [
      ...[...containers.values(), ...vanished.values()].flatMap(({ escaped }) => escaped),
      ...movedProcesses(primaryWalk, containers),
      ...processesOnRoots(containers),
    ],
    isWhole,
    isAnnounced,
  };
}

/**
 * The first processes of lost containers that are no longer in the cgroup in which they were seen.
 * Without them the sweep may take ten passes to find that they escaped, and the container, which
 * nothing else shows, would be gone until then.
 */
function movedProcesses(
  { controller, directories }: ReadWalk,
  containers: Memory['containers'],
): readonly ProcessIdentity[] {
  const moved = new Map<number, ProcessIdentity & { readonly from: ByteString }>();
  for (const { reason, evidence } of containers.values()) {
    const from = pathIn(evidence?.cgroups, controller);
    if (reason !== 'unknown-to-garden' || evidence === null || from === undefined) continue;
    for (const { pid, startTicks } of evidence.processes) moved.set(pid, { pid, startTicks, from });
  }
  if (moved.size === 0) return [];
  for (const { path, pids } of directories) {
    for (const pid of pids) {
      const process = moved.get(pid);
      if (process !== undefined && isAtOrBelow(path, process.from)) moved.delete(pid);
    }
  }
  return [...moved.values()].map(({ pid, startTicks }) => ({ pid, startTicks }));
}

/**
 * The processes on the root filesystem of a listed container in whose cgroup nothing runs. The sweep
 * may take ten passes to come across them, and until then nothing else shows that they escaped.
 */
const processesOnRoots = (containers: Memory['containers']): readonly ProcessIdentity[] =>
  [...containers.values()].flatMap(({ reason, evidence }) =>
    reason === 'no-cgroup'
      ? (evidence?.processes ?? []).map(({ pid, startTicks }) => ({ pid, startTicks }))
      : [],
  );

/** The suspects that are outside the containers of this Garden to which they belong, by name. */
export function outsideByName(
  facts: CompleteFacts,
): ReadonlyMap<ByteString, readonly OutsideProcess[]> {
  const {
    listed,
    view,
    state: { gdn },
    answers: { sweep },
    memory,
  } = facts;
  if (sweep === null || sweep.suspects.length === 0) return NOBODY;
  const namesWithRoot = new Set<ByteString>();
  const ourStores = new Set<ByteString>();
  for (const { name, store, cgroup } of sweep.roots) {
    const own = listed.has(name) ? view.containers.get(name)?.path : undefined;
    if (own === undefined || !isAtOrBelow(cgroup, own)) continue;
    namesWithRoot.add(name);
    ourStores.add(store);
  }
  const rememberedNames = new Set(
    [...memory.vanished, ...memory.containers].flatMap(([handle, { wasListed }]) =>
      wasListed ? [bytesOfText(handle)] : [],
    ),
  );
  const names = new Set([...listed.keys(), ...rememberedNames]);
  const ownerOf = ({ image: { name, store } }: SuspectedProcess): ByteString | null => {
    // A second Garden may use the same handles, but keeps its images in another store. Any of ours
    // counts, because a privileged container can put a process with another root into any cgroup.
    if (namesWithRoot.has(name) && !ourStores.has(store)) return null;
    if (names.has(name)) return name;
    // A pea can have an image of its own.
    const owner = ownerOfPea(name, (candidate) => names.has(asByteString(candidate)));
    if (owner !== null) return asByteString(owner);
    return ourStores.has(store) ? name : null;
  };
  const byName = new Map<ByteString, OutsideProcess[]>();
  for (const suspect of sweep.suspects) {
    if (suspect.process.namespacePids.length <= (gdn?.namespaces ?? 1)) continue;
    const owner = ownerOf(suspect);
    // Nothing is left to report of a container that has ended since the glance.
    const hasEnded = owner !== null && !listed.has(owner) && !view.containers.has(owner);
    if (suspect.byGlance && hasEnded) continue;
    const outside = owner === null ? null : outsideOf(suspect, owner, facts);
    if (owner !== null && outside !== null)
      byName.set(owner, [...(byName.get(owner) ?? []), { ...suspect, ...outside }]);
  }
  return byName;
}

const NOBODY: ReadonlyMap<ByteString, readonly OutsideProcess[]> = new Map();

/**
 * What a process of a container has left; null: nothing shows that it has left anything. Only
 * hierarchies with a controller count, because the others limit nothing: one that is in a cgroup of
 * its container in none of them escaped, wherever else it is. It has left one only if its container
 * is there.
 */
function outsideOf(
  { process, membership }: SuspectedProcess,
  name: ByteString,
  { state, view, answers, memory, homes, ownership: { primary } }: CompleteFacts,
): Pick<OutsideProcess, 'left' | 'kept'> | null {
  const isInside = (member: Membership | null, controller: ControllerName): boolean => {
    const path = pathIn(member, controller);
    return (
      path !== undefined && isAtHome(name, controller, pathInWalk(path, controller, homes), homes)
    );
  };
  const kept = Object.keys(membership).filter((one) => isInside(membership, one));
  if (kept.length === 0) return { left: null, kept };
  const cgroup = view.containers.get(name) ?? null;
  const other = representativePid(cgroup) === process.pid ? null : membershipOf(cgroup, answers);
  const remembered = memory.containers.get(asHandle(textOfBytes(name)));
  const isRemembered =
    (cgroup?.inode ?? null) === null || cgroup?.inode === remembered?.cgroupInode;
  const hasContainer = (controller: ControllerName): boolean => {
    const there = controller === primary.controller ? view : state.otherViews.get(controller);
    return (
      isInside(other, controller) ||
      (isRemembered && remembered?.seenIn.includes(controller) === true) ||
      (there !== undefined && there.gardenDirectories.length > 0)
    );
  };
  const left = [primary, ...state.cgroups.others]
    .map(({ controller }) => controller)
    .filter(
      (one) => pathIn(membership, one) !== undefined && !kept.includes(one) && hasContainer(one),
    );
  if (left.length === 0) return null;
  const isLimited = kept.some((controller) => countsFor(controller, primary.controller));
  return { left: isLimited ? left : null, kept };
}

/** The processes that escaped, as a report shows them. */
const escapedProcesses = (
  outside: readonly OutsideProcess[],
  answers: Answers,
  primary: ControllerName,
): readonly EscapedProcess[] =>
  outside
    .filter(({ left }) => left === null)
    .map(({ process, membership, kept, byGlance }) => ({
      pid: process.pid,
      cgroup: pathIn(membership, primary) ?? Object.values(membership)[0] ?? ROOT,
      kept,
      byGlance,
      enteredBy: enteredBy(process, answers),
    }));

/** Programs that start processes in a container for Garden. Orphans have pid 1 as their parent. */
const HELPERS = /^(?:dadoo$|containerd-shim|runc|gdn$)/;

/** Garden itself may have started it. Not known of one that ended before its parents were read. */
export function mayBeEntering(
  { pid, parentPid }: ProcessFacts,
  { ancestors, sweep }: Answers,
): boolean {
  const parent = ancestors.get(pid)?.[0];
  if (parent === undefined) return parentPid > 1;
  return parent.namespacePids.length <= (sweep?.namespaces ?? 1) && HELPERS.test(parent.comm);
}

/**
 * The command with which somebody entered the container from outside; null if nobody did. It is the
 * command of the nearest ancestor outside, so it also holds for what an entered shell starts.
 */
function enteredBy(process: ProcessFacts, { ancestors, sweep }: Answers): string | null {
  const chain = ancestors.get(process.pid) ?? [];
  const outside = chain.findIndex(
    ({ namespacePids }) => namespacePids.length <= (sweep?.namespaces ?? 1),
  );
  const parent = chain[outside];
  return parent === undefined || HELPERS.test(parent.comm) ? null : parent.command || parent.comm;
}

/** Null: none of its processes was seen outside its cgroups. */
export function judgeEscaped(
  { name }: KnownContainer,
  { outside, answers, ownership: { primary } }: JudgedFacts,
): Judgement | null {
  const processes = escapedProcesses(outside.get(name) ?? [], answers, primary.controller);
  return processes.length === 0 ? null : escapedBy(processes);
}

function escapedBy(processes: readonly EscapedProcess[]): Judgement {
  const isEntered = processes.every((process) => process.enteredBy !== null);
  return differs({ kind: 'escaped', processes }, isEntered ? 'warning' : 'critical');
}

/** Without those that may be entering. If no other is left, this pass decides no severity. */
export function withoutEntering(judgement: Judgement, entering: ReadonlySet<number>): Judgement {
  const { explanation, lesser } = judgement;
  const pids = outsideIn(judgement)?.filter((pid) => !entering.has(pid)) ?? null;
  if (pids === null) return judgement;
  if (pids.length === 0) return { ...judgement, severity: null };
  if (explanation.kind !== 'escaped')
    return explanation.kind === 'partial'
      ? { ...judgement, explanation: { ...explanation, pids } }
      : judgement;
  const processes = explanation.processes.filter(({ pid }) => pids.includes(pid));
  return { ...escapedBy(processes), lesser };
}
