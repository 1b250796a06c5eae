import type { Candidate, MountChoice, MountsReport } from '../model/hierarchy.ts';
import type { Mount } from '../model/mount.ts';
import { oneLine, textOfBytes } from '../model/text.ts';
import {
  code,
  heading,
  note,
  omittedNote,
  sentence,
  table,
  type Block,
  type Blocks,
  type ItemColumn,
  type Section,
  type Span,
  type Text,
} from './document/blocks.ts';
import { GENERATIONS, hierarchyText, VERDICT_WORDS } from './names.ts';

/** A table may contain as many named hierarchies as somebody mounted. */
const MAX_HIERARCHIES = 40;
/** A hierarchy can be mounted into every container; this many show what is wrong. */
const MAX_CANDIDATES = 12;
const MAX_PATH = 400;

/** The mount of each hierarchy of a table, and what the table was. */
export function mountsDocument(report: MountsReport): readonly Blocks[] {
  const { source, mode, namespace, rule } = report;
  const origin =
    `${source === '-' ? 'standard input' : oneLine(source, MAX_PATH)}: ${GENERATIONS[mode]}, read in ` +
    `${namespace === 'initial' ? 'the initial' : 'a private'} cgroup namespace` +
    (report.namespaceAssumed ? ' (assumed; change it with --cgroup-namespace)' : '') +
    (rule === 'verified' ? '' : `, by the rule ${rule}`);
  return [sentence(origin), ...hierarchyGroups(report.choices)];
}

/** The same of the cell, for the page. */
export function mountsSection(choices: readonly MountChoice[]): Section {
  // Hierarchies without a mount come first, the others in the order of the report.
  const rank = ({ chosen }: MountChoice): number => Number(chosen !== null);
  const sorted = choices.toSorted((a, b) => rank(a) - rank(b));
  return {
    id: 'mounts',
    title: 'Mounts',
    count: choices.length,
    blocks: [
      choices.length === 0 && sentence('No mounted cgroup hierarchy is reachable.'),
      hierarchyGroups(sorted.slice(0, MAX_HIERARCHIES)).toReversed(),
      omittedNote(choices.length - MAX_HIERARCHIES),
    ],
  };
}

/**
 * The mount of each hierarchy, and the other mounts with why they were not chosen. A cell with only
 * cgroup v2 has one hierarchy, which needs no table.
 */
function hierarchyGroups(choices: readonly MountChoice[]): readonly Blocks[] {
  const [only, ...more] = choices;
  if (only !== undefined && more.length === 0) return [onlyHierarchy(only)];
  return choices.length === 0 ? [] : [hierarchyTable(choices), summaryOf(choices)];
}

function hierarchyTable(choices: readonly MountChoice[]): Block {
  const columns: readonly ItemColumn<MountChoice>[] = [
    { title: 'Hierarchy', least: 13, cell: ({ hierarchy }) => code(hierarchyText(hierarchy)) },
    { title: 'Mount', least: 14, fit: 'cut-middle', cell: chosenSpan },
    { title: 'Confirmed', cell: ({ confirmed }) => confirmedSpan(confirmed) },
  ];
  // A saved table confirms nothing.
  const isLive = choices.some(({ confirmed }) => confirmed !== null);
  return table(choices, isLive ? columns : columns.slice(0, -1), {
    id: 'mounts-table',
    caption: 'Every hierarchy, the mount that shows it, and the others',
    below: notesOf,
  });
}

const chosenSpan = ({ chosen }: MountChoice): Span =>
  chosen === null ? { text: 'none', tone: 'critical' } : code(pathText(chosen));

const confirmedSpan = (confirmed: boolean | null): Text => {
  if (confirmed === null) return null;
  return confirmed ? { text: 'yes', tone: 'good' } : { text: 'no', tone: 'critical' };
};

function onlyHierarchy(choice: MountChoice): Blocks {
  const { hierarchy, chosen } = choice;
  const mounted = chosen === null ? 'without a usable mount' : `mounted at ${pathText(chosen)}`;
  const text = `One hierarchy: ${hierarchyText(hierarchy)}, ${mounted}`;
  const tone = isBad(choice) ? 'critical' : 'strong';
  return [heading([{ text, tone }]), notesOf(choice)];
}

const isBad = ({ chosen, confirmed }: MountChoice): boolean =>
  chosen === null || confirmed === false;

/** Why the mount was chosen, and every other mount with the reason against it. */
function notesOf(choice: MountChoice): Blocks {
  const { chosen, why, candidates } = choice;
  // The sentence already says why a lone mount was not chosen.
  const others = candidates.length === 1 ? [] : candidates.filter(({ mount }) => mount !== chosen);
  const shown = others.slice(0, MAX_CANDIDATES);
  return [
    isBad(choice) ? sentence(why) : note(why),
    shown.map(candidateNote),
    omittedNote(others.length - shown.length, ' (--format json has all)'),
  ];
}

const candidateNote = ({ mount, verdict, why }: Candidate): Block =>
  note([
    `- ${VERDICT_WORDS[verdict]}: `,
    code(pathText(mount)),
    `${mount.id === null ? '' : ` (mount id ${mount.id})`} ${why}`,
  ]);

const pathText = ({ mountPoint }: Mount): string => oneLine(textOfBytes(mountPoint), MAX_PATH);

function summaryOf(choices: readonly MountChoice[]): Block {
  const missing = choices.filter(({ chosen }) => chosen === null);
  const all = choices.length;
  if (missing.length === 0) return sentence(`Each of the ${all} hierarchies has a mount.`);
  const names = missing.map(({ hierarchy }) => hierarchyText(hierarchy)).join(', ');
  const have = missing.length === 1 ? 'has' : 'have';
  return sentence(
    `${missing.length} of ${all} hierarchies ${have} no mount that shows the root: ${names}.`,
    'critical',
  );
}
