import { demoFailed } from './cgroups/processes.ts';
import fs from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { runInCell, type Cell } from './cell/cell.ts';
import { breakStoryCell, hasNetwork, leakOnStoryCell, STORY_HANDLES } from './story-cell.ts';
import type { Checked, Scenes } from './story.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { MountInputs } from '../../src/model/snapshot.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { readCapture } from '../../src/probe/capture-files.ts';

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
    table: parseMountInfo(
      asByteString(fs.readFileSync(`/proc/${cell.rootPid}/mountinfo`, 'latin1')),
    ),
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
    reversed: reversedScenes({ columns, isColored }),
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
  table: mountsIn(RECORDED.healthy).cellTable,
  run: (state, ...words) => runHere(terminal, ...words, '--capture', RECORDED[state]),
  breakCell: () => Promise.resolve(),
  leak: () => Promise.resolve(),
  reversed: reversedScenes(terminal),
});

const reversedScenes = (terminal: Terminal): Scenes['reversed'] => ({
  table: mountsIn(RECORDED.reversed).cellTable,
  sensors: () =>
    runHere(terminal, 'sensors', '--tool', 'tracee@0.19', '--capture', RECORDED.reversed),
});

function mountsIn(capture: string): MountInputs {
  const [snapshot] = readCapture(capture).capture.looks;
  if (snapshot === undefined) throw demoFailed('The recorded cell contains no pass.');
  return snapshot.mounts;
}

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
