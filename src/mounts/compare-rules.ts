import {
  controllerNames,
  RULES,
  type MountChoice,
  type Rule,
  type RuleComparison,
  type RulePick,
  type Score,
  type Candidate,
} from '../model/hierarchy.ts';
import type { Mount } from '../model/mount.ts';
import { placeOf, sentence } from './mount-sentences.ts';
import type { LiveCell } from './judge-mount.ts';
import { statsOf } from './mount-stats.ts';
import { pathWalk } from './reachability.ts';
import { lackOf, opensNothing, pickOf, type Pick, type RuleQuestion } from './rules.ts';

export type ComparedTable = Omit<RuleQuestion, 'stats'> & { readonly live: LiveCell | null };

function questionOf({ live, ...question }: ComparedTable): RuleQuestion {
  const { table } = question;
  const mounts = question.verified.flatMap(({ candidates }) =>
    candidates.map(({ mount }) => mount),
  );
  const stats = live === null ? null : statsOf(mounts, pathWalk(table), live);
  return { ...question, stats };
}

/** Applies all rules and compares each result with the verified choice. */
export function compareRules(compared: ComparedTable): RuleComparison {
  const question = questionOf(compared);
  const asked = question.verified.flatMap((choice) =>
    controllerNames(choice.hierarchy).map((name) => ({ name, choice })),
  );
  return new Map(
    RULES.map((rule) => {
      const pick = pickOf(rule, question);
      const picks = asked.map(({ name, choice }): [string, RulePick] => {
        const mount = pick(name);
        const score =
          mount !== null && opensNothing(rule, mount) ? 'wrong' : scoreOf(mount, choice);
        return [name, { mount, score: lackOf(rule, question) === null ? score : null }];
      });
      return [rule, new Map(picks)];
    }),
  );
}

function scoreOf(picked: Mount | null, verified: MountChoice): Score {
  const { chosen, candidates } = verified;
  if (picked === chosen) return 'right';
  if (chosen === null) return 'false';
  if (picked === null) return 'missed';
  const candidate = candidates.find(({ mount }) => mount === picked);
  return candidate?.verdict === 'equivalent' ? 'equivalent' : 'wrong';
}

/** The choices that another rule would make, even if a mount is wrong; `why` says so. */
export function applyRule(rule: Rule, compared: ComparedTable): readonly MountChoice[] {
  const question = questionOf(compared);
  const pick = pickOf(rule, question);
  const { verified, live } = compared;
  const nothingFound =
    lackOf(rule, question) === 'inodes'
      ? 'needs the inodes of a running cell, which a saved table lacks'
      : 'takes no mount of it';
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
