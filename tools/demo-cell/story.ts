import type { Screen } from '../../src/present/color.ts';
import { wrapText } from '../../src/present/display-width.ts';
import { BREAKS, LEAK } from './story-cell.ts';

/** The states of the cell, in their order. */
type State = 'healthy' | 'broken' | 'leaked';

export type Checked = { readonly output: string; readonly exitCode: number };

export interface Scenes {
  readonly opening: string;
  /** Whether the cell has only cgroup v2, as on noble. */
  readonly hasV2Alone: boolean;
  /** Runs `rollcall` with these words, on the cell in this state. */
  run(state: State, ...words: readonly string[]): Promise<Checked>;
  breakCell(): Promise<void>;
  /** Loses a container's network and root filesystem; null if this cell has no networks. */
  readonly leak: (() => Promise<void>) | null;
  /** `rollcall sensors` on a recorded cell with cgroup v1 and mounts that mislead a sensor. */
  sensorsOfReversed(): Promise<Checked>;
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
    'rollcall ledgers: what is left of a container that is gone?',
    async () => {
      await leaking();
      say(`${paragraph(`- ${LEAK.what}`, teller)}\n`);
      return show(scenes.run('leaked', 'ledgers'), 1);
    },
  ];
  const another: Act = [
    'rollcall sensors: which mount would Tracee 0.19 take on another cell?',
    () => {
      say(`${paragraph(MANY_MOUNTS, teller)}\n`);
      return show(scenes.sensorsOfReversed());
    },
  ];
  const { hasV2Alone } = scenes;
  const acts: readonly Act[] = [
    ...(hasV2Alone ? [mounts] : []),
    [
      'rollcall sensors --tool tracee: what would this security sensor see?',
      () => show(scenes.run('healthy', 'sensors', '--tool', 'tracee')),
    ],
    [
      'rollcall check: does Garden list every container that runs?',
      () => show(scenes.run('healthy', 'check', '--all')),
    ],
    [
      'rollcall check: what does it say once three things have gone wrong?',
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
    say(`\n${linesOf(wrapText(`${index + 1}. ${title}`, columns).map(colors.bold))}`);
    isAsExpected = (await tell()) && isAsExpected;
  }
  return isAsExpected;
}

export const paragraph = (text: string, { columns }: Screen): string =>
  linesOf(wrapText(text, Math.max(30, Math.min(columns, 100))));

const linesOf = (rows: readonly string[]): string => `${rows.join('\n')}\n`;

const MANY_MOUNTS =
  'A recorded cell with cgroup v1, whose containers mount cgroups of their own. rollcall mounts shows whether yours do.';
const STILL_MISSED =
  'One mount shows everything, so no sensor can choose a wrong one. Sensors still miss or misname containers.';
