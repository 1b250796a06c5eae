import type { Memory } from '../../model/memory.ts';
import type { MustRead, Snapshot } from '../../model/snapshot.ts';
import { isEmpty } from '../../model/questions.ts';
import type { ObservedPass } from '../judge/observed-containers.ts';
import type { ObservedState } from '../observe/observe.ts';
import { changedPlaces, type ChangedPlaces } from './places.ts';
import { questionsOf } from '../questions.ts';
import { compareContainer } from '../compare-container.ts';
import { decisionOf, observePass } from '../reconcile.ts';
import { isReusable, mustReadAfter, type ReusablePass } from './reusable-pass.ts';

/*
 * In most passes processes start or end in some containers, and everything else is as in the reusable
 * pass. No container changes the outcome of another (`compareContainer`), so only these are decided,
 * on a cell that holds no others.
 */

/** More are decided together with all others. */
const MAX_CHANGED = 250;

/** What a walk shows that a reusable pass did not; null if that is not only in some containers. */
export function changedSince(
  { pass, places }: ReusablePass,
  { primaryWalk }: Pick<Snapshot, 'primaryWalk'>,
): ChangedPlaces | null {
  const before = pass.snapshot.primaryWalk;
  if (primaryWalk === before) return { places, changed: new Set() };
  if (primaryWalk?.kind !== 'read' || before?.kind !== 'read') return null;
  if (primaryWalk.unseen.length + before.unseen.length > 0) return null;
  const change = changedPlaces(places, primaryWalk.directories);
  return change !== null && change.changed.size <= MAX_CHANGED ? change : null;
}

/**
 * The reusable pass as it is after the change; null if the pass must be decided as a whole.
 * @param snapshot with the same answers as in the reusable pass
 */
export function reusableAfter(
  reusable: ReusablePass,
  change: ChangedPlaces,
  snapshot: Snapshot,
  memory: Memory,
): ReusablePass | null {
  const { pass, decision, gracePeriods } = reusable;
  if (snapshot.primaryWalk === pass.snapshot.primaryWalk) return reusable;
  const part = partOf(pass, change, snapshot, memory);
  if (!isEmpty(questionsOf(part))) return null;
  const outcomes = part.containers.map((one) => compareContainer(one, part, gracePeriods));
  const partDecision = decisionOf(part, outcomes, []);
  if (!isReusable(part, partDecision) || !isNothing(mustReadAfter(part, partDecision))) return null;
  const isStillPea = ([inode]: readonly [number, number]): boolean =>
    partDecision.memory.peas.has(inode) || !part.memory.peas.has(inode);
  const changed = new Map(part.containers.map((one) => [one.handle, one] as const));
  const reports = new Map(outcomes.map(({ report }) => [report.handle, report] as const));
  const containers = decision.report.containers.map((one) => reports.get(one.handle) ?? one);
  return {
    ...reusable,
    places: change.places,
    pass: {
      ...pass,
      snapshot: { ...pass.snapshot, primaryWalk: snapshot.primaryWalk },
      state: withPart(pass.state, part.state, change.changed),
      containers: pass.containers.map((one) => changed.get(one.handle) ?? one),
    },
    decision: {
      ...decision,
      report: { ...decision.report, containers },
      memory: {
        ...decision.memory,
        peas: new Map([...memory.peas].filter(isStillPea)),
        lastReport: { ...decision.memory.lastReport, containers },
      },
    },
  };
}

/** The pass on a cell without the containers that have not changed. */
function partOf(
  { state }: ObservedPass,
  { places, changed }: ChangedPlaces,
  snapshot: Snapshot,
  memory: Memory,
): ObservedPass {
  const listed = new Map([...(state.listed ?? [])].filter(([name]) => changed.has(name)));
  const handles = new Set(listed.values());
  const inodes = new Set(peasOf(state, changed).map(({ inode }) => inode));
  const { primaryWalk } = snapshot;
  const directories = [...places.values()].flatMap(({ directory, name }) =>
    name === null || changed.has(name) ? [directory] : [],
  );
  return observePass(
    state.cgroups,
    {
      ...snapshot,
      primaryWalk: primaryWalk?.kind === 'read' ? { ...primaryWalk, directories } : primaryWalk,
    },
    {
      ...memory,
      containers: new Map([...memory.containers].filter(([handle]) => handles.has(handle))),
      peas: new Map([...memory.peas].filter(([inode]) => inodes.has(inode))),
    },
    { ...state, listed, view: null, otherViews: new Map() },
  );
}

/** Those of all cgroups but of the containers that have not changed. */
const peasOf = ({ view, listed }: ObservedState, changed: ChangedPlaces['changed']) =>
  (view?.peas ?? []).filter(({ owner }) => changed.has(owner) || listed?.has(owner) !== true);

function withPart(
  whole: ObservedState,
  part: ObservedState,
  changed: ChangedPlaces['changed'],
): ObservedState {
  if (whole.view === null || part.view === null) return whole;
  const before = new Set(peasOf(whole, changed));
  return {
    ...whole,
    view: {
      ...whole.view,
      containers: new Map([...whole.view.containers, ...part.view.containers]),
      peas: [...whole.view.peas.filter((pea) => !before.has(pea)), ...part.view.peas],
    },
  };
}

const isNothing = (mustRead: MustRead): boolean =>
  mustRead !== 'everything' &&
  mustRead.directories.size + mustRead.names.size + mustRead.pids.size === 0;
