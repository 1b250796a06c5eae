import {
  controllerNames,
  type Candidate,
  type CgroupNamespace,
  type ControllerName,
  type MountChoice,
  type Rule,
} from '../../model/hierarchy.ts';
import { pathBelow } from '../../model/mount-paths.ts';
import type { Mount, MountTable } from '../../model/mount.ts';
import type { LiveCell } from '../judge-mount.ts';
import { highestTop, shownBy } from '../shown-root.ts';
import { lastMatch } from './last-match.ts';
import { longestPath } from './longest-path.ts';
import { lowestInode, type InodeOf } from './lowest-inode.ts';
import { rootOnly } from './root-only.ts';
import { searchedMounts } from './searched-mounts.ts';

/** What a rule takes for a controller, `name=X` or v2; null if it finds nothing. */
export type Pick = (name: ControllerName) => Mount | null;

/** What the rules are asked about: a table as it was verified. */
export interface RuleQuestion {
  readonly table: MountTable;
  readonly namespace: CgroupNamespace;
  readonly live: LiveCell | null;
  readonly verified: readonly MountChoice[];
}

export function pickOf(rule: Rule, question: RuleQuestion): Pick {
  const { verified, live } = question;
  const choiceOf = (name: ControllerName): MountChoice | undefined =>
    verified.find(({ hierarchy }) => controllerNames(hierarchy).includes(name));
  const inOrder = verified
    .flatMap(({ candidates }) => candidates.map(({ mount }) => mount))
    .toSorted((a, b) => a.line - b.line);
  switch (rule) {
    case 'verified':
      return (name) => choiceOf(name)?.chosen ?? null;
    case 'longest-path':
      return (name) => longestWithAll(choiceOf(name)?.candidates ?? [], question);
    case 'last-match':
      return (name) => lastMatch(searchedMounts(inOrder, name));
    case 'lowest-inode':
      return (name) => lowestInode(searchedMounts(inOrder, name), inodesOf(live));
    case 'root-only':
      return (name) => rootOnly(searchedMounts(inOrder, name), inodesOf(live));
  }
}

const inodesOf = (live: LiveCell | null): InodeOf | null =>
  live === null
    ? null
    : (mount) => {
        const stat = live.stats.get(pathBelow(live.root, mount.mountPoint));
        return stat?.kind === 'seen' ? stat.inode : null;
      };

/** With the proposal's own safeguard: the path must hold the full hierarchy, where the table shows what it holds. */
function longestWithAll(
  candidates: readonly Candidate[],
  { table, namespace }: RuleQuestion,
): Mount | null {
  const mounts = candidates.map(({ mount }) => mount);
  const longest = longestPath(mounts);
  if (longest === null || table.format === 'mounts') return longest;
  const verdict = candidates.find(({ mount }) => mount === longest)?.verdict;
  const holdsAll =
    verdict === 'chosen' || shownBy(longest, namespace, highestTop(mounts)) === 'top';
  return holdsAll ? longest : null;
}
