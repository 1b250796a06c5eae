import type {
  Candidate,
  CgroupMode,
  CgroupNamespace,
  MountChoice,
  Rule,
} from '../model/hierarchy.ts';
import type { MountTable } from '../model/mount.ts';
import { applyRule } from './apply-rule.ts';
import { groupByHierarchy, type HierarchyMounts } from './hierarchies.ts';
import { judgeMount, type MountEvidence, type LiveCell, highestTop } from './judge-mount.ts';
import { preferenceOf, preferred } from './mount-preference.ts';
import * as say from './mount-sentences.ts';
import { pathWalk, type PathWalk, waysToOpen, type WaysToOpen } from './reachability.ts';
import { longestPath } from './rules.ts';

export interface MountsQuestion {
  readonly table: MountTable;
  /** The cgroup namespace of the process that read the table. */
  readonly namespace: CgroupNamespace;
  /** Null for a text, because there is no cell to check against; then `confirmed` is null. */
  readonly live: LiveCell | null;
  readonly rule: Rule;
}

export interface MountsAnswer {
  readonly mode: CgroupMode;
  readonly choices: readonly MountChoice[];
}

/** Judges every mount of every hierarchy. The order of lines has no effect. */
export function chooseMounts(question: MountsQuestion): MountsAnswer {
  const { table, namespace, live, rule } = question;
  const walk = pathWalk(table);
  const groups = groupByHierarchy(table);
  const reachable = groups.filter(({ mounts }) => mounts.some((mount) => walk.reaches(mount)));
  const open = live === null ? null : { ...live, waysToOpen: waysOf(live, table, walk) };
  const verified = groups.map((group) =>
    table.format === 'mounts'
      ? chooseLongest(group, walk)
      : choose({ ...group, walk, namespace, live: open, highest: highestTop(group.mounts) }),
  );
  const choices =
    rule === 'verified' ? verified : applyRule(rule, { table, namespace, live, verified });
  return { mode: cgroupMode(reachable), choices };
}

/** In the cell's own mount namespace both tables are the same, so a long one is walked once. */
const waysOf = ({ ownTable, root }: LiveCell, table: MountTable, walk: PathWalk): WaysToOpen =>
  waysToOpen(ownTable, ownTable === table ? walk : pathWalk(ownTable), root);

function choose({ mounts, ...evidence }: HierarchyMounts & MountEvidence): MountChoice {
  const { hierarchy } = evidence;
  const judged = mounts
    .toSorted(preferred(evidence.walk))
    .map((mount) => ({ mount, judgement: judgeMount(mount, evidence) }));
  const taken = judged.find(({ judgement }) => judgement.showsRoot);
  const candidates = judged.map(({ mount, judgement }): Candidate => {
    if (!judgement.showsRoot) return { mount, verdict: judgement.verdict, why: judgement.why };
    return { mount, verdict: mount === taken?.mount ? 'chosen' : 'equivalent', why: judgement.why };
  });
  if (taken === undefined || !taken.judgement.showsRoot) {
    return {
      hierarchy,
      chosen: null,
      confirmed: evidence.live === null ? null : false,
      why: say.noneSentence(candidates),
      candidates,
      openedAt: null,
    };
  }
  const { mount, judgement } = taken;
  const rivals = candidates.flatMap((one) => (one.verdict === 'equivalent' ? [one.mount] : []));
  const [best] = rivals;
  const preference = best === undefined ? '' : preferenceOf(mount, best, evidence.walk);
  const rest = candidates.length - 1 - rivals.length;
  return {
    hierarchy,
    chosen: mount,
    confirmed: evidence.live === null ? null : true,
    why: say.chosenSentence(judgement.why, { count: rivals.length, preference }, rest),
    candidates,
    openedAt: judgement.openedAt,
  };
}

/** /proc/mounts has neither roots nor ids, so the longest path is the best guess. */
function chooseLongest({ hierarchy, mounts }: HierarchyMounts, walk: PathWalk): MountChoice {
  const chosen = longestPath(mounts);
  return {
    hierarchy,
    chosen,
    confirmed: null,
    why: say.sentence(say.LONGEST_IN_FORMAT),
    candidates: mounts
      .toSorted(preferred(walk))
      .map((mount) =>
        mount === chosen
          ? { mount, verdict: 'chosen', why: say.LONGEST_IN_FORMAT }
          : { mount, verdict: 'undecided', why: say.ROOT_NOT_IN_FORMAT },
      ),
    openedAt: null,
  };
}

/**
 * The cgroup mode of a cell, derived from the hierarchies that can be reached. A named v1 hierarchy
 * has no controller (systemd keeps one on v2 hosts for old containers), so it does not turn v2 into
 * hybrid.
 */
function cgroupMode(hierarchies: readonly HierarchyMounts[]): CgroupMode {
  const has = (test: (hierarchy: HierarchyMounts['hierarchy']) => boolean): boolean =>
    hierarchies.some(({ hierarchy }) => test(hierarchy));
  const v2 = has(({ version }) => version === 2);
  if (has(({ controllers }) => controllers.length > 0)) return v2 ? 'hybrid' : 'v1';
  if (v2) return 'v2';
  return has(({ version }) => version === 1) ? 'v1' : 'none';
}
