import type { Rule, RuleComparison, RulePick, Score } from '../model/hierarchy.ts';
import type { Mount } from '../model/mount.ts';
import { textOfBytes, oneLine } from '../model/text.ts';
import type { Colors } from './color.ts';
import { wrapText } from './display-width.ts';
import { controllerText } from './hierarchy-name.ts';
import { renderTable, type TableCell } from './table.ts';

const MAX_PATH = 400;

/** What follows the number of a mount; a right answer needs no word. */
const MARKS: Readonly<Record<Score, string>> = {
  right: '',
  equivalent: 'same',
  wrong: 'WRONG',
  false: 'FALSE',
  missed: 'MISSED',
};

const LEGEND: readonly (readonly [Score, string])[] = [
  ['equivalent', 'same: another mount that shows the same.'],
  ['wrong', 'WRONG: not the root of that hierarchy, although a mount shows it.'],
  ['false', 'FALSE: a mount, although none shows the root of that hierarchy.'],
  ['missed', 'MISSED: no mount, although one shows the root of that hierarchy.'],
];

/** Paths are too long to stand beside each other: a column a rule, with the numbers of the mounts listed below. */
export function rulesLines(
  comparison: RuleComparison,
  { colors, columns }: { readonly colors: Colors; readonly columns: number },
): string[] {
  const rules = [...comparison.keys()];
  const names = [...(comparison.values().next().value?.keys() ?? [])];
  const numbers = new Map<Mount, number>();
  const scores = new Set<Score | null>();
  const cellOf = (rule: Rule, name: string): TableCell => {
    const pick = comparison.get(rule)?.get(name);
    if (pick === undefined) return { text: '' };
    scores.add(pick.score);
    return pickCell(pick, numberOf(pick.mount, numbers), colors);
  };
  const rows = names.map((name) => ({
    cells: [{ text: controllerText(name) }, ...rules.map((rule) => cellOf(rule, name))],
  }));
  const table = renderTable({
    columns: [
      { title: 'CONTROLLER', least: 12 },
      ...rules.map((rule) => ({ title: rule.toUpperCase(), least: 8 })),
    ],
    rows,
    width: columns,
    titleStyle: (text) => colors.bold(text),
  });
  const paths = [...numbers].flatMap(([mount, number]) => pathLines(mount, number, columns));
  const legend = LEGEND.filter(([score]) => scores.has(score)).map(([, text]) => text);
  if (scores.has(null)) {
    legend.push('-: that rule needs a running cell, or a format that shows roots.');
  }
  return [
    ...table,
    '',
    ...paths,
    ...legend.flatMap((text) => wrapText(text, columns).map((line) => colors.dim(line))),
  ];
}

function pathLines(mount: Mount, number: number, columns: number): string[] {
  const label = `${number}`.padEnd(4);
  return wrapText(pathOf(mount), columns - label.length).map(
    (line, index) => (index === 0 ? label : ' '.repeat(label.length)) + line,
  );
}

const pathOf = ({ mountPoint, id }: Mount): string =>
  oneLine(textOfBytes(mountPoint), MAX_PATH) + (id === null ? '' : ` (mount id ${id})`);

function numberOf(mount: Mount | null, numbers: Map<Mount, number>): number | null {
  if (mount === null) return null;
  const known = numbers.get(mount);
  if (known !== undefined) return known;
  numbers.set(mount, numbers.size + 1);
  return numbers.size;
}

function pickCell({ score }: RulePick, number: number | null, colors: Colors): TableCell {
  if (score === null) return { text: '-' };
  const text = `${number ?? 'none'} ${MARKS[score]}`.trim();
  const isWrong = score === 'wrong' || score === 'false' || score === 'missed';
  return isWrong ? { text, style: (cell) => colors.red(cell) } : { text };
}
