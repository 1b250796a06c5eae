import { controllerNames, RULES, type MountChoice, type Rule } from '../model/hierarchy.ts';
import type { Mount } from '../model/mount.ts';
import type { RuleComparison, RulePick, Score } from '../model/mounts-report.ts';
import { pickOf, type RuleQuestion } from './rules/pick.ts';

/** All rules side by side, each judged by the verified choice. */
export function compareRules(question: RuleQuestion): RuleComparison {
  const asked = question.verified.flatMap((choice) =>
    controllerNames(choice.hierarchy).map((name) => ({ name, choice })),
  );
  return new Map(
    RULES.map((rule) => {
      const pick = pickOf(rule, question);
      const picks = asked.map(({ name, choice }): [string, RulePick] => {
        const mount = pick(name);
        return [name, { mount, score: canAnswer(rule, question) ? scoreOf(mount, choice) : null }];
      });
      return [rule, new Map(picks)];
    }),
  );
}

const canAnswer = (rule: Rule, { table, live }: RuleQuestion): boolean =>
  rule === 'lowest-inode' ? live !== null : rule !== 'root-only' || table.format === 'mountinfo';

function scoreOf(picked: Mount | null, verified: MountChoice): Score {
  const { chosen, candidates } = verified;
  if (picked === chosen) return 'right';
  if (chosen === null) return 'false';
  if (picked === null) return 'missed';
  const candidate = candidates.find(({ mount }) => mount === picked);
  return candidate?.verdict === 'equivalent' ? 'equivalent' : 'wrong';
}
