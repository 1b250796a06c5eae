import { controllerNames, type CgroupMode, type MountChoice } from '../model/hierarchy.ts';
import { asByteString } from '../model/ids.ts';
import type { Mount, MountTable } from '../model/mount.ts';
import { textOfBytes } from '../model/text.ts';
import { chooseMounts, type MountsAnswer } from '../mounts/choose-mounts.ts';
import { primaryHierarchy } from '../mounts/resolve.ts';
import type { Screen } from '../present/color.ts';
import { mountsOfStory, paragraph, type ShownMount } from '../present/story.ts';

const answerFor = (table: MountTable): MountsAnswer =>
  chooseMounts({ table, namespace: 'initial', live: null, rule: 'verified' });

export const modeOf = (table: MountTable): CgroupMode => answerFor(table).mode;

/** The mounts of one hierarchy, of which few show all of it; null if none is mounted. */
export function reversedMounts(table: MountTable, options: Screen): string | null {
  const { choices, mode } = answerFor(table);
  // Tracee reads cpuset.
  const told =
    choices.find(({ hierarchy }) => controllerNames(hierarchy).includes('cpuset')) ??
    primaryHierarchy(choices, mode);
  if (told === null) return null;
  const names = controllerNames(told.hierarchy).join(',');
  const text =
    `The table of this cell has ${table.mounts.length} lines, in reverse order. These are the mounts of the ` +
    `hierarchy ${names}. No path says which of them show the whole hierarchy.`;
  return paragraph(text, options) + mountsOfStory(shownMounts(told), options);
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

const containerOf = ({ root }: Mount): string =>
  textOfBytes(root ?? asByteString(''))
    .split('/')
    .at(-1) ?? '';
