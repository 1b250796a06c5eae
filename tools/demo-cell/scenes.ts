import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { runInCell, type Cell } from './cell/cell.ts';
import { breakStoryCell, hasNetwork, leakOnStoryCell, STORY_HANDLES } from './story-cell.ts';
import type { Checked, Scenes } from './story.ts';

const fileAt = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The command of the product, as an operator of the cell runs it. */
export const rollcallCommand = (args: readonly string[]): readonly string[] => [
  process.execPath,
  fileAt('../../src/cli/main.ts'),
  ...args,
];

export type Terminal = { readonly columns: number; readonly isColored: boolean };

export function liveScenes(cell: Cell, { columns, isColored }: Terminal): Scenes {
  return {
    opening:
      `A Diego cell in a box (${cell.runId}): real cgroups, mounts and processes of this machine, and a server that speaks ` +
      `Garden's API. ${STORY_HANDLES.length} containers run on it, and Garden's CPU throttling is on.`,
    hasV2Alone: cell.mode === 'v2',
    run: async (_state, ...words) => {
      const env = { COLUMNS: String(columns) };
      const { stdout, stderr, exitCode } = await runInCell(
        cell,
        storyCommand(isColored, words),
        env,
      );
      return { output: stdout + stderr, exitCode };
    },
    breakCell: () => breakStoryCell(cell),
    leak: hasNetwork() ? () => leakOnStoryCell(cell) : null,
    sensorsOfReversed: () => sensorsOfReversed({ columns, isColored }),
  };
}

const storyCommand = (isColored: boolean, words: readonly string[]): readonly string[] =>
  rollcallCommand([...words, '--color', isColored ? 'always' : 'never']);

/** The captures of tools/record-story.ts. */
export const RECORDED = {
  healthy: fileAt('./recorded/healthy.json.gz'),
  broken: fileAt('./recorded/broken.json.gz'),
  leaked: fileAt('./recorded/leaked.json.gz'),
  reversed: fileAt('./recorded/reversed-mounts.json.gz'),
} as const;

/** The same story if no cell can be built. */
export const recordedScenes = (terminal: Terminal): Scenes => ({
  opening: `A recorded Diego cell. ${STORY_HANDLES.length} containers run on it, and Garden's CPU throttling is on.`,
  hasV2Alone: true,
  run: (state, ...words) => runHere(terminal, ...words, '--capture', RECORDED[state]),
  breakCell: () => Promise.resolve(),
  leak: () => Promise.resolve(),
  sensorsOfReversed: () => sensorsOfReversed(terminal),
});

const sensorsOfReversed = (terminal: Terminal): Promise<Checked> =>
  runHere(terminal, 'sensors', '--tool', 'tracee@0.19', '--capture', RECORDED.reversed);

async function runHere(
  { columns, isColored }: Terminal,
  ...words: readonly string[]
): Promise<Checked> {
  const [file = '', ...args] = storyCommand(isColored, words);
  const ran = await execa(file, args, {
    env: { COLUMNS: String(columns) },
    reject: false,
    stderr: 'inherit',
    stripFinalNewline: false,
  });
  return { output: ran.stdout, exitCode: ran.exitCode ?? 2 };
}
