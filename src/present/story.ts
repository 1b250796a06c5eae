import type { Paint } from './color.ts';
import { wrapText } from './display-width.ts';
import { renderTable } from './table.ts';

interface StoryOptions {
  readonly paint: Paint;
  readonly columns: number;
}

/** The heading of an act. */
export const actTitle = (number: number, title: string, { paint, columns }: StoryOptions): string =>
  `\n${wrapText(`${number}. ${title}`, columns)
    .map((line) => paint.bold(line))
    .join('\n')}\n`;

export const paragraph = (text: string, { columns }: StoryOptions): string =>
  `${wrapText(text, Math.max(30, Math.min(columns, 100))).join('\n')}\n`;

export interface ShownMount {
  /** Its place in the table, counted from 1. */
  readonly line: number;
  readonly mountPoint: string;
  readonly what: string;
}

export const mountsOfStory = (
  mounts: readonly ShownMount[],
  { paint, columns }: StoryOptions,
): string =>
  lines(
    renderTable({
      columns: [
        { title: 'LINE', align: 'right' },
        { title: 'MOUNT POINT', least: 24, cut: 'middle' },
        { title: 'SHOWS', least: 12 },
      ],
      rows: mounts.map(({ line, mountPoint, what }) => ({
        cells: [{ text: String(line) }, { text: mountPoint }, { text: what }],
      })),
      width: columns,
      titleStyle: paint.dim,
    }),
  );

export interface ShownRule {
  readonly rule: string;
  readonly mountPoint: string | null;
  readonly seen: number;
  readonly of: number;
}

export const rulesOfStory = (
  rules: readonly ShownRule[],
  { paint, columns }: StoryOptions,
): string =>
  lines(
    renderTable({
      columns: [
        { title: 'RULE', least: 12 },
        { title: 'MOUNT THAT IT TAKES', least: 24, cut: 'middle' },
        { title: 'CONTAINERS SEEN', least: 15 },
      ],
      rows: rules.map(({ rule, mountPoint, seen, of }) => ({
        cells: [
          { text: rule },
          { text: mountPoint ?? 'none' },
          { text: `${seen} of ${of}`, style: seen === of ? paint.green : paint.red },
        ],
      })),
      width: columns,
      titleStyle: paint.dim,
    }),
  );

const lines = (rows: readonly string[]): string => `${rows.join('\n')}\n`;
