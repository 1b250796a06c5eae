import { controllerNames, type MountChoice } from '../model/hierarchy.ts';
import { asByteString } from '../model/ids.ts';
import type { Mount, MountTable } from '../model/mount.ts';
import { textOfBytes } from '../model/text.ts';
import { chooseMounts } from '../mounts/choose-mounts.ts';
import { primaryHierarchy } from '../mounts/resolve.ts';
import type { Colors } from '../present/color.ts';
import { actTitle, mountsOfStory, paragraph, type ShownMount } from '../present/story.ts';

export type State = 'healthy' | 'broken';

export interface Checked {
  readonly output: string;
  readonly exitCode: number;
}

export interface Scenes {
  /** A live cell, or the recording of one. */
  readonly opening: string;
  readonly table: MountTable;
  /** What security sensors would see. None runs here. */
  sensors(): Promise<Checked>;
  /** Runs a real check. */
  check(state: State): Promise<Checked>;
  /** Breaks the cell; returns what was done, in sentences. */
  breakCell(): Promise<readonly string[]>;
}

export interface StoryTeller {
  readonly colors: Colors;
  readonly columns: number;
  readonly say: (text: string) => void;
}

/** Tells the story in four acts; true if every check gave the expected result. */
export async function tellStory(scenes: Scenes, teller: StoryTeller): Promise<boolean> {
  const { say } = teller;
  say(paragraph(scenes.opening, teller));
  say(actTitle(1, 'The mounts of the cell', teller));
  const primary = storyHierarchy(scenes.table);
  if (primary === null) return false;
  const controller = controllerNames(primary.hierarchy)[0] ?? 'memory';
  say(
    paragraph(
      `The cell's table has ${scenes.table.mounts.length} lines, in reversed order. These are the ones of the hierarchy ` +
        `${controller}: one line each, and no path says which one shows the whole hierarchy.`,
      teller,
    ),
  );
  say(mountsOfStory(shownMounts(primary), teller));

  say(actTitle(2, 'rollcall sensors: what would a security sensor see through them?', teller));
  const sensors = await scenes.sensors();
  say(sensors.output);

  say(actTitle(3, 'rollcall check: does Garden list every container that runs?', teller));
  const healthy = await scenes.check('healthy');
  say(healthy.output);

  say(actTitle(4, 'Three things go wrong', teller));
  for (const what of await scenes.breakCell()) say(paragraph(`- ${what}`, teller));
  say('\n');
  const broken = await scenes.check('broken');
  say(broken.output);
  return sensors.exitCode === 0 && healthy.exitCode === 0 && broken.exitCode === 1;
}

/** The hierarchy of the story; null if none is mounted. */
function storyHierarchy(table: MountTable): MountChoice | null {
  const { choices, mode } = chooseMounts({
    table,
    namespace: 'initial',
    live: null,
    rule: 'verified',
  });
  return primaryHierarchy(choices, mode);
}

/** The chosen mount, all other mounts of the whole hierarchy, and two of the containers' own. */
function shownMounts({ candidates }: MountChoice): readonly ShownMount[] {
  const rows = candidates
    .map(({ mount, verdict }) => ({
      mount,
      whole: verdict === 'chosen' || verdict === 'equivalent',
    }))
    .toSorted((a, b) => a.mount.line - b.mount.line);
  const own = rows.filter(({ whole }) => !whole);
  const shown = rows.filter((row) => row.whole || own.indexOf(row) < 2);
  const lines = shown.map(({ mount, whole }) => ({
    line: mount.line,
    mountPoint: textOfBytes(mount.mountPoint),
    what: whole ? 'the whole hierarchy' : `one container: ${containerOf(mount)}`,
  }));
  const more = own.length - 2;
  const last = own.at(-1)?.mount.line ?? 0;
  return more <= 0
    ? lines
    : [
        ...lines,
        { line: last, mountPoint: `… ${more} more like these`, what: 'one container each' },
      ];
}

/** Without containerd's leaf `init` on v2 (guardian cgroup_manager_linux.go:17). */
const containerOf = ({ root }: Mount): string =>
  textOfBytes(root ?? asByteString(''))
    .replace(/\/init$/, '')
    .split('/')
    .at(-1) ?? '';
