import fs from 'node:fs';
import process from 'node:process';
import { execa } from 'execa';
import type { Cell } from './cell.ts';
import { rollcallCommand } from './entry.ts';
import { recordedStory } from './recorded-story.ts';
import { whyNoCell } from './requirements.ts';
import { ruleView } from './rule-views.ts';
import { runInCell } from './run-in-cell.ts';
import { BREAKS, breakStoryCell, startStoryCell, STORY_HANDLES } from './story-cell.ts';
import { KnownFailure } from '../model/failure.ts';
import { asByteString } from '../model/ids.ts';
import { parseMountInfo } from '../parse/mount-table.ts';
import { colors } from '../present/color.ts';
import { paragraph } from '../present/story.ts';
import { readCapture } from '../probe/capture-file.ts';
import { tellStory, type Scenes, type StoryTeller } from './story.ts';
import { wantsColor, type ColorChoice, type Io } from '../terminal/io.ts';

export interface DemoArguments {
  readonly keep: boolean;
  readonly color: ColorChoice;
}

/** 128 + SIGINT, as a shell reports a command that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

/**
 * The story of a cell in a box; on a recorded cell where none can be built.
 * @throws KnownFailure DEMO_FAILED if a check did not give what it should.
 */
export async function runDemo(args: DemoArguments, io: Io): Promise<number> {
  const isColored = wantsColor(args.color, io);
  const teller = {
    colors: colors(isColored),
    columns: io.columns,
    say: (text: string) => io.stdout(text),
  };
  const obstacle = whyNoCell();
  if (obstacle === null) return tellLive(args, teller, isColored);
  if (args.keep) throw obstacle;
  io.stderr(`rollcall: ${obstacle.message}. This is the story of a recorded cell.\n`);
  const isTold = await tellStory(recordedScenes(teller, isColored), teller);
  if (!isTold)
    throw new KnownFailure('DEMO_FAILED', 'The recorded cell was not decided as it should be.');
  teller.say(`\n${paragraph(NEXT_RECORDED, teller)}`);
  return 0;
}

const NEXT_RECORDED =
  'Try next: the same as root on Linux, which builds the cell for real; npm run --silent rollcall -- mounts, for the ' +
  'hierarchies of this machine.';
const NEXT_LIVE =
  'Try next: npm run demo -- --keep, and look around in the cell; npm run --silent rollcall -- mounts, for the hierarchies of ' +
  'this machine; npm test.';

async function tellLive(
  args: DemoArguments,
  teller: StoryTeller,
  isColored: boolean,
): Promise<number> {
  const interrupted = onInterrupt();
  const started = startStoryCell();
  try {
    const outcome = await Promise.race([
      interrupted.promise,
      started.then((cell) => tellStory(liveScenes(cell, teller, isColored), teller)),
    ]);
    if (outcome === 'interrupted') return EXIT_INTERRUPTED;
    if (!outcome) {
      throw new KnownFailure(
        'DEMO_FAILED',
        'A check of the cell in a box did not give what it should; see above.',
      );
    }
    if (args.keep) keep(await started, teller);
    return 0;
  } finally {
    const cell = await started.catch(() => null);
    if (cell !== null && !(args.keep && interrupted.isCalm())) {
      await cell.stop();
      teller.say(
        `\n${paragraph('The cell is gone: no process, mount or cgroup of it is left.', teller)}`,
      );
      teller.say(paragraph(NEXT_LIVE, teller));
    }
    interrupted.forget();
  }
}

function liveScenes(cell: Cell, { columns, say }: StoryTeller, isColored: boolean): Scenes {
  const root = cell.outside('');
  return {
    opening:
      `A Diego cell in a box (${cell.runId}): real cgroups, mounts and processes of this machine, and a server that speaks ` +
      `Garden's API. ${STORY_HANDLES.length} containers run on it.`,
    table: parseMountInfo(
      asByteString(fs.readFileSync(`/proc/${cell.rootPid}/mountinfo`, 'latin1')),
    ),
    containers: STORY_HANDLES.length,
    seenThrough: (rule, mountPoint) => ruleView(rule, mountPoint, STORY_HANDLES, root).seen,
    check: async () => {
      const ran = await runInCell(cell, checkCommand(isColored), { COLUMNS: String(columns) });
      say(ran.stdout);
      if (ran.stderr !== '') say(ran.stderr);
      return ran.exitCode;
    },
    breakCell: async () => {
      await breakStoryCell(cell);
      return BREAKS.map(({ what }) => what);
    },
  };
}

const checkCommand = (isColored: boolean, ...more: readonly string[]): readonly string[] =>
  rollcallCommand(['check', '--all', '--color', isColored ? 'always' : 'never', ...more]);

function recordedScenes({ columns, say }: StoryTeller, isColored: boolean): Scenes {
  const { captures, seen } = recordedStory();
  const [look] = readCapture(captures.healthy).looks;
  if (look === undefined) throw new KnownFailure('DEMO_FAILED', 'The recorded cell holds no pass.');
  const check = async (state: 'healthy' | 'broken'): Promise<number> => {
    const [file = '', ...args] = checkCommand(isColored, '--capture', captures[state]);
    const ran = await execa(file, args, {
      env: { COLUMNS: String(columns) },
      reject: false,
      stderr: 'inherit',
      stripFinalNewline: false,
    });
    say(ran.stdout);
    return ran.exitCode ?? 2;
  };
  return {
    opening: `A recorded Diego cell. ${STORY_HANDLES.length} containers run on it.`,
    table: look.mounts.cellTable,
    containers: STORY_HANDLES.length,
    seenThrough: (rule) => seen[rule] ?? 0,
    check,
    breakCell: () => Promise.resolve(BREAKS.map(({ what }) => what)),
  };
}

function keep(cell: Cell, teller: StoryTeller): void {
  cell.keep();
  const enter = cell.enterForPeople.join(' ');
  const check = rollcallCommand(['check']).join(' ');
  teller.say(
    [
      '',
      'The cell goes on running. Check it (it exits 1: something is untracked):',
      `  ${enter} ${check}`,
      'Enter it:',
      `  ${enter} sh`,
      'Remove it, with every trace:',
      `  kill -9 ${cell.rootPid}`,
      '',
    ].join('\n'),
  );
}

function onInterrupt() {
  let isCalm = true;
  let hear: () => void = () => undefined;
  const promise = new Promise<'interrupted'>((resolve) => {
    hear = () => {
      isCalm = false;
      resolve('interrupted');
    };
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, hear);
  const forget = (): void => {
    for (const signal of signals) process.off(signal, hear);
  };
  return { promise, isCalm: () => isCalm, forget };
}
