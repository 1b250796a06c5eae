import type { DestroyEvidence } from '../../model/destroy.ts';
import type { DestroyRetry } from '../../model/finding.ts';
import type { ContainerProperties } from '../../model/garden.ts';
import type { RememberedContainer } from '../../model/memory.ts';
import type { PassFacts } from './pass-facts.ts';

/** Longer than any step of a destroy takes that works, even in a slow network plugin. */
const HANGS_AFTER = 60_000;

type Destroyed = Pick<ContainerProperties, 'owner' | 'kind'> & {
  readonly remembered: RememberedContainer | null;
  readonly destroy: DestroyEvidence | null;
};

/** Who tries again to destroy a container that does not run. */
export function retryOf(
  { remembered, owner, kind, destroy }: Destroyed,
  { state, answers }: PassFacts,
): DestroyRetry {
  const { gdn, rep } = state;
  const hangs = (destroy?.processes ?? []).some(
    ({ parentPid, launched, startedAt }) =>
      parentPid === gdn?.pid &&
      launched === null &&
      Date.parse(destroy?.at ?? '') - Date.parse(startedAt) >= HANGS_AFTER,
  );
  if (hangs) return 'hanging';
  if (answers.repProcesses !== null && rep === null) return 'nobody';
  if (owner === 'present') return kind === 'other' ? 'nobody' : 'rep';
  if (owner === 'none' || rep === null) return 'nobody';
  // Properties are lost only when gdn dies, so the container is older than the gdn that runs.
  const isNewer =
    (gdn?.startTicks ?? Infinity) < rep.startTicks ||
    (remembered !== null && Date.parse(remembered.firstSeen) < Date.parse(rep.startedAt));
  return isNewer ? 'nobody' : 'perhaps';
}
