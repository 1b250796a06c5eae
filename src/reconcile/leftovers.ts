import { asByteString, type ByteString } from '../model/ids.ts';
import { ownerOfPea } from '../model/peas.ts';
import type { ContainerReport } from '../model/report.ts';
import { bytesOfText } from '../model/text.ts';
import type { ObservedState } from './observe/observe.ts';

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
