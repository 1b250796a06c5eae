import type { MountTable } from '../model/mount.ts';
import { actTitle, paragraph, type StoryOptions } from '../present/story.ts';
import { modeOf, reversedMounts } from './reversed-mounts.ts';

type State = 'healthy' | 'broken';

export interface Checked {
  readonly output: string;
  readonly exitCode: number;
}

export interface Scenes {
  /** A live cell, or the recording of one. */
  readonly opening: string;
  readonly table: MountTable;
  /** Which mount shows each hierarchy. */
  mounts(): Promise<Checked>;
  /** What security sensors would see. None runs here. */
  sensors(): Promise<Checked>;
  /** Runs a real check. */
  check(state: State): Promise<Checked>;
  /** Breaks the cell; returns what was done, in sentences. */
  breakCell(): Promise<readonly string[]>;
  /** Another cell, always a recorded one, with cgroup v1 and mounts that mislead a sensor. */
  readonly reversed: {
    readonly table: MountTable;
    /** What that sensor would see. */
    sensors(): Promise<Checked>;
  };
}

export interface StoryTeller extends StoryOptions {
  readonly say: (text: string) => void;
}

interface Act {
  readonly title: string;
  /** True if every command gave the expected result. */
  readonly tell: (scenes: Scenes, teller: StoryTeller) => Promise<boolean>;
}

const STILL_MISSED =
  'One mount shows everything, so no sensor can choose a wrong one. Sensors still miss or misname containers.';

const ONE_MOUNT: Act = {
  title: 'rollcall mounts: where are the cgroups of this cell?',
  async tell(scenes, { say, ...options }) {
    const isShown = show(await scenes.mounts(), 0, say);
    say(`\n${paragraph(STILL_MISSED, options)}`);
    return isShown;
  },
};

const REVERSED_MOUNTS: Act = {
  title: 'The mounts of the cell',
  tell: (scenes, teller) => Promise.resolve(sayReversedMounts(scenes.table, teller)),
};

const SENSORS: Act = {
  title: 'rollcall sensors: what would a security sensor see?',
  tell: async (scenes, { say }) => show(await scenes.sensors(), 0, say),
};

const HEALTHY: Act = {
  title: 'rollcall check: does Garden list every container that runs?',
  tell: async (scenes, { say }) => show(await scenes.check('healthy'), 0, say),
};

const BROKEN: Act = {
  title: 'Three things go wrong',
  async tell(scenes, { say, ...options }) {
    for (const what of await scenes.breakCell()) say(paragraph(`- ${what}`, options));
    say('\n');
    return show(await scenes.check('broken'), 1, say);
  },
};

const REVERSED_CELL: Act = {
  title: 'A recorded cell as on jammy: which of the many mounts would Tracee 0.19 take?',
  async tell({ reversed }, teller) {
    const isTold = sayReversedMounts(reversed.table, teller);
    teller.say('\n');
    return show(await reversed.sensors(), 0, teller.say) && isTold;
  },
};

const WITH_V2_ALONE: readonly Act[] = [ONE_MOUNT, SENSORS, HEALTHY, BROKEN, REVERSED_CELL];
const WITH_V1: readonly Act[] = [REVERSED_MOUNTS, SENSORS, HEALTHY, BROKEN];

/** Tells the story in acts; true if every command gave the expected result. */
export async function tellStory(scenes: Scenes, teller: StoryTeller): Promise<boolean> {
  teller.say(paragraph(scenes.opening, teller));
  const acts = modeOf(scenes.table) === 'v2' ? WITH_V2_ALONE : WITH_V1;
  let isAsExpected = true;
  for (const [index, { title, tell }] of acts.entries()) {
    teller.say(actTitle(index + 1, title, teller));
    isAsExpected = (await tell(scenes, teller)) && isAsExpected;
  }
  return isAsExpected;
}

function sayReversedMounts(table: MountTable, { say, ...options }: StoryTeller): boolean {
  const mounts = reversedMounts(table, options);
  if (mounts !== null) say(mounts);
  return mounts !== null;
}

function show({ output, exitCode }: Checked, expected: number, say: StoryTeller['say']): boolean {
  say(output);
  return exitCode === expected;
}
