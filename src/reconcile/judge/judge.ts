import type { CgroupNumbersQuestion } from '../../model/cgroup-numbers.ts';
import {
  type Difference,
  type EscapedProcess,
  type Reason,
  REASONS,
  reasonsOnlyFor,
} from '../../model/finding.ts';
import { isAppOrTask } from '../../model/garden.ts';
import type { ControllerName } from '../../model/hierarchy.ts';
import { hadReason } from '../../model/memory.ts';
import { GARDEN_INIT, type ProcessFacts } from '../../model/process.ts';
import type { Answers } from '../../model/questions.ts';
import type { ContainerCgroup } from '../observe/container-cgroup.ts';
import { evidenceNow } from './destroy-evidence.ts';
import { retryOf, stopsRep } from './destroy-retry.ts';
import { escapedProcesses } from './escaped.ts';
import { isExceeded, limitsToAsk, lostLimits } from './limit-lost.ts';
import {
  differs,
  inOrder,
  IN_TRANSITION,
  outsideIn,
  undecided,
  type Judgement,
} from './judgement.ts';
import {
  isHiddenIn,
  missingAround,
  missingIn,
  pidsInOtherHierarchies,
} from './missing-hierarchies.ts';
import {
  type JudgedFacts,
  type KnownContainer,
  type Members,
  type ReadPass,
  type PassFacts,
  initOf,
} from './pass-facts.ts';
import { mayBePopulated } from './populated.ts';
import { isShownToBe } from './shown-container.ts';
import { frozenToAsk, stuckProcesses } from './stuck.ts';
import { ageOfRep } from '../observe/rep.ts';
import { isLookedUp } from '../observe/walk-plan.ts';

/** What cannot hold for a listed container; for one that also has processes, or has none. */
const NOT_IF_LISTED = reasonsOnlyFor('unlisted');
const NOT_IF_LIVE = reasonsOnlyFor('unlisted', 'lifeless');
const NOT_IF_LIFELESS = reasonsOnlyFor('unlisted', 'live');

const NOT_PROVEN = undecided(
  'nothing shows yet that the cgroup with the name of the container belongs to the container',
  NOT_IF_LISTED,
);

/** The container was created, or came back, during the pass. */
const IN_LATER_WALK = undecided(
  'a later walk of the same pass shows the cgroup of the container',
  NOT_IF_LIVE,
);
const NOT_READ = undecided(
  'the Garden directory of the container has more cgroups than one pass reads, and this pass did not read that of the container',
  NOT_IF_LISTED,
);

interface Check {
  /** Null: the reason does not hold, or nothing shows that it does. */
  readonly judge: (
    container: KnownContainer,
    cgroup: Members,
    facts: JudgedFacts,
  ) => Judgement | null;
  /** The numbers that it needs and may not have yet. */
  readonly numbers?: (pass: ReadPass) => readonly CgroupNumbersQuestion[];
}

/** For a live container, whether Garden lists it or not; null: Garden's answers decide it. */
const CHECKS: Readonly<Record<Reason, Check | null>> = {
  'unknown-to-garden': null,
  unowned: null,
  'no-cgroup': null,
  stuck: { judge: judgeStuck, numbers: frozenToAsk },
  escaped: { judge: (container, _seen, facts) => judgeEscaped(container, facts) },
  'limit-lost': { judge: judgeLimits, numbers: limitsToAsk },
  partial: {
    judge: (container, cgroup, facts) =>
      partialIn(missingIn(container, cgroup, facts)) ?? judgeLeft(container, facts),
  },
};
const ORDERED = REASONS.flatMap((reason) => CHECKS[reason] ?? []);

const checked = (container: KnownContainer, cgroup: Members, facts: JudgedFacts) =>
  ORDERED.map(({ judge }) => judge(container, cgroup, facts));

/** The numbers of cgroups by which the containers of a pass are judged. */
export const numbersToJudge = (pass: ReadPass): readonly CgroupNumbersQuestion[] =>
  ORDERED.flatMap(({ numbers }) => numbers?.(pass) ?? []);

/** Judges a container that Garden lists. */
export function judgeListed(container: KnownContainer, facts: JudgedFacts): Judgement {
  const cgroup = facts.view.containers.get(container.name);
  if (cgroup?.isClaim === true) return NOT_PROVEN;
  if (cgroup === undefined || cgroup.pids.length === 0)
    return judgeLifeless(container, cgroup, facts);
  return inOrder(judgeOwner(container, cgroup, facts), ...checked(container, cgroup, facts));
}

/** Judges a live cgroup that has no listed handle. */
export function judgeUnlisted(
  container: KnownContainer,
  cgroup: Members,
  basis: Difference<'unknown-to-garden'>['basis'],
  facts: JudgedFacts,
): Judgement {
  const init = initOf(cgroup.pids, facts);
  const left = cgroup.pids.length === 0 ? 'peas' : leftOf(cgroup, facts);
  const runtime = init === null ? null : runtimeOf(init, facts);
  const isNamed =
    basis === 'garden-directory' && left === null && !isShownToBe(container, cgroup, facts);
  return inOrder(
    differs(
      { kind: 'unknown-to-garden', basis: isNamed ? 'name' : basis, left, runtime },
      left === null && !isNamed ? 'critical' : 'warning',
    ),
    ...checked(container, cgroup, facts),
  );
}

/** Whether only garden-init is left; null: more runs, or nothing shows it. */
const leftOf = (
  { pids, unclear }: Pick<Members, 'pids' | 'unclear'>,
  facts: Pick<PassFacts, 'state' | 'answers'>,
): 'garden-init' | null =>
  pids.length === 1 && !unclear && initOf(pids, facts)?.comm === GARDEN_INIT ? 'garden-init' : null;

/** containerd's shim is the parent of an init; with runc that is the cell's pid 1, or dadoo. */
function runtimeOf(
  init: ProcessFacts,
  { state, answers }: PassFacts,
): 'runc' | 'containerd' | null {
  const parent = answers.ancestors.get(init.pid)?.[0] ?? null;
  if (parent?.launched?.by === 'containerd-shim') return 'containerd';
  const isLeft = init.parentPid <= 1 || parent?.launched?.by === 'dadoo';
  return isLeft && (state.gdn?.containerdSocket ?? null) === null ? 'runc' : null;
}

/** A cgroup without a listed handle that hides its members counts as live. */
export const judgeHidden = (basis: Difference<'unknown-to-garden'>['basis']): Judgement =>
  differs({ kind: 'unknown-to-garden', basis, left: 'hidden', runtime: null });

/** A listed container that hides its cgroup. */
export const judgeHiddenListed = (container: KnownContainer): Judgement =>
  perhapsLive(HIDES_ITSELF, container);

/** Garden still says whether it has an owner. */
const perhapsLive = (why: string, { properties }: KnownContainer): Judgement =>
  undecided(why, properties?.owner === 'present' ? [...NOT_IF_LISTED, 'unowned'] : NOT_IF_LISTED);

/** It was reported and still lives, for example when another gdn took over. It is not gone. */
export const judgeNoLongerOurs = (): Judgement =>
  undecided(
    'the processes of the container still run, but nothing shows any longer that they belong to this Garden',
    [],
  );

/** @param pids null: all of its processes */
const partialIn = (
  missing: readonly ControllerName[],
  pids: readonly number[] | null = null,
): Judgement | null => (missing.length === 0 ? null : differs({ kind: 'partial', missing, pids }));

/** Null: it was not killed, it ends, or nothing shows that it does not. */
function judgeStuck(
  container: KnownContainer,
  cgroup: Members,
  facts: PassFacts,
): Judgement | null {
  const processes = stuckProcesses(container, cgroup, facts);
  if (processes === 'no') return null;
  const wasStuck = hadReason(container.remembered, 'stuck');
  // The next pass sees that nothing runs in it, or what was started in it meanwhile.
  if (processes === 'ended') return wasStuck ? perhapsLive(ENDED_SINCE, container) : null;
  if (processes === 'unknown') {
    return wasStuck
      ? undecided('not all processes of the container could be read', [...NOT_IF_LIVE, 'unowned'])
      : null;
  }
  return differs({
    kind: 'stuck',
    ...processes,
    wait: facts.answers.waits.get(container.handle) ?? null,
  });
}

/** Null: none of its processes was seen outside its cgroups. */
export function judgeEscaped(
  { name }: KnownContainer,
  { outside, answers, ownership: { primary } }: JudgedFacts,
): Judgement | null {
  const processes = escapedProcesses(outside.get(name) ?? [], answers, primary.controller);
  return processes.length === 0 ? null : escapedBy(processes);
}

/** Null: none of its processes was seen to be missing where the others are. */
export function judgeLeft({ name }: KnownContainer, { outside }: JudgedFacts): Judgement | null {
  const those = (outside.get(name) ?? []).filter(({ left }) => left !== null);
  const missing = new Set(those.flatMap(({ left }) => left ?? []));
  return partialIn(
    [...missing],
    those.map(({ process: { pid } }) => pid),
  );
}

/** Null: it stays within its limits, or nothing shows that it does not. */
function judgeLimits(
  { remembered }: KnownContainer,
  { throttling }: Members,
  { ownership: { primary }, answers }: JudgedFacts,
): Judgement | null {
  if (throttling === null || primary.controller !== 'v2') return null;
  const { lost, isUnclear } = lostLimits(throttling, answers);
  const exceeded = lost.filter(isExceeded);
  if (exceeded.length > 0) return differs({ kind: 'limit-lost', exceeded });
  // A missing answer does not mean recovery.
  return isUnclear && hadReason(remembered, 'limit-lost')
    ? undecided('the limits of the container could not be read', [...NOT_IF_LIVE, 'unowned'])
    : null;
}

function escapedBy(processes: readonly EscapedProcess[]): Judgement {
  const isEntered = processes.every(({ enteredBy }) => enteredBy !== null);
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

function withoutProperties({ handle }: KnownContainer, { properties }: Answers): string {
  const answer = properties.get(handle);
  return `Garden gives no properties${answer?.kind === 'failed' ? `: ${answer.why.replace(/\.$/, '')}` : ''}`;
}

const STILL_EXITING =
  'the cgroup of the container lists no process, but one may still be exiting there (cgroup.events)';
const ENDED_SINCE = 'the processes of the container ended while the pass read them';
const HIDES_ITSELF =
  'the container hides itself: a part of its cgroup cannot be read, or exceeds what one pass reads';

/** Null: it has an owner, or nothing shows that it lost its owner. */
function judgeOwner(
  container: KnownContainer,
  cgroup: Pick<Members, 'pids' | 'unclear'>,
  { state, answers }: PassFacts,
): Judgement | null {
  const { handle, remembered, properties } = container;
  const identity = remembered?.identity ?? null;
  if (properties === null) {
    // Without an answer the owner counts as present only if an earlier pass saw it, Garden still
    // calls the container created, and no pass saw that the owner was lost.
    const isOwnerKnown = identity !== null && state.created?.has(handle) === true;
    return isOwnerKnown && !hadReason(remembered, 'unowned')
      ? null
      : undecided(withoutProperties(container, answers), NOT_IF_LIVE);
  }
  if (properties.owner !== 'lost') return null;
  const { secondList } = state;
  if (secondList === null) {
    return undecided('Garden gave no second list after it returned no properties', NOT_IF_LIVE);
  }
  // It left the list after its properties were requested, so it was being destroyed.
  if (!secondList.has(handle)) return IN_TRANSITION;
  const { kind } = identity ?? properties;
  const rep = isAppOrTask(kind)
    ? ageOfRep(state.rep, cgroup.pids, { answers, depth: state.gdn?.namespaces ?? 1 })
    : 'never';
  const left = leftOf(cgroup, { state, answers });
  return differs(
    { kind: 'unowned', rep, left, milliseconds: 0 },
    left === null ? 'critical' : 'warning',
  );
}

function judgeLifeless(
  container: KnownContainer,
  cgroup: ContainerCgroup | undefined,
  facts: JudgedFacts,
): Judgement {
  const { name, handle, remembered, properties } = container;
  const { state, answers, view } = facts;
  const { primary } = facts.ownership;
  if (cgroup?.unclear === true) return judgeHiddenListed(container);
  const isUnread = view.crowded.length > 0 && !isLookedUp(handle, facts.memory);
  if (cgroup === undefined && isUnread) return NOT_READ;
  const isInLaterWalk = state.namesAfterList?.has(name) === true;
  const others = pidsInOtherHierarchies(name, state);
  if (others.length > 0) {
    const missing = missingAround(container, facts);
    return inOrder(
      judgeOwner(container, { pids: others, unclear: false }, facts),
      judgeEscaped(container, facts),
      missing.includes(primary.controller) && isInLaterWalk
        ? IN_LATER_WALK
        : (partialIn(missing) ?? judgeLeft(container, facts)),
    );
  }
  if (
    [...state.otherViews.values()].some(({ containers }) => containers.get(name)?.isClaim === true)
  ) {
    return NOT_PROVEN;
  }
  const isUnclear = [...answers.walks.values()].some(
    ({ kind, controller }) => kind === 'failed' || isHiddenIn(controller, state),
  );
  if (isUnclear) return undecided('another hierarchy could not be read', NOT_IF_LISTED);
  if (properties === null) return undecided(withoutProperties(container, answers), NOT_IF_LIFELESS);
  if (properties.properties !== null) {
    if (state.created === null) {
      return undecided('Garden did not say whether the container is created', NOT_IF_LIFELESS);
    }
    if (!state.created.has(handle)) return IN_TRANSITION;
  }
  if (isInLaterWalk) return IN_LATER_WALK;
  // Processes that live in other cgroups are one fault with one reason, not also no-cgroup.
  const escaped = judgeEscaped(container, facts);
  if (escaped !== null) return escaped;
  if (cgroup !== undefined && mayBePopulated(cgroup, answers))
    return perhapsLive(STILL_EXITING, container);
  const searched = answers.rootMounts.get(handle) ?? null;
  // One pass searches only a limited number of containers and processes; the others keep their severity.
  const severity = searched === null ? null : searched.length > 0 ? 'critical' : 'warning';
  const onlyPeas = (cgroup?.peaPids.length ?? 0) > 0;
  const destroy = evidenceNow(
    { found: answers.destroys?.get(handle) ?? null, before: remembered?.destroy ?? null },
    facts,
  );
  const explanation = {
    kind: 'no-cgroup',
    rootMountPids: searched,
    onlyPeas,
    destroy,
    retry: retryOf({ ...properties, remembered, destroy }, facts),
    stopsRep: stopsRep(properties),
  } as const;
  return differs(explanation, severity);
}
