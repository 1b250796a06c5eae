import { asByteString, type ByteString } from '../model/ids.ts';
import type { Memory } from '../model/memory.ts';
import { ownerOfPea } from '../model/peas.ts';
import type { ContainerReport, Leftovers } from '../model/report.ts';
import type { Answers, Questions } from '../model/questions.ts';
import { bytesOfText } from '../model/text.ts';
import type { ObservedState } from './observe/observe.ts';

/** The mount table of gdn is long: about 90 kB with 250 containers. */
const PASSES_BETWEEN = 20;
/** Where gdn's configuration of garden-runc-release puts it; its command line may say otherwise. */
const DEPOT = '/var/vcap/data/garden/depot';

/** The ledgers to read in every 20th pass; null if the known answers are recent enough. */
export function ledgersToAsk(
  { gdn, listed }: ObservedState,
  { comparedPasses }: Memory,
): Pick<Questions, 'overlays' | 'depot'> {
  if (listed === null || comparedPasses % PASSES_BETWEEN !== 0 || gdn === null) {
    return { overlays: null, depot: null };
  }
  return { overlays: gdn.pid, depot: gdn.depot ?? DEPOT };
}

/** The names that are neither listed nor run, and are no pea of one that is or does. */
type IsLeft = (name: ByteString) => boolean;

/** @param containers every container that is listed or runs */
export function isLeftOf(
  { listed }: ObservedState,
  containers: readonly Pick<ContainerReport, 'handle'>[],
): IsLeft {
  const known = new Set([
    ...(listed?.keys() ?? []),
    ...containers.map(({ handle }) => bytesOfText(handle)),
  ]);
  const isKnown = (name: string): boolean => known.has(asByteString(name));
  return (name) => !isKnown(name) && ownerOfPea(name, isKnown) === null;
}

/** Empty directories of containers and peas that neither run nor are listed. */
export function staleDirectories(
  { view, listed }: ObservedState,
  isLeft: IsLeft,
): readonly ByteString[] {
  if (view === null || listed === null) return [];
  return [...view.containers.values()]
    .filter(
      ({ name, pids, peaPids, unclear }) =>
        isLeft(name) && pids.length === 0 && peaPids.length === 0 && !unclear,
    )
    .flatMap(({ directories }) => directories);
}

/** @param stale how many empty directories are left */
export function leftoversNow(
  { listed }: ObservedState,
  { overlays, depot }: Pick<Answers, 'overlays' | 'depot'>,
  before: Leftovers,
  { stale, isLeft }: { readonly stale: number; readonly isLeft: IsLeft },
): Leftovers {
  const left = (names: readonly ByteString[] | null | undefined): number | null =>
    listed === null || names === null || names === undefined ? null : names.filter(isLeft).length;
  return {
    cgroups: stale,
    rootfsMounts: left(overlays) ?? before.rootfsMounts,
    depots: left(depot?.names) ?? before.depots,
  };
}
