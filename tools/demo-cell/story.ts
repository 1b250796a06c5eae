import type { MountTable, Mount } from '../../src/model/mount.ts';
import type { Screen } from '../../src/present/color.ts';
import { wrapText } from '../../src/present/display-width.ts';
import { itemTable } from '../../src/present/table.ts';
import { controllerNames, type CgroupMode, type MountChoice } from '../../src/model/hierarchy.ts';
import { asByteString } from '../../src/model/ids.ts';
import { textOfBytes } from '../../src/model/text.ts';
import { chooseMounts, type MountsAnswer } from '../../src/mounts/choose-mounts.ts';
import { primaryHierarchy } from '../../src/mounts/resolve.ts';
import { BREAKS, LEAK } from './story-cell.ts';

/** Of the cell, one after the other. */
type State = 'healthy' | 'broken' | 'leaked';

export type Checked = { readonly output: string; readonly exitCode: number };

export interface Scenes {
  readonly opening: string;
  readonly table: MountTable;
  /** Runs `rollcall` with these words, on the cell in this state. */
  run(state: State, ...words: readonly string[]): Promise<Checked>;
  breakCell(): Promise<void>;
  /** Loses a container's network and root filesystem; null if this cell has no networks. */
  readonly leak: (() => Promise<void>) | null;
  /** Another cell, always a recorded one, with cgroup v1 and mounts that mislead a sensor. */
  readonly reversed: {
    readonly table: MountTable;
    sensors(): Promise<Checked>;
  };
}

export interface StoryTeller extends Screen {
  readonly say: (text: string) => void;
}

/** Its title, and what it shows: true if every command gave the expected result. */
type Act = readonly [title: string, show: () => boolean | Promise<boolean>];

export async function tellStory(scenes: Scenes, teller: StoryTeller): Promise<boolean> {
  const { say } = teller;
  const show = async (running: Promise<Checked>, expected = 0): Promise<boolean> => {
    const { output, exitCode } = await running;
    say(output);
    return exitCode === expected;
  };
  const showMounts = (table: MountTable): boolean => {
    const mounts = reversedMounts(table, teller);
    say(mounts ?? '');
    return mounts !== null;
  };
  const mounts: Act = [
    'rollcall mounts: where are the cgroups of this cell?',
    async () => {
      const isShown = await show(scenes.run('healthy', 'mounts'));
      say(`\n${paragraph(STILL_MISSED, teller)}`);
      return isShown;
    },
  ];
  const { leak } = scenes;
  const ledgers = (leaking: () => Promise<void>): Act => [
    'rollcall ledgers: what is left of containers that are gone?',
    async () => {
      await leaking();
      say(`${paragraph(`- ${LEAK.what}`, teller)}\n`);
      return show(scenes.run('leaked', 'ledgers'), 1);
    },
  ];
  const another: Act = [
    'A recorded cell as on jammy: which of the many mounts would Tracee 0.19 take?',
    async () => {
      const isShown = showMounts(scenes.reversed.table);
      say('\n');
      return (await show(scenes.reversed.sensors())) && isShown;
    },
  ];
  const hasV2Alone = modeOf(scenes.table) === 'v2';
  const acts: readonly Act[] = [
    hasV2Alone ? mounts : ['The mounts of the cell', () => showMounts(scenes.table)],
    [
      'rollcall sensors: what would a security sensor see?',
      () => show(scenes.run('healthy', 'sensors')),
    ],
    [
      'rollcall check: does Garden list every container that runs?',
      () => show(scenes.run('healthy', 'check', '--all')),
    ],
    [
      'Three things go wrong',
      async () => {
        await scenes.breakCell();
        for (const { what } of BREAKS) say(paragraph(`- ${what}`, teller));
        say('\n');
        return show(scenes.run('broken', 'check', '--all'), 1);
      },
    ],
    ...(leak === null ? [] : [ledgers(leak)]),
    ...(hasV2Alone ? [another] : []),
  ];
  say(paragraph(scenes.opening, teller));
  let isAsExpected = true;
  for (const [index, [title, tell]] of acts.entries()) {
    const { columns, colors } = teller;
    say(`\n${linesOf(wrapText(`${index + 1}. ${title}`, columns, colors.bold))}`);
    isAsExpected = (await tell()) && isAsExpected;
  }
  return isAsExpected;
}

export const paragraph = (text: string, { columns }: Screen): string =>
  linesOf(wrapText(text, Math.max(30, Math.min(columns, 100))));

const linesOf = (rows: readonly string[]): string => `${rows.join('\n')}\n`;

const STILL_MISSED =
  'One mount shows everything, so no sensor can choose a wrong one. Sensors still miss or misname containers.';

const answerFor = (table: MountTable): MountsAnswer =>
  chooseMounts({ table, namespace: 'initial', live: null, rule: 'verified' });

const modeOf = (table: MountTable): CgroupMode => answerFor(table).mode;

/** The mounts of one hierarchy, of which few show all of it; null if none is mounted. */
function reversedMounts(table: MountTable, options: Screen): string | null {
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
  const mounts = itemTable(
    shownMounts(told),
    [
      { title: 'LINE', align: 'right', cell: ({ line }) => String(line) },
      { title: 'MOUNT POINT', least: 24, cut: 'middle', cell: ({ mountPoint }) => mountPoint },
      { title: 'SHOWS', least: 12, cell: ({ what }) => what },
    ],
    options,
  );
  return paragraph(text, options) + linesOf(mounts);
}

/** The chosen mount, all other mounts of the whole hierarchy, and two of the containers' own. */
function shownMounts({ candidates }: MountChoice) {
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
