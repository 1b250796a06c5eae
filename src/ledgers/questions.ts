import type { MustRead } from '../model/snapshot.ts';
import type { Questions } from '../model/questions.ts';
import type { ObservedPass } from '../reconcile/judge/observed-containers.ts';
import { representativePid } from '../reconcile/observe/pids.ts';
import { isInit, pidsOfInit } from './facts.ts';

/** A little less than 60 s, so that passes every 15 s read in every fourth. */
const MILLISECONDS_BETWEEN = 59_000;
/** Where gdn's configuration of garden-runc-release puts it; its command line may say otherwise. */
const DEPOT = '/var/vcap/data/garden/depot';

/** What to read of the ledgers in this pass: all of it, or nothing. */
export function ledgerQuestions(
  { state, containers, snapshot, memory }: ObservedPass,
  mustRead: MustRead,
): Partial<Questions> {
  const { gdn, listed } = state;
  const { readAt } = memory.ledgers;
  const since = readAt === null ? Infinity : snapshot.at.monotonicMilliseconds - readAt;
  const isDue = mustRead === 'everything' || since >= MILLISECONDS_BETWEEN;
  if (listed === null || !isDue) return {};
  const gdnPid = gdn?.pid ?? null;
  return {
    overlays: gdnPid,
    depot: gdn?.depot ?? DEPOT,
    inits: containers.flatMap(({ cgroup }) => representativePid(cgroup) ?? []),
    // Of a container whose app is known, no other question needs them.
    properties: containers.flatMap(({ isListed, properties, handle }) =>
      isListed || properties !== null ? [] : [handle],
    ),
    hostNetwork: { gdnPid },
    namespaces: gdnPid,
    reservations: true,
    policyStore: true,
    rootLists: mustRead === 'everything',
  };
}

/** More processes of the containers whose init was not the first. */
export function initQuestions({ state, containers, snapshot }: ObservedPass): Partial<Questions> {
  const { inits } = snapshot.answers;
  return {
    inits: containers.flatMap((container) => {
      const pid = representativePid(container.cgroup);
      const first = pid === null ? undefined : inits.get(pid);
      if (first === undefined || isInit(first, state)) return [];
      return pidsOfInit(container).filter((one) => !inits.has(one));
    }),
  };
}
