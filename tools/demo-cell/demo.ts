import { demoFailed } from './cgroups/processes.ts';
import { once } from 'node:events';
import process from 'node:process';
import { keepCell, startAgentOf } from './kept-cell.ts';
import { whyNoCell } from './cell/requirements.ts';
import { liveScenes, recordedScenes, type Terminal } from './scenes.ts';
import type { CellOptions } from './cell/start-cell.ts';
import { startStoryCell } from './story-cell.ts';
import { paragraph, tellStory, type StoryTeller } from './story.ts';
import { colors } from '../../src/present/color.ts';
import { untilInterrupted, wantsColor, type ColorChoice, type Io } from '../../src/terminal/io.ts';

export interface DemoArguments {
  readonly mode: CellOptions['mode'];
  readonly keep: boolean;
  readonly color: ColorChoice;
}

/** 128 + SIGINT, as a shell reports a command that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

/**
 * Tells the story on a cell in a box, or on a recorded cell if none can be built.
 * @throws KnownFailure DEMO_FAILED if a check did not give the expected result
 */
export async function runDemo(args: DemoArguments, io: Io): Promise<number> {
  const { columns } = io;
  const isColored = wantsColor(args.color, io);
  const teller = {
    colors: colors(isColored),
    columns,
    say: (text: string) => io.stdout(text),
  };
  const obstacle = whyNoCell(args.mode);
  if (obstacle === null) {
    return untilInterrupted((stop) => tellLive(args, teller, { columns, isColored, stop }));
  }
  // A recording neither stays nor has another mode.
  if (args.keep || args.mode !== 'auto') throw obstacle;
  io.stderr(`rollcall: ${obstacle.message}. This is the story of a recorded cell.\n`);
  const isTold = await tellStory(recordedScenes({ columns, isColored }), teller);
  if (!isTold) throw demoFailed('The check of the recorded cell gave an unexpected result.');
  teller.say(`\n${paragraph(NEXT_RECORDED, teller)}`);
  return 0;
}

const NEXT_RECORDED =
  'Try next: the same as root on Linux, which builds the cell for real; npm run --silent rollcall -- mounts, for the ' +
  'hierarchies of this machine.';
const NEXT_LIVE =
  'Try next: npm run demo -- --keep, and look around in the cell; npm run --silent rollcall -- mounts, for the hierarchies of ' +
  'this machine; npm test.';

/** Once stopped, the story prints nothing more and only removes the cell. */
async function tellLive(
  args: DemoArguments,
  teller: StoryTeller,
  { columns, isColored, stop }: Terminal & { readonly stop: AbortSignal },
): Promise<number> {
  const stopped = once(stop, 'abort').then(() => 'stopped' as const);
  const untilStopped: StoryTeller = {
    ...teller,
    say: (text) => {
      if (!stop.aborted) teller.say(text);
    },
  };
  // Node reports standard output as writable even after EPIPE.
  let isReaderGone = false;
  process.stdout.once('error', () => {
    isReaderGone = true;
  });
  const started = startStoryCell(args.mode);
  let isKept = false;
  try {
    const outcome = await Promise.race([
      stopped,
      started.then(async (cell) => {
        if (args.keep) await startAgentOf(cell);
        return tellStory(liveScenes(cell, { columns, isColored }), untilStopped);
      }),
    ]);
    // A reader that closes early (`| head`) also stops the story, which is not a failure.
    if (outcome === 'stopped') return isReaderGone ? 0 : EXIT_INTERRUPTED;
    if (!outcome) {
      throw demoFailed('A check of the cell in a box gave an unexpected result; see above.');
    }
    if (args.keep) {
      teller.say(await keepCell(await started));
      isKept = true;
    }
    return 0;
  } finally {
    const cell = await started.catch(() => null);
    if (cell !== null && !isKept) {
      await cell.stop();
      teller.say(
        `\n${paragraph('The cell in a box is gone: no process, mount or cgroup of it is left.', teller)}`,
      );
      teller.say(paragraph(NEXT_LIVE, teller));
    }
  }
}
