import type { ByteString, Handle } from '../model/ids.ts';
import type { InitFacts, Mark, Marks, PolicyEntry } from '../model/ledger.ts';
import type { ObservedContainer } from '../reconcile/judge/observed-containers.ts';
import { isLive, type Facts, type Known } from './facts.ts';

/** Milliseconds: the kernel gives its boot time in whole seconds. */
const BOOT_TIME_PRECISION = 2000;

const yesIf = (is: boolean): Mark => (is ? 'yes' : 'no');

const isIn = (names: ReadonlySet<ByteString> | null, name: ByteString): Mark =>
  names === null ? 'unknown' : yesIf(names.has(name));

/** What each ledger says of a container. */
export function marksOf(known: Known, facts: Facts): Marks {
  const { container, init, policy } = known;
  const { name, handle, isListed } = container;
  return {
    kernel: kernelMark(container),
    garden: yesIf(isListed),
    owner: ownerMark(container, facts),
    runtime: runtimeMark(handle, init, facts),
    rootfs: facts.hasOverlays || facts.overlays === null ? isIn(facts.overlays, name) : 'none',
    network: networkMark(known, facts),
    policy: policyMark(policy, init, facts),
    depot: isIn(facts.depot, name),
  };
}

function kernelMark({ cgroup, judgement }: ObservedContainer): Mark {
  if (isLive(cgroup)) return 'yes';
  return cgroup?.unclear === true || judgement.explanation.kind === 'undecided' ? 'unknown' : 'no';
}

function ownerMark(
  { handle, isListed, properties, remembered }: ObservedContainer,
  { pass }: Facts,
): Mark {
  const answer = pass.snapshot.answers.properties.get(handle);
  // In runc mode Garden has them for longer than it lists the container.
  const known = properties ?? (answer?.kind === 'answered' ? answer.value : null);
  if (known !== null) return known.owner === 'none' ? 'none' : yesIf(known.owner === 'present');
  const isKnown = isListed && (remembered?.identity ?? null) !== null;
  return isKnown ? 'yes' : 'unknown';
}

/** runc leaves an init to the cell's pid 1, so that no helper has to be there. */
function runtimeMark(handle: Handle, init: InitFacts | null, { hasShims }: Facts): Mark {
  if (!hasShims) return 'none';
  if (init === null || !init.isParentKnown) return 'unknown';
  return yesIf(init.helper?.id === handle);
}

/** Not only silk's: Garden's networker makes a namespace for any network plugin. */
function networkMark(
  { address, isAddressKnown }: Known,
  { hasSilk, namespaces, onHost }: Facts,
): Mark {
  if (!hasSilk && namespaces?.size === 0 && onHost !== null) return 'none';
  if (!hasSilk && namespaces === null) return 'unknown';
  return isAddressKnown ? yesIf(address !== null) : 'unknown';
}

/** A store that is not there is none only where nothing of silk is. */
export function policyMark(
  entry: PolicyEntry | null,
  init: InitFacts | null,
  { policy, hasSilk }: Facts,
): Mark {
  if (policy.kind !== 'read') return policy.kind === 'absent' && !hasSilk ? 'none' : 'unknown';
  if (entry !== null) return 'yes';
  return init !== null && isYounger(policy.madeAt, init.startedAt) ? 'unknown' : 'no';
}

/** silk's start makes its store anew: one that is younger than a container does not know it. */
const isYounger = (madeAt: string, startedAt: string): boolean =>
  Date.parse(madeAt) - Date.parse(startedAt) > BOOT_TIME_PRECISION;
