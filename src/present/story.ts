import type { Screen } from './color.ts';
import { wrapText } from './display-width.ts';
import { itemTable } from './table.ts';

export const actTitle = (number: number, title: string, { colors, columns }: Screen): string =>
  `\n${lines(wrapText(`${number}. ${title}`, columns, colors.bold))}`;

export const paragraph = (text: string, { columns }: Screen): string =>
  lines(wrapText(text, Math.max(30, Math.min(columns, 100))));

export interface ShownMount {
  /** Its place in the table, counted from 1. */
  readonly line: number;
  readonly mountPoint: string;
  readonly what: string;
}

export const mountsOfStory = (mounts: readonly ShownMount[], screen: Screen): string =>
  lines(
    itemTable(
      mounts,
      [
        { title: 'LINE', align: 'right', cell: ({ line }) => String(line) },
        { title: 'MOUNT POINT', least: 24, cut: 'middle', cell: ({ mountPoint }) => mountPoint },
        { title: 'SHOWS', least: 12, cell: ({ what }) => what },
      ],
      screen,
    ),
  );

const lines = (rows: readonly string[]): string => `${rows.join('\n')}\n`;
