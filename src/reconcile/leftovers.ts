import { asByteString } from '../model/ids.ts';
import type { Memory } from '../model/memory.ts';
import { ownerOfPea } from '../model/peas.ts';
import type { Leftovers } from '../model/report.ts';
import type { Answers } from '../model/questions.ts';
import type { ObservedState } from './observe/observe.ts';

/** The mount table of gdn is long: about 90 kB with 250 containers. */
const PASSES_BETWEEN = 20;

/** The pid of gdn in every 20th pass; null if the known answer is recent enough. */
export const overlaysToAsk = (
  { gdn, listed }: ObservedState,
  { comparedPasses }: Memory,
): number | null =>
  listed !== null && comparedPasses % PASSES_BETWEEN === 0 ? (gdn?.pid ?? null) : null;

/** @param staleCgroups the empty directories of containers that are on no list */
export function leftoversNow(
  { listed }: ObservedState,
  { overlays }: Answers,
  before: Leftovers,
  staleCgroups: number,
): Leftovers {
  if (overlays === null || listed === null) return { ...before, cgroups: staleCgroups };
  const isListed = (name: string): boolean => listed.has(asByteString(name));
  const left = overlays.filter((name) => !isListed(name) && ownerOfPea(name, isListed) === null);
  return { cgroups: staleCgroups, rootfsMounts: left.length };
}
