import type { MountTable } from '../model/mount.ts';
import type { Screen } from '../present/color.ts';
import { actTitle, paragraph } from '../present/story.ts';
import { modeOf, reversedMounts } from './reversed-mounts.ts';

type State = 'healthy' | 'broken';

export interface Checked {
  readonly output: string;
  readonly exitCode: number;
}

export interface Scenes {
  readonly opening: string;
  readonly table: MountTable;
  mounts(): Promise<Checked>;
  /** What security sensors would see. None runs here. */
  sensors(): Promise<Checked>;
  check(state: State): Promise<Checked>;
  /** Breaks the cell; returns what was done, in sentences. */
  breakCell(): Promise<readonly string[]>;
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
type Act = readonly [title: string, show: () => Promise<boolean>];

export async function tellStory(scenes: Scenes, teller: StoryTeller): Promise<boolean> {
  const { say } = teller;
  const show = ({ output, exitCode }: Checked, expected = 0): boolean => {
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
      const isShown = show(await scenes.mounts());
      say(`\n${paragraph(STILL_MISSED, teller)}`);
      return isShown;
    },
  ];
  const misleading: Act = [
    'The mounts of the cell',
    () => Promise.resolve(showMounts(scenes.table)),
  ];
  const checks: readonly Act[] = [
    [
      'rollcall sensors: what would a security sensor see?',
      async () => show(await scenes.sensors()),
    ],
    [
      'rollcall check: does Garden list every container that runs?',
      async () => show(await scenes.check('healthy')),
    ],
    [
      'Three things go wrong',
      async () => {
        for (const what of await scenes.breakCell()) say(paragraph(`- ${what}`, teller));
        say('\n');
        return show(await scenes.check('broken'), 1);
      },
    ],
  ];
  const another: Act = [
    'A recorded cell as on jammy: which of the many mounts would Tracee 0.19 take?',
    async () => {
      const isShown = showMounts(scenes.reversed.table);
      say('\n');
      return show(await scenes.reversed.sensors()) && isShown;
    },
  ];
  say(paragraph(scenes.opening, teller));
  const hasV2Alone = modeOf(scenes.table) === 'v2';
  const acts = hasV2Alone ? [mounts, ...checks, another] : [misleading, ...checks];
  let isAsExpected = true;
  for (const [index, [title, tell]] of acts.entries()) {
    say(actTitle(index + 1, title, teller));
    isAsExpected = (await tell()) && isAsExpected;
  }
  return isAsExpected;
}

const STILL_MISSED =
  'One mount shows everything, so no sensor can choose a wrong one. Sensors still miss or misname containers.';
