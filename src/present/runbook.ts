import type { CellIdentity } from '../model/cell-identity.ts';
import { REASONS, type Reason } from '../model/finding.ts';
import { casesOf } from './advice/advice.ts';
import { caseForAny } from './advice/any-case.ts';
import {
  commands,
  heading,
  listed,
  sentence,
  steps,
  type Block,
  type Span,
  type Text,
} from './document/blocks.ts';
import { isPlainName } from './names.ts';

export interface RunbookSection {
  readonly title: string;
  /** Markdown, from its heading up to the next one. */
  readonly text: string;
}

export function runbookSections(markdown: string): readonly RunbookSection[] {
  return markdown
    .split(/^(?=## )/m)
    .slice(1)
    .map((text) => ({ title: /^## (.*)$/m.exec(text)?.[1]?.trim() ?? '', text }));
}

/** The alert about findings with a reason: `RollcallUnknownToGarden`. */
export const alertOf = (reason: Reason): string =>
  `Rollcall${reason.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`;

/** The alerts whose section has another heading than their name. */
const HEADING_OF_ALERT: Readonly<Record<string, string>> = {
  ...Object.fromEntries(REASONS.map((reason) => [alertOf(reason), reason])),
  RollcallDrill: 'drill',
  RollcallNoRep: 'no-rep',
};

/** What to type for a section, which is also its anchor on a web page. */
const nameOfSection = (title: string): string =>
  title.includes(' ') ? title.toLowerCase().replaceAll(' ', '-') : title;

/** The section of a reason or an alert; null: there is none. */
export function sectionNamed(
  name: string,
  sections: readonly RunbookSection[],
): RunbookSection | null {
  const typed = nameOfSection(name).toLowerCase();
  const alert = Object.entries(HEADING_OF_ALERT).find(([one]) => one.toLowerCase() === typed);
  const wanted = alert?.[1] ?? typed;
  return sections.find(({ title }) => nameOfSection(title).toLowerCase() === wanted) ?? null;
}

const MAX_ALIKE = 5;
/** With fewer letters in common, a name is another one. */
const LETTERS_IN_COMMON = 4;

/** The names of sections and alerts that a person may have meant; the first five. */
export function namesLike(name: string, sections: readonly RunbookSection[]): readonly string[] {
  const typed = nameOfSection(name).toLowerCase();
  if (typed.length < LETTERS_IN_COMMON) return [];
  const names = [
    ...sections.map(({ title }) => nameOfSection(title)),
    ...Object.keys(HEADING_OF_ALERT),
  ];
  const beginning = typed.slice(0, LETTERS_IN_COMMON);
  const containing = names.filter((one) => one.toLowerCase().includes(typed));
  const alike = names.filter((one) => one.toLowerCase().startsWith(beginning));
  return (containing.length > 0 ? containing : alike).slice(0, MAX_ALIKE);
}

/** Fills in the deployment and the instance of a cell where commands have words for them. */
export function runbookOfCell(markdown: string, cell: CellIdentity | null): string {
  if (cell === null || !isPlainName(cell.deployment) || !isPlainName(cell.group)) return markdown;
  const { deployment, group, index } = cell;
  return markdown
    .replaceAll(/^( +bosh )(?=.*diego_cell\/INDEX)/gm, `$1-d ${deployment} `)
    .replaceAll('diego_cell/INDEX', `${group}/${index}`)
    .replaceAll('BOSH_DEPLOYMENT=DEPLOYMENT', `BOSH_DEPLOYMENT=${deployment}`);
}

/** A part of a section, such as what is below `*Do:*`; without a label, what comes before the first one. */
interface Part {
  readonly label: string | null;
  /** Blocks that stand together; a terminal shows an empty line between two groups. */
  readonly groups: Block[][];
}

/**
 * The runbook, or a section of it, for a terminal: what to do comes first in each section. It knows only
 * the Markdown that the runbook uses.
 */
export const runbookDocument = (markdown: string): readonly (readonly Block[])[] =>
  markdown
    .trim()
    .replaceAll(STEPS_ON_PAGE, '$1')
    .split(/\n+(?=## )/)
    .flatMap(sectionGroups);

/** What the page has of the steps of a reason, where a link leads to those that other sections share. */
const STEPS_ON_PAGE = /(<!-- Made by [^>]*-->)[^]*?<!-- End of what is made\. -->/g;
const MADE_FOR = /^<!-- Made by .* from src\/present\/advice for (.*): -->$/;
const LABEL = /^\*([A-Z][^*]*:)\*\s*([^]*)$/;

function sectionGroups(section: string): readonly (readonly Block[])[] {
  const [title = '', ...paragraphs] = section.split(/\n{2,}/);
  const parts = partsOf(paragraphs.filter((one) => !one.startsWith('![')));
  const isAdvice = ({ label }: Part): boolean => label === 'Do:' || label === 'Do not:';
  const ordered = [...parts.filter(isAdvice), ...parts.filter((part) => !isAdvice(part))];
  return [[titleBlock(title.replace(/^#+ /, ''))], ...ordered.flatMap(({ groups }) => groups)];
}

function partsOf(paragraphs: readonly string[]): readonly Part[] {
  let part: Part = { label: null, groups: [] };
  const parts = [part];
  for (const paragraph of paragraphs) {
    const [, label, text = paragraph] = LABEL.exec(paragraph) ?? [];
    if (label !== undefined) {
      part = { label, groups: [[titleBlock(label)]] };
      parts.push(part);
    }
    const reason = REASONS.find((one) => one === MADE_FOR.exec(text)?.[1]);
    for (const blocks of reason === undefined ? [blocksOf(text)] : reasonGroups(reason)) {
      const standsAlone = part.label === null || blocks[0]?.kind === 'heading';
      if (standsAlone) part.groups.push([...blocks]);
      else part.groups.at(-1)?.push(...blocks);
    }
  }
  return parts;
}

/** On a cell, nothing leads to another section: each has all of its steps, with their commands. */
const reasonGroups = (reason: Reason): readonly (readonly Block[])[] =>
  casesOf(reason)
    .filter(({ title }) => title !== null)
    .map((one) => caseForAny(one, reason))
    .map(({ title, urgency, steps: all }) => [
      ...(title === null ? [] : [titleBlock(`${title}:`)]),
      sentence(urgency),
      steps(all),
    ]);

const titleBlock = (text: string): Block => heading([{ text, tone: 'strong' }]);

/** A paragraph, a list, or lines to type. */
function blocksOf(paragraph: string): readonly Block[] {
  if (paragraph === '') return [];
  const indent = /^ */.exec(paragraph)?.[0].length ?? 0;
  if (indent > 0) return [commands(paragraph.split('\n').map((line) => line.slice(indent)))];
  return paragraph.split(/\n(?=(?:-|\d+\.) )/).map((text) => {
    const mark = /^(?:-|\d+\.) /.exec(text)?.[0] ?? '';
    return listed(mark, textOf(text.slice(mark.length).replaceAll(/\n */g, ' ')));
  });
}

/** Without emphasis. */
const textOf = (markdown: string): Text =>
  markdown.split(/(`[^`]+`|\[[^\]]*\]\([^)]*\))/).flatMap((part) => {
    if (part.startsWith('`')) return [copied(part.slice(1, -1))];
    const [, words = '', page = '', anchor = ''] = LINK.exec(part) ?? [];
    if (page !== '') return [`${words} (${page.replace(/^(?:\.\.\/)*/, '')})`];
    if (anchor === '') return [part.replaceAll('*', '')];
    return words === anchor ? [words] : [`${words} (`, copied(`rollcall runbook ${anchor}`), ')'];
  });

const LINK = /^\[(.*)\]\(([^#]*)#?(.*)\)$/;

/** People copy it, so no line is broken in it. */
const copied = (text: string): Span => ({ text, isCode: true, isUnbroken: true });
