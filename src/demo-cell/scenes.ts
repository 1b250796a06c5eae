import fs from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { runInCell, type Cell } from './cell/cell.ts';
import { BREAKS, breakStoryCell, STORY_HANDLES } from './story-cell.ts';
import type { Checked, Scenes, State } from './story.ts';
import { KnownFailure } from '../model/failure.ts';
import { asByteString } from '../model/ids.ts';
import { parseMountInfo } from '../parse/mount-table.ts';
import { readCapture } from '../probe/own-files.ts';

const fileAt = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The command of the product, as an operator of the cell runs it. */
export const rollcallCommand = (args: readonly string[]): readonly string[] => [
  process.execPath,
  fileAt('../cli/main.ts'),
  ...args,
];

export interface Terminal {
  readonly columns: number;
  readonly isColored: boolean;
}

/** The story on a live cell. */
export function liveScenes(cell: Cell, { columns, isColored }: Terminal): Scenes {
  const run = async (command: readonly string[]): Promise<Checked> => {
    const ran = await runInCell(cell, command, { COLUMNS: String(columns) });
    return { output: ran.stdout + ran.stderr, exitCode: ran.exitCode };
  };
  return {
    opening:
      `A Diego cell in a box (${cell.runId}): real cgroups, mounts and processes of this machine, and a server that speaks ` +
      `Garden's API. ${STORY_HANDLES.length} containers run on it.`,
    table: parseMountInfo(
      asByteString(fs.readFileSync(`/proc/${cell.rootPid}/mountinfo`, 'latin1')),
    ),
    sensors: () => run(sensorsCommand(isColored)),
    check: () => run(checkCommand(isColored)),
    breakCell: async () => {
      await breakStoryCell(cell);
      return BREAKS.map(({ what }) => what);
    },
  };
}

const checkCommand = (isColored: boolean, ...more: readonly string[]): readonly string[] =>
  rollcallCommand(['check', '--all', '--color', isColored ? 'always' : 'never', ...more]);

const sensorsCommand = (isColored: boolean, ...more: readonly string[]): readonly string[] =>
  rollcallCommand(['sensors', '--color', isColored ? 'always' : 'never', ...more]);

/** The same story if no cell can be built, as tools/record-story.ts recorded it. */
export function recordedScenes({ columns, isColored }: Terminal): Scenes {
  const captureOf = (state: State): string => fileAt(`./recorded/${state}.json.gz`);
  const [snapshot] = readCapture(captureOf('healthy')).looks;
  if (snapshot === undefined)
    throw new KnownFailure('DEMO_FAILED', 'The recorded cell contains no pass.');
  const run = async ([file = '', ...args]: readonly string[]): Promise<Checked> => {
    const ran = await execa(file, args, {
      env: { COLUMNS: String(columns) },
      reject: false,
      stderr: 'inherit',
      stripFinalNewline: false,
    });
    return { output: ran.stdout, exitCode: ran.exitCode ?? 2 };
  };
  return {
    opening: `A recorded Diego cell. ${STORY_HANDLES.length} containers run on it.`,
    table: snapshot.mounts.cellTable,
    sensors: () => run(sensorsCommand(isColored, '--capture', captureOf('healthy'))),
    check: (state) => run(checkCommand(isColored, '--capture', captureOf(state))),
    breakCell: () => Promise.resolve(BREAKS.map(({ what }) => what)),
  };
}
