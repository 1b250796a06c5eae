import {
  controllerNames,
  type Candidate,
  type MountChoice,
  type Rule,
} from '../model/hierarchy.ts';
import type { Mount } from '../model/mount.ts';
import { placeOf, sentence } from './mount-sentences.ts';
import type { LiveCell } from './judge-mount.ts';
import { statsOf } from './mount-stats.ts';
import { pathWalk } from './reachability.ts';
import { lackOf, pickOf, type Pick, type RuleQuestion } from './rules.ts';

/** A verified table; `live` is null for a text. */
type VerifiedTable = Omit<RuleQuestion, 'stats'> & { readonly live: LiveCell | null };

/** What the rules need to know of a table. */
export function ruleQuestion({ live, ...question }: VerifiedTable): RuleQuestion {
  const { table, verified } = question;
  const mounts = verified.flatMap(({ candidates }) => candidates.map(({ mount }) => mount));
  const stats = live === null ? null : statsOf(mounts, pathWalk(table), live);
  return { ...question, stats };
}

/** Why a rule cannot answer. */
const LACKS = {
  inodes: 'needs the inodes of a running cell, which a saved table lacks',
  roots: 'needs the roots of the mounts, which the format of /proc/mounts lacks',
};

/** The choices that another rule would make, even if a mount is wrong; `why` says so. */
export function applyRule(rule: Rule, verifiedTable: VerifiedTable): readonly MountChoice[] {
  const question = ruleQuestion(verifiedTable);
  const pick = pickOf(rule, question);
  const { verified, live } = verifiedTable;
  const lack = lackOf(rule, question);
  const nothingFound = lack === null ? 'takes no mount of it' : LACKS[lack];
  return verified.map((choice) => {
    const { taken, found } = takenBy(pick, choice);
    return {
      hierarchy: choice.hierarchy,
      chosen: taken?.mount ?? null,
      confirmed: live === null ? null : taken !== undefined && isGood(taken),
      why: sentence(`the rule ${rule} ${found.length === 0 ? nothingFound : found.join('; ')}`),
      candidates: choice.candidates.map((candidate) => {
        if (candidate === taken) return { ...candidate, verdict: 'chosen' };
        return isGood(candidate) ? { ...candidate, verdict: 'passed-over' } : candidate;
      }),
      openedAt: taken !== undefined && taken.mount === choice.chosen ? choice.openedAt : null,
    };
  });
}

const isGood = ({ verdict }: Candidate): boolean =>
  verdict === 'chosen' || verdict === 'equivalent';

/** The candidate that a rule takes for a hierarchy, and a phrase for each of its controllers. */
function takenBy(
  pick: Pick,
  { hierarchy, candidates }: MountChoice,
): { readonly taken: Candidate | undefined; readonly found: readonly string[] } {
  const picks = controllerNames(hierarchy).map((name) => ({ name, mount: pick(name) }));
  const own = (mount: Mount | null): Candidate | undefined =>
    candidates.find((candidate) => candidate.mount === mount);
  // A rule answers per controller. For a co-mounted hierarchy its first own mount counts.
  const taken = picks.map(({ mount }) => own(mount)).find((candidate) => candidate !== undefined);
  const astray = picks.flatMap(({ name, mount }) =>
    mount === null || own(mount) !== undefined
      ? []
      : [`for ${name} it takes ${placeOf(mount)}, a mount of another hierarchy`],
  );
  const found = taken === undefined ? [] : [`takes ${placeOf(taken.mount)}, which ${taken.why}`];
  return { taken, found: [...found, ...astray] };
}
