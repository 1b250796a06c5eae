import type { CellIdentity } from '../model/cell-identity.ts';
import { REASONS, type Reason } from '../model/finding.ts';
import { casesMarkdown } from './advice/advice-markdown.ts';
import type { Colors } from './color.ts';
import { displayWidth } from './display-width.ts';
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
  const heading = alert?.[1] ?? typed;
  return sections.find(({ title }) => nameOfSection(title).toLowerCase() === heading) ?? null;
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

/**
 * Markdown for a terminal: what to do comes first in each section, paragraphs, lists and tables are
 * filled to the width, links to sections become commands. Words and commands keep their line, because
 * people copy them. Handles only the markup that the runbook uses.
 */
export function runbookText(markdown: string, colors: Colors, columns: number): string {
  const blocks = withWholeSteps(markdown)
    .trim()
    .split(/\n+(?=## )/)
    .flatMap((section) => doFirst(section.trim().split(/\n{2,}/)))
    .filter((block) => !/^(?:!\[|<!-- )/.test(block));
  return `${blocks.map((block) => blockText(block, colors, columns)).join('\n\n')}\n`;
}

/** What the page has of the steps of a reason, where a link leads to those that other sections share. */
const STEPS_ON_PAGE =
  /(?<=<!-- Made by .* from src\/present\/advice for (.*): -->\n\n)[^]*?(?=\n\n<!-- End of what is made\. -->)/g;

/** On a cell, nothing leads to another section: each has all of its steps, with their commands. */
const withWholeSteps = (markdown: string): string =>
  markdown.replaceAll(STEPS_ON_PAGE, (steps, name: string) => {
    const reason = REASONS.find((one) => one === name);
    return reason === undefined ? steps : casesMarkdown(reason);
  });

/** Fills in the deployment and the instance of a cell where commands have words for them. */
export function runbookOfCell(markdown: string, cell: CellIdentity | null): string {
  if (cell === null || !isPlainName(cell.deployment) || !isPlainName(cell.group)) return markdown;
  const { deployment, group, index } = cell;
  return markdown
    .replaceAll(/^( +bosh )(?=.*diego_cell\/INDEX)/gm, `$1-d ${deployment} `)
    .replaceAll('diego_cell/INDEX', `${group}/${index}`)
    .replaceAll('BOSH_DEPLOYMENT=DEPLOYMENT', `BOSH_DEPLOYMENT=${deployment}`);
}

const MARKED = /^\*[A-Z][^*]*:\*/;

/** Puts the blocks of `*Do:*` and `*Do not:*` below the heading. */
function doFirst([heading = '', ...blocks]: readonly string[]): readonly string[] {
  let isAdvice = false;
  const isFirst = blocks.map((block) => {
    if (MARKED.test(block)) isAdvice = /^\*Do(?: not)?:/.test(block);
    return isAdvice;
  });
  const those = (wanted: boolean): readonly string[] =>
    blocks.filter((_, index) => isFirst[index] === wanted);
  return [heading, ...those(true), ...those(false)];
}

function blockText(block: string, colors: Colors, columns: number): string {
  const heading = /^#+ (.*)$/.exec(block)?.[1];
  if (heading !== undefined) return colors.bold(heading);
  if (/^ {4}/.test(block)) return codeText(block, colors, columns);
  const text = marked(block);
  const lines = text.startsWith('|')
    ? tableLines(text, columns)
    : text.split(NEXT_ITEM).flatMap((item) => itemLines(item, columns));
  return lines
    .join('\n')
    .replaceAll(GLUE, ' ')
    .replaceAll(STAR, '*')
    .replaceAll(/\u2061([^\u2063]*)\u2063/g, (_, words: string) => eachLine(words, colors.cyan))
    .replaceAll(/\u2062([^\u2063]*)\u2063/g, (_, words: string) => eachLine(words, colors.bold));
}

/** A comment goes above a command that would not fit beside it. */
const codeText = (block: string, colors: Colors, columns: number): string =>
  block
    .split('\n')
    .flatMap((line) => {
      const [, command = line, comment] = /^( +.*?\S) +# (.*)$/.exec(line) ?? [];
      if (comment === undefined || line.length <= columns) return [colors.cyan(line)];
      const indent = /^ */.exec(line)?.[0] ?? '';
      return [...filled(comment, columns, `${indent}# `).map(colors.dim), colors.cyan(command)];
    })
    .join('\n');

/* Characters without width, which mark code, bold words, and the end of both. */
const [CODE, BOLD, END] = ['\u2061', '\u2062', '\u2063'];
/** A space at which no line is broken. */
const GLUE = '\ue000';
/** An asterisk that is part of code. */
const STAR = '\ue001';

const code = (text: string): string =>
  CODE + text.replaceAll(/\s+/g, GLUE).replaceAll('*', STAR) + END;

/** The same text without markup, and with marks for what has a style. */
const marked = (text: string): string =>
  text
    .replaceAll(/`([^`]+)`/g, (_, words: string) => code(words))
    .replaceAll(/\[([^\]]*)\]\(([^)]*)\)/g, (_, words: string, target: string) =>
      linkText(words, target, text.startsWith('|')),
    )
    .replaceAll(/\*{1,2}(?! )([^*]+)\*{1,2}/g, `${BOLD}$1${END}`);

/** In a table, a link to a reason is its command alone. */
function linkText(words: string, target: string, isInTable: boolean): string {
  const [page = '', anchor] = target.split('#');
  if (page !== '') return `${words} (${page.replace(/^(?:\.\.\/)*/, '')})`;
  const command = code(`rollcall runbook ${anchor}`);
  return isInTable && words === anchor ? command : `${words} (${command})`;
}

const NEXT_ITEM = /\n(?=(?:-|\d+\.) )/;

function itemLines(item: string, columns: number): readonly string[] {
  const mark = /^(?:-|\d+\.) /.exec(item)?.[0] ?? '';
  return item
    .slice(mark.length)
    .split(/\\\n */)
    .flatMap((part, index) =>
      filled(part.replaceAll(/\n */g, ' '), columns, index === 0 ? mark : ' '.repeat(mark.length)),
    );
}

/** Never breaks a word, however long. The lines after the first are indented as much. */
function filled(text: string, columns: number, first = ''): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    const longer = line === undefined ? first + word : `${line} ${word}`;
    if (line === undefined) lines.push(longer);
    else if (displayWidth(longer) <= columns) lines.splice(-1, 1, longer);
    else lines.push((first.endsWith('# ') ? first : ' '.repeat(first.length)) + word);
  }
  return lines;
}

const GAP = '  ';

/** The last column gets what the others leave; a row whose first cell is empty continues the one above. */
function tableLines(text: string, columns: number): readonly string[] {
  const rows: string[][] = [];
  for (const line of text.split('\n')) {
    const cells = line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|'));
    const above = rows.at(-1);
    if (cells.every((cell) => /^-+$/.test(cell))) continue;
    if (cells[0] !== '' || above === undefined) rows.push(cells);
    else cells.forEach((cell, index) => (above[index] = `${above[index] ?? ''} ${cell}`.trim()));
  }
  const widest = (index: number, parts: (cell: string) => readonly string[]): number =>
    Math.max(...rows.flatMap((cells) => parts(cells[index] ?? '').map(displayWidth)));
  const widths = (rows[0] ?? []).map((_, index) =>
    Math.min(
      widest(index, (cell) => [cell]),
      Math.max(
        widest(index, (cell) => cell.split(' ')),
        Math.floor(columns * 0.4),
      ),
    ),
  );
  const before = widths.slice(0, -1).reduce((total, width) => total + width + GAP.length, 0);
  widths.splice(-1, 1, Math.max(1, columns - before));
  return rows.flatMap((cells) => {
    const wrapped = cells.map((cell, index) => filled(cell, widths[index] ?? 1));
    const height = Math.max(...wrapped.map(({ length }) => length));
    return Array.from({ length: height }, (_, at) =>
      wrapped
        .map((lines, index) => {
          const line = lines[at] ?? '';
          return line + ' '.repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(line)));
        })
        .join(GAP)
        .trimEnd(),
    );
  });
}

/** Line by line, because `less -R` ends a style at the end of the line. */
const eachLine = (text: string, style: (line: string) => string): string =>
  text.split('\n').map(style).join('\n');
