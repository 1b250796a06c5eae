import type { ByteString } from '../../model/ids.ts';
import { hasComponent } from '../../model/paths.ts';
import { pathIn } from '../../model/process.ts';
import { textOfBytes } from '../../model/text.ts';
import { launchesOf } from '../observe/ownership.ts';
import { lowestPids } from '../observe/pids.ts';
import type { Judgement } from './judgement.ts';
import type { JudgedFacts, KnownContainer, Members, PassFacts } from './pass-facts.ts';

/** How many processes of one directory are asked whether they show a container. */
const MAX_PIDS = 5;

/** The processes that show whether a directory in a Garden directory is a container. */
export const showingPidsToAsk = (
  containers: readonly (KnownContainer & {
    readonly cgroup: Members | null;
    readonly judgement: Judgement;
  })[],
): readonly number[] =>
  containers.flatMap(({ remembered, cgroup, judgement: { explanation } }) =>
    explanation.kind === 'unknown-to-garden' &&
    explanation.basis === 'garden-directory' &&
    !wasListed(remembered)
      ? showingPids(cgroup)
      : [],
  );

const showingPids = (cgroup: Members | null): readonly number[] =>
  lowestPids(cgroup?.pids ?? [], MAX_PIDS);

const wasListed = (remembered: KnownContainer['remembered']): boolean =>
  remembered?.wasListed === true;

/**
 * Whether more than its name and its place shows that a live directory in a Garden directory is the
 * container of that name: whoever may write to one hierarchy can make such a directory and move a
 * process there. The root filesystem and the helper of its processes decide first, then the path
 * that most of the other hierarchies name. True also if that could not be read.
 */
export function isShownToBe(
  { name, remembered }: KnownContainer,
  cgroup: Members,
  facts: JudgedFacts,
): boolean {
  if (wasListed(remembered)) return true;
  const pids = showingPids(cgroup);
  const owners = pids.map((pid) => isOwn(pid, name, facts));
  if (owners.includes(true)) return true;
  if (owners.every((one) => one === false) && pids.length === cgroup.pids.length) return false;
  const named = pids.flatMap((pid) => isNamedByMost(pid, name, facts) ?? []);
  return named.length === 0 || named.includes(true);
}

/** Null: neither its root filesystem nor its helper shows whose the process is. */
function isOwn(pid: number, name: ByteString, { ownership, answers }: JudgedFacts): boolean | null {
  const [launch] = launchesOf([pid], ownership);
  if (launch !== undefined && launch.owner !== 'unknown') {
    return launch.owner === 'ours' && launch.id === textOfBytes(name);
  }
  const images = answers.rootImages.get(pid) ?? [];
  return images.length === 0 ? null : images.some((image) => image.name === name);
}

/** Null: there is no other hierarchy, or the process has ended. */
function isNamedByMost(
  pid: number,
  name: ByteString,
  { state: { cgroups }, answers }: PassFacts,
): boolean | null {
  const membership = answers.memberships.get(pid) ?? null;
  const paths = cgroups.others.flatMap(({ controller }) => pathIn(membership, controller) ?? []);
  if (paths.length === 0) return null;
  return paths.filter((path) => hasComponent(path, name)).length * 2 > paths.length;
}
