import { hangingLines, wrapText } from '../src/present/display-width.ts';

/** The width of prose on every page. */
export const COLUMNS = 120;

export const code = (text: string): string => `\`${text}\``;

export const markdownTable = (
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string =>
  [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

export const paragraph = (text: string): string => wrapText(text, COLUMNS).join('\n');

/** An item of a list, with the items of a list below it. */
export const item = (text: string, below: readonly string[] = []): string =>
  [bullet(text, ''), ...below.map((one) => bullet(one, '  '))].join('\n');

const bullet = (text: string, indent: string): string =>
  hangingLines(text.split(' '), { columns: COLUMNS, first: `${indent}- ` }).join('\n');
