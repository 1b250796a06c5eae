import { REASONS, type Reason } from '../model/finding.ts';
import type { Colors } from './color.ts';
import { hangingLines, wrapText } from './display-width.ts';

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
export const HEADING_OF_ALERT: Readonly<Record<string, string>> = {
  ...Object.fromEntries(REASONS.map((reason) => [alertOf(reason), reason])),
  RollcallDrill: 'drill',
  RollcallNoRep: 'no-rep',
  // The name before 0.2.0.
  RollcallLimitsLost: 'limit-lost',
};

/** The alerts about findings before 0.2.0, one for each severity. */
export const OLD_ALERTS = {
  critical: 'RollcallUntrackedCritical',
  warning: 'RollcallUntrackedWarning',
} as const;

/** The section of a reason or an alert; null: there is none. */
export function sectionNamed(
  name: string,
  sections: readonly RunbookSection[],
): RunbookSection | null {
  const typed = name.toLowerCase();
  const alert = Object.entries(HEADING_OF_ALERT).find(([one]) => one.toLowerCase() === typed);
  const heading = alert?.[1] ?? typed;
  return sections.find(({ title }) => title.toLowerCase() === heading) ?? null;
}

/**
 * Markdown for a terminal: paragraphs and lists are filled to its width. Commands and tables keep their
 * lines, because people copy them. Handles only the markup that the runbook uses.
 */
export function runbookText(markdown: string, colors: Colors, columns: number): string {
  const blocks = markdown.trim().split(/\n{2,}/);
  return `${blocks.map((block) => blockText(block, colors, columns)).join('\n\n')}\n`;
}

function blockText(block: string, colors: Colors, columns: number): string {
  const heading = /^#+ (.*)$/.exec(block)?.[1];
  if (heading !== undefined) return colors.bold(heading);
  if (/^ {4}/.test(block)) return eachLine(block, colors.cyan);
  const text = filled(block, columns);
  return text
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\*\*([^*]+)\*\*/g, (_mark, words: string) => eachLine(words, colors.bold))
    .replaceAll(/(?<![*\w])\*([^*]+)\*(?![*\w])/g, (_mark, words: string) =>
      eachLine(words, colors.bold),
    )
    .replaceAll(/`([^`]+)`/g, (_mark, words: string) => eachLine(words, colors.cyan))
    .replaceAll('\\|', '|');
}

const ITEM = /^(?:-|\d+\.) /;

function filled(block: string, columns: number): string {
  if (block.startsWith('|')) return block;
  if (!ITEM.test(block)) return wrapText(joined(block), columns).join('\n');
  return block
    .split(/\n(?=(?:-|\d+\.) )/)
    .map((item) => {
      const mark = ITEM.exec(item)?.[0] ?? '';
      const words = joined(item.slice(mark.length)).split(' ');
      return hangingLines(words, { columns, first: mark }).join('\n');
    })
    .join('\n');
}

const joined = (lines: string): string => lines.replaceAll(/\n */g, ' ');

/** Line by line, because a pager ends a style at the end of the line. */
const eachLine = (text: string, style: (line: string) => string): string =>
  text.split('\n').map(style).join('\n');
