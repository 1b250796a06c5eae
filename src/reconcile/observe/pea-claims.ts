import type { ByteString } from '../../model/ids.ts';
import { isInitBelow } from '../../model/process.ts';
import { textOfBytes } from '../../model/text.ts';
import { nameOf } from '../../model/paths.ts';
import { launchesOf, type OwnershipFacts } from './ownership.ts';
import { lowestPids, representativePid } from './pids.ts';

/** A live cgroup beside a container that is named like a pea of it. */
export interface PeaClaim {
  readonly owner: ByteString;
  readonly path: ByteString;
  readonly inode: number;
  readonly pids: readonly number[];
}

/** `unclear`: what was read does not show it. */
export type PeaProof = 'pea' | 'container' | 'unclear';

const MAX_PIDS_OF_ONE = 8;
const MAX_PIDS = 2048;

/** Of cgroups named like a pea: which process is an init, and only then what shows whose it is. */
export function peaPidsToAsk(
  claims: readonly PeaClaim[],
  facts: OwnershipFacts,
): { readonly starts: readonly number[]; readonly owners: readonly number[] } {
  const starts = claims.flatMap(firstPids).slice(0, MAX_PIDS);
  const owners = claims.flatMap((claim) =>
    isWhole(claim) ? initsIn(claim, facts) : firstPids(claim),
  );
  return { starts, owners };
}

/** A pea shares its container's namespace and helper; a container has its own. Null: not read. */
export function proofOfPea(claim: PeaClaim, facts: OwnershipFacts): PeaProof | null {
  const { answers } = facts;
  const pids = firstPids(claim);
  if (!pids.every((pid) => answers.starts.has(pid))) return null;
  const inits = initsIn(claim, facts);
  if (inits.length === 0 && isWhole(claim)) return 'pea';
  const asked = isWhole(claim) ? inits : pids;
  if (!asked.every((pid) => answers.ancestors.has(pid) && answers.rootImages.has(pid))) return null;
  const launched = new Set(launchesOf(asked, facts).map(({ id }) => id));
  if (launched.has(textOfBytes(nameOf(claim.path)))) return 'container';
  // A privileged container can have moved its own init there.
  const isOwners = (pid: number): boolean =>
    answers.rootImages.get(pid)?.some(({ name }) => name === claim.owner) === true;
  if (!inits.every(isOwners)) return 'container';
  return isWhole(claim) || launched.has(textOfBytes(claim.owner)) ? 'pea' : 'unclear';
}

const firstPids = (claim: PeaClaim): readonly number[] => lowestPids(claim.pids, MAX_PIDS_OF_ONE);

const isWhole = (claim: PeaClaim): boolean => firstPids(claim).length === claim.pids.length;

const initsIn = (claim: PeaClaim, { answers, gdn }: OwnershipFacts): readonly number[] =>
  firstPids(claim).filter((pid) => {
    const start = answers.starts.get(pid) ?? null;
    return start !== null && isInitBelow(start, gdn?.namespaces ?? 1);
  });

/** The peas that a pass has found, to remember: the inode, and the first process there. */
export const rememberedPeas = (
  peas: readonly PeaClaim[],
  isProven: (pea: PeaClaim) => boolean,
): ReadonlyMap<number, number> =>
  new Map(peas.filter(isProven).map((pea) => [pea.inode, representativePid(pea) ?? 0]));

/** Whether an earlier pass saw that it is a pea, and the same process is still the first. */
export const isRememberedPea = (pea: PeaClaim, peas: ReadonlyMap<number, number>): boolean =>
  peas.get(pea.inode) === representativePid(pea);
