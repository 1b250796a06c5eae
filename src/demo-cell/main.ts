// `npm run demo`: a Diego cell in a box, checked before your eyes. It runs from a clone only.
import process from 'node:process';
import { KnownFailure } from '../model/failure.ts';
import { finish } from '../terminal/failing.ts';
import { handleOutputErrors, processIo as io, type ColorChoice } from '../terminal/io.ts';
import { typedOptions } from '../terminal/options.ts';
import { runDemo } from './demo.ts';

const HELP = `npm run demo -- [--keep] [--color auto|always|never]

A Diego cell in a box, checked before your eyes: real cgroups, mounts and
processes as root on Linux, else a recording.

Options:
  --keep   Leave the cell running, and say how to enter it
  --color  Colour; auto: on a terminal without NO_COLOR
           [choices: "auto", "always", "never"] [default: "auto"]

Examples:
  npm run demo -- --keep  look around in the cell afterwards
`;

const COLORS: readonly string[] = ['auto', 'always', 'never'] satisfies ColorChoice[];
const isColorChoice = (text: string): text is ColorChoice => COLORS.includes(text);

function demo(): Promise<number> {
  const { keep, color, help } = typedOptions({
    keep: { type: 'boolean', default: false },
    color: { type: 'string', default: 'auto' },
    help: { type: 'boolean', default: false },
  });
  if (help) {
    io.stdout(HELP);
    return Promise.resolve(0);
  }
  if (!isColorChoice(color))
    throw new KnownFailure('USAGE', `--color ${color}: it takes ${COLORS.join(', ')}.`);
  return runDemo({ keep, color }, io);
}

handleOutputErrors(process, false);
process.exitCode = await finish(demo, io);
