import type { DestroyEvidence } from '../../model/destroy.ts';
import type { DestroyRetry, Difference } from '../../model/finding.ts';
import { isAppOrTask, type ContainerProperties } from '../../model/garden.ts';
import type { RememberedContainer } from '../../model/memory.ts';
import { mayHang, waits } from './destroy-evidence.ts';
import type { PassFacts } from './pass-facts.ts';

type Destroyed = Pick<ContainerProperties, 'owner' | 'kind'> & {
  readonly remembered: RememberedContainer | null;
  readonly destroy: DestroyEvidence | null;
};

type RetryFacts = Pick<PassFacts, 'state' | 'answers'>;

/** Where a rep that starts exits because of it. It finds by a property what it destroys. */
export function stopsRep({
  owner,
  kind,
}: Pick<ContainerProperties, 'owner' | 'kind'>): Difference<'no-cgroup'>['stopsRep'] {
  if (owner !== 'present') return null;
  if (kind === 'health-check') return 'health-check';
  return isAppOrTask(kind) ? 'destroy' : null;
}

/** Who tries again to destroy a container that does not run. */
export function retryOf(container: Destroyed, facts: RetryFacts): DestroyRetry {
  const { destroy } = container;
  const waiting =
    destroy?.processes.filter((one) => waits(one.part) && mayHang(one, destroy)) ?? [];
  if (waiting.some(({ part }) => part === 'works')) return 'hanging';
  if (waiting.length > 0) return 'perhaps-hanging';
  const retry = retryUnlessHanging(container, facts);
  const isUrgent = retry === 'at-start' || retry === 'health-check';
  return destroy?.isCut === true && !isUrgent ? 'unknown' : retry;
}

/** First by whose it is, then by rep. */
function retryUnlessHanging(container: Destroyed, { state, answers }: RetryFacts): DestroyRetry {
  const { remembered, owner, kind } = container;
  const { gdn, rep } = state;
  const isOlderThanRep =
    rep !== null &&
    remembered !== null &&
    Date.parse(remembered.firstSeen) < Date.parse(rep.startedAt);
  if (stopsRep(container) !== null) {
    // A rep that is younger than it has only just started: it either destroys it or exits.
    const isWithoutRep = answers.repProcesses !== null && rep === null;
    if (isWithoutRep || isOlderThanRep) return 'at-start';
    return kind === 'health-check' ? 'health-check' : 'rep';
  }
  if (owner !== 'lost' || !isAppOrTask(kind) || rep === null) return 'nobody';
  // Properties are lost only when gdn dies, so the container is older than the gdn that runs.
  const isNewer = (gdn?.startTicks ?? Infinity) < rep.startTicks || isOlderThanRep;
  return isNewer ? 'nobody' : 'perhaps';
}
