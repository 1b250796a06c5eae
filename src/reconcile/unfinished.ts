import type { Unfinished } from '../model/cell-warning.ts';
import type { DestroyEvidence } from '../model/destroy.ts';
import type { Handle } from '../model/ids.ts';
import { asReadNow, GARDEN_INIT, hasEnded } from '../model/process.ts';
import { evidenceNow } from './judge/destroy-evidence.ts';
import { initOf } from './judge/pass-facts.ts';
import type { ObservedContainer, ObservedPass } from './judge/observed-containers.ts';

/** A slow network plugin takes half a minute. */
const UNFINISHED_AFTER = 5 * 60_000;
/** Passes between two searches for what hangs. */
const PASSES_BETWEEN = 20;

/** Listed containers in which one process runs, and that Garden does not call created. */
export function inCreation({ containers, state }: ObservedPass) {
  return containers.filter(({ handle, isListed, cgroup, properties }) => {
    const known = properties?.properties ?? null;
    if (!isListed || cgroup?.pids.length !== 1 || known === null) return false;
    return !(state.created?.has(handle) ?? known['garden.state'] === 'created');
  });
}

/**
 * The one process of each, which shows whether it is garden-init and when it started; and what keeps
 * gdn from finishing, which may have ended.
 */
export const unfinishedPidsToAsk = (pass: ObservedPass): readonly number[] => [
  ...inCreation(pass).flatMap(({ cgroup }) => cgroup?.pids ?? []),
  ...(reportedBefore(pass)?.evidence?.processes ?? []).map(({ pid }) => pid),
];

type Stuck = { readonly handle: Handle; readonly startedAt: string };

/** The containers that have been in creation for too long, the oldest first. */
const stuckIn = (pass: ObservedPass): readonly Stuck[] =>
  inCreation(pass)
    .flatMap((container) => stuckSince(container, pass) ?? [])
    .toSorted(oldestFirst);

const oldestFirst = (a: Stuck, b: Stuck): number =>
  Date.parse(a.startedAt) - Date.parse(b.startedAt) || (a.handle < b.handle ? -1 : 1);

function stuckSince({ handle, cgroup }: ObservedContainer, pass: ObservedPass): Stuck | null {
  const { state, snapshot } = pass;
  const init = initOf(cgroup?.pids ?? [], { state, answers: snapshot.answers });
  if (init?.comm !== GARDEN_INIT) return null;
  const { startedAt } = init;
  const age = Date.parse(snapshot.at.wall) - Date.parse(startedAt);
  return age < UNFINISHED_AFTER ? null : { handle, startedAt };
}

const reportedBefore = ({ memory }: ObservedPass): Unfinished | null =>
  memory.lastReport.warnings.find((warning) => warning.reason === 'unfinished') ?? null;

/** The oldest, if what keeps gdn from finishing it is not known, has ended, or was read long ago. */
export function unfinishedToSearch(pass: ObservedPass): readonly Handle[] {
  const [oldest] = stuckIn(pass);
  if (oldest === undefined) return [];
  const before = evidenceBefore(oldest.handle, pass);
  const { processes } = pass.snapshot.answers;
  const isKnown =
    before !== null && !before.processes.some((one) => hasEnded(asReadNow(one, processes).state));
  return isKnown && pass.memory.comparedPasses % PASSES_BETWEEN !== 0 ? [] : [oldest.handle];
}

/** Containers that Garden does not finish creating. */
export function unfinished(pass: ObservedPass): readonly Unfinished[] {
  const stuck = stuckIn(pass);
  const [oldest] = stuck;
  if (oldest === undefined) return [];
  const { handle: worst, startedAt } = oldest;
  return [
    {
      reason: 'unfinished',
      containers: stuck.length,
      worst,
      startedAt,
      seenAt: pass.snapshot.at.wall,
      evidence: evidenceOf(worst, pass),
    },
  ];
}

/** The evidence in the last report; null if that was about another container. */
function evidenceBefore(handle: Handle, pass: ObservedPass): DestroyEvidence | null {
  const before = reportedBefore(pass);
  return before?.worst === handle ? before.evidence : null;
}

const evidenceOf = (handle: Handle, pass: ObservedPass): DestroyEvidence | null => {
  const { state, snapshot } = pass;
  const found = snapshot.answers.destroys?.get(handle) ?? null;
  const known = { found, before: evidenceBefore(handle, pass) };
  return evidenceNow(known, { state, answers: snapshot.answers });
};
