import { controllerNames, type MountChoice, type Rule } from '../model/hierarchy.ts';
import { asByteString } from '../model/ids.ts';
import type { Mount, MountTable } from '../model/mount.ts';
import { textOfBytes } from '../model/text.ts';
import { chooseMounts } from '../mounts/choose-mounts.ts';
import { compareRules } from '../mounts/compare-rules.ts';
import { primaryHierarchy } from '../mounts/resolve.ts';
import type { Colors } from '../present/color.ts';
import {
  actTitle,
  mountsOfStory,
  paragraph,
  rulesOfStory,
  type ShownMount,
} from '../present/story.ts';

/** The rules whose answers the story shows; `lowest-inode` needs more than a table. */
const STORY_RULES: readonly Rule[] = ['last-match', 'longest-path', 'root-only', 'verified'];

export type State = 'healthy' | 'broken';

export interface Checked {
  readonly output: string;
  readonly exitCode: number;
}

export interface Scenes {
  /** A live cell, or the recording of one. */
  readonly opening: string;
  readonly table: MountTable;
  readonly containers: number;
  /** How many containers a sensor sees through a mount. */
  seenThrough(rule: Rule, mountPoint: string | null): number;
  /** Runs a real check. */
  check(state: State): Promise<Checked>;
  /** Breaks the cell; what was done, in sentences. */
  breakCell(): Promise<readonly string[]>;
}

export interface StoryTeller {
  readonly colors: Colors;
  readonly columns: number;
  readonly say: (text: string) => void;
}

export interface StoryMounts {
  readonly primary: MountChoice;
  readonly controller: string;
  readonly taken: readonly { readonly rule: Rule; readonly mountPoint: string | null }[];
}

/** Tells the story in four acts; true if every check gave what it should. */
export async function tellStory(scenes: Scenes, teller: StoryTeller): Promise<boolean> {
  const { say } = teller;
  say(paragraph(scenes.opening, teller));
  say(actTitle(1, 'The mounts of the cell', teller));
  const mounts = storyMounts(scenes.table);
  if (mounts === null) return false;
  const { primary, controller, taken } = mounts;
  say(
    paragraph(
      `The cell's table has ${scenes.table.mounts.length} lines, in reversed order. These are the ones of the hierarchy ` +
        `${controller}: one line each, and nothing in a path says which shows all of it.`,
      teller,
    ),
  );
  say(mountsOfStory(shownMounts(primary), teller));

  say(actTitle(2, `What a sensor sees, by the rule that takes its mount (${controller})`, teller));
  const rules = taken.map(({ rule, mountPoint }) => ({
    rule,
    mountPoint,
    seen: scenes.seenThrough(rule, mountPoint),
    of: scenes.containers,
  }));
  say(rulesOfStory(rules, teller));

  say(actTitle(3, 'rollcall check: is every container watched?', teller));
  const healthy = await scenes.check('healthy');
  say(healthy.output);

  say(actTitle(4, 'Three things go wrong', teller));
  for (const what of await scenes.breakCell()) say(paragraph(`- ${what}`, teller));
  say('\n');
  const broken = await scenes.check('broken');
  say(broken.output);
  return healthy.exitCode === 0 && broken.exitCode === 1;
}

/** The hierarchy of the story, and the mount of it that each rule takes; null if there is none. */
export function storyMounts(table: MountTable): StoryMounts | null {
  const question = { table, namespace: 'initial', live: null } as const;
  const { choices, mode } = chooseMounts({ ...question, rule: 'verified' });
  const primary = primaryHierarchy(choices, mode);
  if (primary === null) return null;
  const controller = controllerNames(primary.hierarchy)[0] ?? 'memory';
  const comparison = compareRules({ ...question, verified: choices });
  const taken = STORY_RULES.map((rule) => {
    const mount = comparison.get(rule)?.get(controller)?.mount ?? null;
    return { rule, mountPoint: mount === null ? null : textOfBytes(mount.mountPoint) };
  });
  return { primary, controller, taken };
}

/** The chosen mount, every other one of the whole hierarchy, and two of the containers' own. */
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
    what: whole ? 'the whole hierarchy' : `one container: ${lastName(mount)}`,
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

const lastName = ({ root }: Mount): string =>
  textOfBytes(root ?? asByteString(''))
    .split('/')
    .at(-1) ?? '';
