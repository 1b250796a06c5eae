import type { CgroupFile, CgroupNumbersQuestion } from '../../model/cgroup-numbers.ts';
import type { ByteString } from '../../model/ids.ts';
import { nameOf } from '../../model/paths.ts';
import { isPeaOf } from '../../model/peas.ts';
import type { Answers } from '../../model/questions.ts';
import type { ContainerCgroup } from '../observe/container-cgroup.ts';
import type { Judgement } from './judgement.ts';
import type { KnownContainer, PassFacts } from './pass-facts.ts';

/*
 * From Linux 6.19 on, `cgroup.procs` leaves out a process that is exiting, even if its exit hangs.
 * The cgroup stays populated until it has exited (kernel commit a72f73c4dd9b).
 */
const EVENTS: CgroupFile = 'cgroup.events';

/** The cgroups of those that list no processes, and the cgroups directly in them. v1 has no such file. */
export function populatedToAsk({
  state: { cgroups, view },
  containers,
}: Pick<PassFacts, 'state'> & {
  readonly containers: readonly (KnownContainer & { readonly judgement: Judgement })[];
}): readonly CgroupNumbersQuestion[] {
  const { primary } = cgroups;
  if (primary?.controller !== 'v2') return [];
  return containers
    .filter(({ judgement }) => judgement.reason === 'no-cgroup')
    .flatMap(({ name }) => view?.containers.get(name)?.own ?? [])
    .flatMap(({ path, children }) => [path, ...children])
    .map((path) => ({ openedAt: primary.openedAt, path, files: [EVENTS] }));
}

/** A pea below it populates it, too: then nothing shows whether a process of its own does. */
export const mayBePopulated = (
  { name, own }: Pick<ContainerCgroup, 'name' | 'own'>,
  { cgroupNumbers }: Pick<Answers, 'cgroupNumbers'>,
): boolean =>
  own.some(({ path, children }) => {
    const populated = (at: ByteString) => cgroupNumbers.get(at)?.[EVENTS];
    // Undefined: not asked, as in older captures. Null: it could not be read, or has just vanished.
    const mayBe = (at: ByteString): boolean => populated(at) !== undefined && populated(at) !== 0;
    const isPea = (at: ByteString): boolean => isPeaOf(nameOf(at), name);
    return (
      children.some((at) => !isPea(at) && mayBe(at)) ||
      (mayBe(path) && !children.some((at) => isPea(at) && populated(at) === 1))
    );
  });
