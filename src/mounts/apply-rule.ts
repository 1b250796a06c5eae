import {
  controllerNames,
  type Candidate,
  type MountChoice,
  type Rule,
} from '../model/hierarchy.ts';
import type { Mount } from '../model/mount.ts';
import type { LiveCell } from './judge-mount.ts';
import { placeOf, sentence } from './mount-sentences.ts';
import { pickOf, type Pick, type RuleQuestion } from './rules/pick.ts';

/** The verified choices as another rule would have made them: a wrong mount stays wrong, and its `why` says so. */
export function applyRule(rule: Rule, question: RuleQuestion): readonly MountChoice[] {
  const pick = pickOf(rule, question);
  return question.verified.map((choice) => chosenByRule(rule, choice, pick, question.live));
}

const isGood = ({ verdict }: Candidate): boolean =>
  verdict === 'chosen' || verdict === 'equivalent';

function chosenByRule(
  rule: Rule,
  choice: MountChoice,
  pick: Pick,
  live: LiveCell | null,
): MountChoice {
  const picks = controllerNames(choice.hierarchy).map((name) => ({ name, mount: pick(name) }));
  const own = (mount: Mount | null): Candidate | undefined =>
    choice.candidates.find((candidate) => candidate.mount === mount);
  // Of a co-mounted hierarchy each controller is asked for by itself; the first right answer is the hierarchy's.
  const taken = picks.map(({ mount }) => own(mount)).find((candidate) => candidate !== undefined);
  const astray = picks.flatMap(({ name, mount }) =>
    mount === null || own(mount) !== undefined
      ? []
      : [`for ${name} it takes ${placeOf(mount)}, a mount of another hierarchy`],
  );
  const found =
    taken === undefined
      ? astray.length === 0
        ? [nothingFound(rule, live)]
        : []
      : [`takes ${placeOf(taken.mount)}, which ${taken.why}`];
  return {
    hierarchy: choice.hierarchy,
    chosen: taken?.mount ?? null,
    confirmed: live === null ? null : taken !== undefined && isGood(taken),
    why: sentence(`the rule ${rule} ${[...found, ...astray].join('; ')}`),
    candidates: choice.candidates.map((candidate) => {
      if (candidate === taken) return { ...candidate, verdict: 'chosen' };
      return isGood(candidate) ? { ...candidate, verdict: 'passed-over' } : candidate;
    }),
    openedAt: taken !== undefined && taken.mount === choice.chosen ? choice.openedAt : null,
  };
}

const nothingFound = (rule: Rule, live: LiveCell | null): string =>
  rule === 'lowest-inode' && live === null
    ? 'needs the inodes of a running cell, and a text has none'
    : 'takes no mount of it';
