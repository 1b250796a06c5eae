import type { Unfinished } from '../model/cell-warning.ts';
import type { HostProcess } from '../model/destroy.ts';
import type { Handle } from '../model/ids.ts';
import { GARDEN_INIT } from '../model/process.ts';
import { initOf } from './judge/judge.ts';
import type { ObservedContainer, ObservedPass } from './judge/observed-containers.ts';

/** A slow network plugin takes half a minute. */
const UNFINISHED_AFTER = 5 * 60_000;
/** Passes between two searches for what hangs. */
const PASSES_BETWEEN = 20;

/** Listed containers in which one process runs, and that Garden does not call created. */
export function inCreation({ containers, state }: ObservedPass) {
  return containers.filter(({ handle, listedBy, cgroup, properties }) => {
    const known = properties?.properties ?? null;
    if (!listedBy.has('garden') || cgroup?.pids.length !== 1 || known === null) return false;
    return !(state.created?.has(handle) ?? known['garden.state'] === 'created');
  });
}

/** The one process of each, which shows whether it is garden-init and when it started. */
export const unfinishedPidsToAsk = (pass: ObservedPass): readonly number[] =>
  inCreation(pass).flatMap(({ cgroup }) => cgroup?.pids ?? []);

type Stuck = { readonly handle: Handle; readonly startedAt: string };

/** Those that have been in creation for too long, the oldest first. */
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

const shownBefore = ({ memory }: ObservedPass): Unfinished | null =>
  memory.lastShown.warnings.find((warning) => warning.reason === 'unfinished') ?? null;

/** The oldest, if its processes are not known or were read long ago. */
export function unfinishedToSearch(pass: ObservedPass): readonly Handle[] {
  const [oldest] = stuckIn(pass);
  if (oldest === undefined) return [];
  const isKnown = shownBefore(pass)?.worst === oldest.handle;
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
      processes: hangingFor(worst, pass),
    },
  ];
}

/** What gdn waits for. */
function hangingFor(handle: Handle, pass: ObservedPass): readonly HostProcess[] {
  const found = pass.snapshot.answers.destroys?.get(handle);
  if (found === undefined) {
    const before = shownBefore(pass);
    return before?.worst === handle ? before.processes : [];
  }
  return found.processes.filter(({ part }) => part === 'works');
}
