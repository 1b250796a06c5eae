import { takesOf } from '../../src/mounts/rules.ts';
import { RULES, type Rule, type Score } from '../../src/model/hierarchy.ts';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { compareRules } from '../../src/mounts/compare-rules.ts';
import { fileWith } from '../generated-part.ts';
import { code, markdownTable } from '../markdown.ts';
import { constructedTables, type RecordedAnswer, type RecordedTable } from './recorded-tables.ts';
import { textOfBytes } from '../../src/model/text.ts';

export const MOUNT_RULES_PAGE = 'docs/appendix/mount-rules.md';

/** The page with the scores of every rule; the rest is written by hand. */
export function mountRulesPage(): string {
  const tables = constructedTables();
  const picks = tables.flatMap(scoreTable);
  const pairs = picks.length / RULES.length;
  const scores = [
    `## ${tables.length} tables, ${pairs} hierarchies`,
    countTable(picks),
    '## Wrong answers',
    failureTable(picks),
  ];
  return fileWith(MOUNT_RULES_PAGE, { 'src/mounts/rules.ts': scores.join('\n\n') });
}

function countTable(picks: readonly ScoredPick[]): string {
  const count = (rule: Rule, score: RecordedScore): number =>
    picks.filter((pick) => pick.rule === rule && pick.score === score).length;
  return markdownTable(
    ['rule', 'what it chooses', ...SCORES],
    RULES.map((rule) => [
      code(rule),
      takesOf(rule),
      ...SCORES.map((score) => String(count(rule, score))),
    ]),
  );
}

/** Groups equal failures of one rule on one table in one line. */
function failureTable(picks: readonly ScoredPick[]): string {
  const failures = picks.filter(({ score }) => ['wrong', 'false', 'missed'].includes(score));
  if (failures.length === 0) return 'None.';
  const groups = Map.groupBy(
    failures,
    ({ rule, title, score }) => `${code(rule)} | ${title} | ${score}`,
  );
  return markdownTable(
    ['rule', 'table', 'score', 'hierarchies'],
    Array.from(groups, ([cells, all]) => [cells, all.map(({ name }) => name).join(' ')]),
  );
}

const SCORES = ['right', 'equivalent', 'wrong', 'false', 'missed', 'not applicable'] as const;
type RecordedScore = Score | 'not applicable';

/** The choice of one rule for one hierarchy of one table, judged by the recorded answer. */
export interface ScoredPick {
  readonly rule: Rule;
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
      const score = pick?.score === null ? 'not applicable' : scoreOf(taken, answer);
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
