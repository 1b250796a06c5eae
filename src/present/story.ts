import type { Screen } from './color.ts';
import { wrapText } from './display-width.ts';
import { renderTable } from './table.ts';

/** The heading of an act. */
export const actTitle = (number: number, title: string, { colors, columns }: Screen): string =>
  `\n${wrapText(`${number}. ${title}`, columns)
    .map((line) => colors.bold(line))
    .join('\n')}\n`;

export const paragraph = (text: string, { columns }: Screen): string =>
  `${wrapText(text, Math.max(30, Math.min(columns, 100))).join('\n')}\n`;

export interface ShownMount {
  /** Its place in the table, counted from 1. */
  readonly line: number;
  readonly mountPoint: string;
  readonly what: string;
}

export const mountsOfStory = (mounts: readonly ShownMount[], { colors, columns }: Screen): string =>
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
      titleStyle: colors.dim,
    }),
  );

const lines = (rows: readonly string[]): string => `${rows.join('\n')}\n`;
