import { RULES, type Rule, type Score } from '../../src/model/hierarchy.ts';
import { textOfBytes } from '../../src/model/text.ts';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { compareRules } from '../../src/mounts/compare-rules.ts';
import type { RecordedAnswer, RecordedTable } from './recorded-tables.ts';

export const SCORES = [
  'right',
  'equivalent',
  'wrong',
  'false',
  'missed',
  'cannot be asked',
] as const;
export type RecordedScore = Score | 'cannot be asked';

/** What one rule took for one hierarchy of one table, judged by the recorded answer. */
export interface ScoredPick {
  readonly rule: Rule;
  /** Of the table. */
  readonly title: string;
  readonly name: string;
  readonly taken: string | null;
  readonly score: RecordedScore;
}

export function scoreTable({ title, table, namespace, answers }: RecordedTable): ScoredPick[] {
  const question = { table, namespace, live: null };
  const verified = chooseMounts({ ...question, rule: 'verified' }).choices;
  const comparison = compareRules({ ...question, verified });
  return RULES.flatMap((rule) =>
    answers.map((answer) => {
      const pick = comparison.get(rule)?.get(answer.name);
      const mount = pick?.mount ?? null;
      const taken = mount === null ? null : textOfBytes(mount.mountPoint);
      const score = pick?.score === null ? 'cannot be asked' : scoreOf(taken, answer);
      return { rule, title, name: answer.name, taken, score };
    }),
  );
}

function scoreOf(taken: string | null, { correct, equivalent }: RecordedAnswer): Score {
  if (taken === correct) return 'right';
  if (correct === null) return 'false';
  if (taken === null) return 'missed';
  return equivalent.includes(taken) ? 'equivalent' : 'wrong';
}
