// `npm run demo`: runs and checks a Diego cell in a box. It runs only from a clone.
import process from 'node:process';
import { KnownFailure } from '../model/failure.ts';
import { finish } from '../terminal/failing.ts';
import { handleOutputErrors, processIo as io, type ColorChoice } from '../terminal/io.ts';
import { typedOptions } from '../terminal/options.ts';
import { runDemo } from './demo.ts';

const HELP = `npm run demo -- [--v1|--v2] [--keep] [--color auto|always|never]

Runs and checks a Diego cell in a box: real cgroups, mounts and processes as
root on Linux, otherwise a recording.

  --v1      a cell with the hierarchies of cgroup version 1, as on jammy
  --v2      a cell with only cgroup version 2 (default: what this machine has)
  --keep    leave the cell running, and print how to enter it
  --color   colour; auto: on a terminal without NO_COLOR (default)
`;

const COLORS: readonly string[] = ['auto', 'always', 'never'] satisfies ColorChoice[];
const isColorChoice = (text: string): text is ColorChoice => COLORS.includes(text);

function demo(): Promise<number> {
  const { v1, v2, keep, color, help } = typedOptions({
    v1: { type: 'boolean', default: false },
    v2: { type: 'boolean', default: false },
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
  if (v1 && v2) throw new KnownFailure('USAGE', 'The demo takes --v1 or --v2, not both.');
  return runDemo({ mode: v1 ? 'v1' : v2 ? 'v2' : 'auto', keep, color }, io);
}

handleOutputErrors(process, false);
process.exitCode = await finish(demo, io);
