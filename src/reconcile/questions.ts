import type { CgroupNumbersQuestion } from '../model/cgroup-numbers.ts';
import type { DestroyQuestion } from '../model/destroy.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { Handle } from '../model/ids.ts';
import { hadReason, type RememberedContainer } from '../model/memory.ts';
import { NO_QUESTIONS, openQuestions, type Answers, type Questions } from '../model/questions.ts';
import type { WalkPlan } from '../model/walk.ts';
import { numbersToJudge } from './judge/judge.ts';
import { initOf } from './judge/pass-facts.ts';
import { doubtful, pidsInOtherHierarchies } from './judge/missing-hierarchies.ts';
import { showingPidsToAsk } from './judge/shown-container.ts';
import { membershipsOfKilled, signalsToAsk, waitsToAsk } from './judge/stuck.ts';
import type { Judgement } from './judge/judgement.ts';
import { populatedToAsk } from './judge/lifeless.ts';
import { unaccountedToAsk } from './unaccounted.ts';
import type { ObservedState } from './observe/observe.ts';
import type {
  ObservedCgroup,
  ObservedContainer,
  ObservedPass,
} from './judge/observed-containers.ts';
import {
  claimPidsToAsk,
  gardenDirectoryOf,
  helpersToAsk,
  isShared,
  proofPids,
  witnessesIn,
} from './observe/ownership.ts';
import { isRememberedPea, peaPidsToAsk } from './observe/pea-claims.ts';
import { evidencePeas, evidencePids, evidencePidsOf, representativePid } from './observe/pids.ts';
import { isRepSearchDue, repPidsToAsk } from './remembered-rep.ts';
import { unfinishedPidsToAsk, unfinishedToSearch } from './unfinished.ts';
import { startsToAsk } from './observe/rep.ts';
import { planWalk } from './observe/walk-plan.ts';
import { unlistedAncestorsToAsk, unlistedPidsToAsk } from './observe/unlisted-cgroups.ts';

const MAX_ROOT_MOUNT_HANDLES = 64;
const MAX_DESTROYS = 16;
/** Passes between two checks of a destroy that is already reported. */
const DESTROY_EVERY = 20;

/**
 * What to read next. Nothing is requested twice. All questions are empty once the state can be
 * decided, and while Garden's list cannot be read, because no answer could be compared with it.
 */
export const questionsOf = (pass: ObservedPass): Questions =>
  openQuestions(wantedAnswers(pass), pass.snapshot.answers);

function wantedAnswers(pass: ObservedPass): Questions {
  const { state, snapshot, containers, memory } = pass;
  const { answers } = snapshot;
  const { ownership } = state;
  const claims = [state.view, ...state.otherViews.values()].flatMap((view) => view?.claims ?? []);
  const shownBy = showingPidsToAsk(containers);
  const peas = (state.view?.peas ?? []).filter((pea) => !isRememberedPea(pea, memory.peas));
  const peaPids = ownership === null ? null : peaPidsToAsk(peas, ownership);
  const claimPids = [
    ...claimPidsToAsk(claims, answers),
    ...state.lostClaims.flatMap(proofPids),
    ...shownBy,
    ...(peaPids?.owners ?? []),
  ];
  const differing = containers.filter(({ judgement }) => judgement.reason !== null);
  const unowned = differing.filter(({ judgement }) => judgement.reason === 'unowned');
  const createdList = answers.createdList === null && isCreatedWorthAsking(pass);
  const shared = containers
    .filter(({ isListed }) => !isListed)
    .flatMap(({ cgroup }) =>
      cgroup !== null && ownership !== null && isShared(cgroup.path, ownership) ? [cgroup] : [],
    );
  return {
    ...NO_QUESTIONS,
    createdList,
    properties: createdList ? [] : propertiesToAsk(pass),
    secondList: containers.some(isOwnerLost),
    memberships: [
      ...containers.flatMap(({ cgroup }) => representativePid(cgroup) ?? []),
      ...shownBy,
      ...membershipsOfKilled(pass),
      ...(ownership === null ? [] : helpersToAsk(ownership)),
    ],
    signals: signalsToAsk(pass),
    walks: walksToAsk(pass),
    processes: [
      ...differing.flatMap(({ cgroup }) => (cgroup === null ? [] : evidencePidsOf(cgroup))),
      ...differing.flatMap(({ cgroup }) =>
        evidencePeas(cgroup?.peas ?? []).flatMap(({ pids }) => evidencePids(pids)),
      ),
      ...differing.flatMap(({ handle }) => evidencePids(answers.rootMounts.get(handle) ?? [])),
      ...differing.flatMap(({ remembered }) => rememberedPids(remembered)),
      ...unlistedPidsToAsk(state.unlisted),
      ...unfinishedPidsToAsk(pass),
    ],
    ancestors: [
      ...(ownership === null ? [] : unlistedAncestorsToAsk(state.unlisted, ownership)),
      ...shared.flatMap(proofPids),
      ...witnessPids(shared, state),
      ...claimPids,
      ...containers.flatMap(({ outside }) => outside.map(({ process: { pid } }) => pid)),
      ...initsOfUnlisted(differing, state, answers),
    ],
    rootImages: claimPids,
    gardenProcesses: isSearchDue(pass),
    rootMounts: rootMountsToAsk(pass, differing),
    repProcesses: isRepSearchDue(pass) || differing.some(({ judgement }) => isForRep(judgement)),
    starts: [...startsOfUnowned(unowned, state, answers), ...(peaPids?.starts ?? [])],
    startTicks: repPidsToAsk(memory),
    destroys: destroysToAsk(pass, differing),
    waits: waitsToAsk(differing, state),
    cgroupNumbers: oncePerCgroup([
      ...unaccountedToAsk(pass),
      ...numbersToJudge(pass),
      ...populatedToAsk(pass),
    ]),
  };
}

/** The same questions, one per cgroup. */
export const oncePerCgroup = (
  questions: readonly CgroupNumbersQuestion[],
): readonly CgroupNumbersQuestion[] =>
  [...Map.groupBy(questions, ({ openedAt, path }) => `${openedAt}\0${path}`).values()].flatMap(
    ([first, ...more]) =>
      first === undefined
        ? []
        : [{ ...first, files: [...new Set([first, ...more].flatMap(({ files }) => files))] }],
  );

/** The processes that a report shows from memory, and that may have ended since. */
const rememberedPids = (was: RememberedContainer | null): readonly number[] =>
  [...(was?.evidence?.processes ?? []), ...(was?.destroy?.processes ?? [])].map(({ pid }) => pid);

/** The processes of listed containers that show whose Garden directories these cgroups are in. */
function witnessPids(
  shared: readonly ObservedCgroup[],
  { view, listed }: ObservedState,
): readonly number[] {
  if (shared.length === 0 || view === null || listed === null) return [];
  const witnesses = witnessesIn(view.containers, listed);
  return shared.flatMap(({ path }) =>
    (witnesses.get(gardenDirectoryOf(path)) ?? []).flatMap(proofPids),
  );
}

/** Whether rep removes it depends on rep. */
const isForRep = ({ reason }: Judgement): boolean => reason === 'unowned' || reason === 'no-cgroup';

/**
 * If another gdn started after the last search, its containers are on no list that was read. The
 * search must therefore come before any of them can become a finding, and after the walk that shows
 * which of them are still live.
 */
function isSearchDue({ containers, state, snapshot: { answers } }: ObservedPass): boolean {
  const { primary } = state.cgroups;
  // Garden answers, but only others run that ran beside ours: one of them may be ours now.
  const isAway = state.gdn?.source === 'memory' && state.otherGdns.some(({ pid }) => pid !== null);
  if (isAway && state.listed !== null) return true;
  if (primary === null || !answers.walks.has(primary.controller)) return false;
  return containers
    .filter(({ isListed }) => !isListed)
    .some(({ remembered: was }) => !(was?.reported === true && was.reason === 'unknown-to-garden'));
}

/** The parent of an init shows which runtime started it. */
const initsOfUnlisted = (
  differing: readonly ObservedContainer[],
  state: ObservedState,
  answers: Answers,
): readonly number[] =>
  differing
    .filter(({ isListed }) => !isListed)
    .flatMap(({ cgroup }) =>
      cgroup === null ? [] : (initOf(cgroup.pids, { state, answers })?.pid ?? []),
    );

/** Requested after the processes of the evidence, which are requested together with rep. */
const startsOfUnowned = (
  unowned: readonly ObservedContainer[],
  state: ObservedState,
  answers: Answers,
): readonly number[] =>
  state.rep === null
    ? []
    : startsToAsk(
        unowned.map((container) => membersOf(container, state)),
        { answers, depth: state.gdn?.namespaces ?? 1 },
      );

const membersOf = ({ name, cgroup }: ObservedContainer, state: ObservedState) =>
  cgroup !== null && cgroup.pids.length > 0 ? cgroup.pids : pidsInOtherHierarchies(name, state);

const isLive = ({ cgroup }: ObservedContainer): boolean =>
  cgroup !== null && cgroup.pids.length > 0;

/**
 * The created list decides whether a candidate is `no-cgroup`. It is also a cheap way to notice
 * that a container with a remembered identity lost its properties: `garden.state` is one of them,
 * so such a container is missing from this list.
 */
const isCreatedWorthAsking = ({ containers }: ObservedPass): boolean =>
  containers.some((one) => one.isListed && (!isLive(one) || isIdentityKnown(one)));

function isIdentityKnown({ remembered, cgroup }: ObservedContainer): boolean {
  if (remembered === null || remembered.identity === null) return false;
  const inode = cgroup?.inode ?? null;
  return inode === null || remembered.cgroupInode === inode;
}

/** Unlisted ones, too: Garden may still know their properties. Without the created list: all. */
const propertiesToAsk = ({ containers, state: { created } }: ObservedPass): readonly Handle[] =>
  containers
    .filter(
      (one) =>
        !isIdentityKnown(one) ||
        hadReason(one.remembered, 'unowned') ||
        (one.isListed && (!isLive(one) || created?.has(one.handle) !== true)),
    )
    .map(({ handle }) => handle);

const isOwnerLost = (container: ObservedContainer): boolean =>
  container.isListed &&
  container.properties?.owner === 'lost' &&
  container.judgement.explanation.kind === 'undecided';

/** Other hierarchies only for candidates; the primary one again for a new unlisted container. */
function walksToAsk({ state, snapshot, containers, memory }: ObservedPass): readonly WalkPlan[] {
  const wanted = new Set<ControllerName>();
  const { primary } = state.cgroups;
  for (const container of containers) {
    const { name, remembered: was, cgroup, judgement } = container;
    const isNew = !hadReason(was, 'unknown-to-garden');
    if (!container.isListed && isNew && primary !== null) wanted.add(primary.controller);
    if (judgement.reason === 'no-cgroup') {
      for (const { controller } of state.cgroups.others) wanted.add(controller);
    }
    if (cgroup === null || cgroup.pids.length === 0) continue;
    // Unlisted is worse than `partial`, so `partial` matters here only if it was reported before.
    if (!container.isListed && !(was?.reported === true && was.reason === 'partial')) continue;
    for (const controller of doubtful(name, cgroup, state, snapshot.answers))
      wanted.add(controller);
  }
  return state.cgroups.hierarchies
    .filter(({ controller }) => wanted.has(controller))
    .map((hierarchy) => planWalk(hierarchy, snapshot, memory.anchor));
}

/** Slow, because it searches the mounts of every process: after the walks of all hierarchies. */
function rootMountsToAsk(
  { state, snapshot: { answers } }: ObservedPass,
  differing: readonly ObservedContainer[],
): readonly Handle[] {
  const walked = state.cgroups.others.every(({ controller }) => answers.walks.has(controller));
  if (!walked) return [];
  return differing
    .filter(({ judgement, handle }) => {
      return judgement.reason === 'no-cgroup' && !answers.rootMounts.has(handle);
    })
    .slice(0, MAX_ROOT_MOUNT_HANDLES)
    .map(({ handle }) => handle);
}

/** After the search that shows whether it still runs; those never checked come first. */
function destroysToAsk(
  pass: ObservedPass,
  differing: readonly ObservedContainer[],
): DestroyQuestion | null {
  const {
    state,
    snapshot: { answers },
  } = pass;
  const handles = differing
    .filter(({ judgement, handle, remembered: was }) => {
      if (judgement.reason !== 'no-cgroup' || !answers.rootMounts.has(handle)) return false;
      const isReportedWithIt = was?.reported === true && wasChecked(was);
      return !isReportedWithIt || was.passes % DESTROY_EVERY === 0;
    })
    .toSorted((a, b) => Number(wasChecked(a.remembered)) - Number(wasChecked(b.remembered)))
    .slice(0, MAX_DESTROYS)
    .map(({ handle }) => handle)
    .concat(unfinishedToSearch(pass));
  return handles.length === 0 ? null : { handles, gdnPid: state.gdn?.pid ?? null };
}

const wasChecked = (was: RememberedContainer | null): boolean => (was?.destroy ?? null) !== null;
