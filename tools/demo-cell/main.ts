// `npm run demo`: runs and checks a Diego cell in a box. It runs only from a clone.
import process from 'node:process';
import { usageFailure } from '../../src/model/failure.ts';
import { finish } from '../../src/terminal/failing.ts';
import { handleOutputErrors, processIo as io, type ColorChoice } from '../../src/terminal/io.ts';
import { typedOptions } from '../../src/terminal/options.ts';
import { runDemo } from './demo.ts';

const COLORS: readonly string[] = ['auto', 'always', 'never'] satisfies ColorChoice[];
const isColorChoice = (text: string): text is ColorChoice => COLORS.includes(text);

function demo(): Promise<number> {
  const { v1, v2, keep, color } = typedOptions({
    v1: { type: 'boolean', default: false },
    v2: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    color: { type: 'string', default: 'auto' },
  });
  if (!isColorChoice(color)) throw usageFailure(`--color ${color}: it takes ${COLORS.join(', ')}.`);
  if (v1 && v2) throw usageFailure('The demo takes --v1 or --v2, not both.');
  return runDemo({ mode: v1 ? 'v1' : v2 ? 'v2' : 'auto', keep, color }, io);
}

handleOutputErrors(process, false);
process.exitCode = await finish(demo, io);
