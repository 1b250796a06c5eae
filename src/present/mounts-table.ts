import type { Candidate, MountChoice, MountsReport } from '../model/hierarchy.ts';
import type { Mount } from '../model/mount.ts';
import type { Colors, Screen } from './color.ts';
import { wrapText } from './display-width.ts';
import { itemTable, noteLines, type ItemColumn, type TableCell } from './table.ts';
import { GENERATIONS, hierarchyText, VERDICT_WORDS } from './names.ts';
import { textOfBytes, oneLine } from '../model/text.ts';

/** A hierarchy can be mounted into every container; this many show what is wrong. */
const MAX_CANDIDATES = 12;
const MAX_PATH = 400;
const MAX_WHY = 900;

/**
 * The mount of each hierarchy, and the other mounts with why they were not chosen. A cell with only
 * cgroup v2 has one hierarchy, which needs no table.
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

const pathWithId = (mount: Mount): string =>
  pathText(mount) + (mount.id === null ? '' : ` (mount id ${mount.id})`);
