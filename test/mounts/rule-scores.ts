import type { ControllerName, Rule } from '../../src/model/hierarchy.ts';
import { textOfBytes } from '../../src/model/text.ts';
import { ruleQuestion } from '../../src/mounts/apply-rule.ts';
import { chooseMounts, type MountsQuestion } from '../../src/mounts/choose-mounts.ts';
import { lackOf, opensNothing, pickOf } from '../../src/mounts/rules.ts';
import type { KnownAnswer } from './recorded-tables.ts';

export type Score =
  /** The preferred mount; or none, if none shows the root. */
  | 'right'
  /** Another mount that shows the same. */
  | 'equivalent'
  /** A mount that does not show the root of this hierarchy, although another one does. */
  | 'wrong'
  /** A mount, although none shows the root. */
  | 'false'
  /** None, although a mount shows the root. */
  | 'missed'
  /** The rule cannot answer: a saved table has no inodes, and /proc/mounts has no roots. */
  | 'no score';

/** What rules take of a table for a controller, `name=X` or v2. */
export function ruledTable(question: Omit<MountsQuestion, 'rule'>) {
  const verified = chooseMounts({ ...question, rule: 'verified' });
  const asked = ruleQuestion({ ...question, verified: verified.choices });
  const mountOf = (rule: Rule, name: ControllerName) => pickOf(rule, asked)(name);
  return {
    verified,
    mountOf,
    scoreOf: (rule: Rule, name: ControllerName, { correct, equivalent }: KnownAnswer): Score => {
      if (lackOf(rule, asked) !== null) return 'no score';
      const mount = mountOf(rule, name);
      if (mount !== null && opensNothing(rule, mount)) return 'wrong';
      const taken = mount === null ? null : textOfBytes(mount.mountPoint);
      if (taken === correct) return 'right';
      if (correct === null) return 'false';
      if (taken === null) return 'missed';
      return equivalent.includes(taken) ? 'equivalent' : 'wrong';
    },
  };
}
