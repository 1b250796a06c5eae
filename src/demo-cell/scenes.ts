import fs from 'node:fs';
import path from 'node:path';
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

/** The product's own command, as an operator of the cell calls it. */
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
  const root = cell.outside('');
  return {
    opening:
      `A Diego cell in a box (${cell.runId}): real cgroups, mounts and processes of this machine, and a server that speaks ` +
      `Garden's API. ${STORY_HANDLES.length} containers run on it.`,
    table: parseMountInfo(
      asByteString(fs.readFileSync(`/proc/${cell.rootPid}/mountinfo`, 'latin1')),
    ),
    containers: STORY_HANDLES.length,
    seenThrough: (_rule, mountPoint) => containersSeen(mountPoint, root),
    check: async () => {
      const ran = await runInCell(cell, checkCommand(isColored), { COLUMNS: String(columns) });
      return { output: ran.stdout + ran.stderr, exitCode: ran.exitCode };
    },
    breakCell: async () => {
      await breakStoryCell(cell);
      return BREAKS.map(({ what }) => what);
    },
  };
}

const checkCommand = (isColored: boolean, ...more: readonly string[]): readonly string[] =>
  rollcallCommand(['check', '--all', '--color', isColored ? 'always' : 'never', ...more]);

/** The same story where no cell can be built, as tools/record-story.ts recorded it. */
export function recordedScenes({ columns, isColored }: Terminal): Scenes {
  const captureOf = (state: State): string => fileAt(`./recorded/${state}.json.gz`);
  const [snapshot] = readCapture(captureOf('healthy')).looks;
  if (snapshot === undefined)
    throw new KnownFailure('DEMO_FAILED', 'The recorded cell holds no pass.');
  const seen = recordedCounts();
  const check = async (state: State): Promise<Checked> => {
    const [file = '', ...args] = checkCommand(isColored, '--capture', captureOf(state));
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
    containers: STORY_HANDLES.length,
    seenThrough: (rule) => seen.get(rule) ?? 0,
    check,
    breakCell: () => Promise.resolve(BREAKS.map(({ what }) => what)),
  };
}

/** Containers seen through the mount that a rule takes. */
function recordedCounts(): ReadonlyMap<string, number> {
  const counts: unknown = JSON.parse(fs.readFileSync(fileAt('./recorded/seen.json'), 'utf8'));
  return new Map(Object.entries(counts ?? {}).map(([rule, count]) => [rule, Number(count)]));
}

/**
 * Counts the containers with processes below a mount point.
 * @param root where the cell's own paths begin, as this process sees them
 */
const containersSeen = (mountPoint: string | null, root: string): number =>
  mountPoint === null ? 0 : liveNames(root + mountPoint, new Set(STORY_HANDLES)).size;

function liveNames(top: string, names: ReadonlySet<string>): Set<string> {
  const live = new Set<string>();
  const walk = (directory: string, inside: string | null): void => {
    const procs = path.join(directory, 'cgroup.procs');
    if (inside !== null && fs.existsSync(procs) && fs.readFileSync(procs, 'utf8') !== '')
      live.add(inside);
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const name = names.has(entry.name) ? entry.name : inside;
      walk(path.join(directory, entry.name), name);
    }
  };
  walk(top, null);
  return live;
}
