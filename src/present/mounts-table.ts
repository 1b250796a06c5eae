import type {
  Candidate,
  MountChoice,
  Rule,
  MountsReport,
  RuleComparison,
  RulePick,
  Score,
} from '../model/hierarchy.ts';
import type { Mount } from '../model/mount.ts';
import type { Colors, Screen } from './color.ts';
import { hangingLines, wrapText } from './display-width.ts';
import { itemTable, noteLines, type ItemColumn, type TableCell } from './table.ts';
import { controllerText, GENERATIONS, hierarchyText, VERDICT_WORDS } from './names.ts';
import { textOfBytes, oneLine } from '../model/text.ts';

/** A hierarchy can be mounted into every container; this many show what is wrong. */
const MAX_CANDIDATES = 12;
const MAX_PATH = 400;
const MAX_WHY = 900;

/**
 * The mount of each hierarchy, the other mounts and why they were not chosen, and the choices of
 * other rules. A cell with only cgroup v2 has one hierarchy, which needs no table.
 */
export function mountsTable(report: MountsReport, options: Screen): string {
  const { columns } = options;
  const { source, mode, namespace, rule } = report;
  const [only, ...more] = report.choices;
  const heading =
    `${source === '-' ? 'standard input' : oneLine(source, MAX_PATH)}: ${GENERATIONS[mode]}, read in ` +
    `${namespace === 'initial' ? 'the initial' : 'a private'} cgroup namespace` +
    (report.namespaceAssumed ? ' (assumed; change it with --cgroup-namespace)' : '') +
    (rule === 'verified' ? '' : `, by the rule ${rule}`);
  const lines = [
    ...wrapText(heading, columns),
    '',
    ...(only === undefined || more.length > 0
      ? hierarchyTable(report.choices, options)
      : onlyHierarchy(only, options)),
    ...(report.comparison === null
      ? []
      : ['', ...rulesLines(report.comparison, report.sensorsByRule, options)]),
    ...(more.length === 0 ? [] : ['', ...wrapText(summaryOf(report.choices), columns)]),
  ];
  return `${lines.join('\n')}\n`;
}

function hierarchyTable(choices: readonly MountChoice[], screen: Screen): readonly string[] {
  const { colors } = screen;
  const chosenCell = ({ chosen }: MountChoice): TableCell =>
    chosen === null ? { text: 'none', style: colors.red } : { text: pathText(chosen) };
  const columns: readonly ItemColumn<MountChoice>[] = [
    { title: 'HIERARCHY', least: 13, cell: ({ hierarchy }) => hierarchyText(hierarchy) },
    { title: 'MOUNT', least: 14, cut: 'middle', cell: chosenCell },
    { title: 'CONFIRMED', cell: ({ confirmed }) => confirmedCell(confirmed, colors) },
  ];
  // A saved table confirms nothing.
  const isLive = choices.some(({ confirmed }) => confirmed !== null);
  return itemTable(choices, isLive ? columns : columns.slice(0, -1), {
    ...screen,
    titleStyle: colors.bold,
    notes: (choice) => notesOf(choice, colors),
  });
}

function onlyHierarchy(choice: MountChoice, { colors, columns }: Screen): readonly string[] {
  const { hierarchy, chosen } = choice;
  const mounted = chosen === null ? 'without a usable mount' : `mounted at ${pathText(chosen)}`;
  const style = isBad(choice) ? colors.red : colors.bold;
  return [
    ...wrapText(`One hierarchy: ${hierarchyText(hierarchy)}, ${mounted}`, columns, style),
    ...notesOf(choice, colors).flatMap((note) => noteLines(note, columns)),
  ];
}

const isBad = ({ chosen, confirmed }: MountChoice): boolean =>
  chosen === null || confirmed === false;

/** Why the mount was chosen, and every other mount with the reason against it. */
function notesOf(choice: MountChoice, colors: Colors): readonly TableCell[] {
  const { chosen, why, candidates } = choice;
  // The sentence already says why a lone mount was not chosen.
  const others = candidates.length === 1 ? [] : candidates.filter(({ mount }) => mount !== chosen);
  const shown = others.slice(0, MAX_CANDIDATES);
  const omitted = others.length - shown.length;
  return [
    { text: oneLine(why, MAX_WHY), style: (text) => (isBad(choice) ? text : colors.dim(text)) },
    ...shown.map((candidate) => candidateNote(candidate, colors)),
    ...(omitted === 0
      ? []
      : [{ text: `… and ${omitted} more (--format json has all)`, style: colors.dim }]),
  ];
}

const pathText = ({ mountPoint }: Mount): string => oneLine(textOfBytes(mountPoint), MAX_PATH);

function confirmedCell(confirmed: boolean | null, colors: Colors): TableCell {
  if (confirmed === null) return { text: '-' };
  return confirmed ? { text: 'yes', style: colors.green } : { text: 'no', style: colors.red };
}

function candidateNote({ mount, verdict, why }: Candidate, colors: Colors): TableCell {
  const text = `- ${VERDICT_WORDS[verdict]}: ${pathWithId(mount)} ${oneLine(why, MAX_WHY)}`;
  return { text, style: colors.dim };
}

function summaryOf(choices: readonly MountChoice[]): string {
  const missing = choices.filter(({ chosen }) => chosen === null);
  const all = choices.length;
  if (missing.length === 0) return `Each of the ${all} hierarchies has a mount.`;
  const names = oneLine(missing.map(({ hierarchy }) => hierarchyText(hierarchy)).join(', '), 400);
  const have = missing.length === 1 ? 'has' : 'have';
  return `${missing.length} of ${all} hierarchies ${have} no mount that shows the root: ${names}.`;
}

/** What follows the number of a mount; a right answer needs no remark. */
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

/** One column per rule, with numbers for the mounts, because paths are too long. */
function rulesLines(
  comparison: RuleComparison,
  sensorsByRule: MountsReport['sensorsByRule'],
  screen: Screen,
): string[] {
  const { colors, columns } = screen;
  const rules = [...comparison.keys()];
  const names = [...(comparison.values().next().value?.keys() ?? [])];
  const numbers = new Map<Mount, number>();
  const scores = new Set<Score | null>();
  const columnOf = (rule: Rule): ItemColumn<string> => ({
    title: rule.toUpperCase(),
    least: 8,
    cell: (name) => {
      const pick = comparison.get(rule)?.get(name);
      if (pick === undefined) return '';
      scores.add(pick.score);
      return pickCell(pick, numberOf(pick.mount, numbers), colors);
    },
  });
  const table = itemTable(
    names,
    [{ title: 'CONTROLLER', least: 12, cell: controllerText }, ...rules.map(columnOf)],
    { ...screen, titleStyle: colors.bold },
  );
  const paths = [...numbers].flatMap(([mount, number]) =>
    hangingLines(pathWithId(mount).split(' '), { columns, first: String(number).padEnd(4) }),
  );
  const legend = LEGEND.filter(([score]) => scores.has(score)).map(([, text]) => text);
  for (const [rule, sensors] of sensorsByRule) legend.push(`${rule.toUpperCase()}: ${sensors}.`);
  if (scores.has(null)) {
    legend.push('-: the rule needs a running cell, or a format that shows roots.');
  }
  return [...table, '', ...paths, ...legend.flatMap((text) => wrapText(text, columns, colors.dim))];
}

const pathWithId = (mount: Mount): string =>
  pathText(mount) + (mount.id === null ? '' : ` (mount id ${mount.id})`);

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
  return isWrong ? { text, style: colors.red } : { text };
}
