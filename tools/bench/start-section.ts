import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa, execaSync } from 'execa';
import { root } from '../bootstrap/place.mjs';
import { timed, timingOf } from './samples.ts';
import { timeGoal, timingText, type Section } from './section.ts';

const ROUNDS = 12;
const MAX_MILLISECONDS = 140;

/** How long a command takes that does nothing: `--version`. */
export async function startSection(directory: string): Promise<Section> {
  const empty = path.join(directory, 'empty.mjs');
  writeFileSync(empty, '');
  const built = await execa(process.execPath, [path.join(root, 'tools/build.ts')], {
    reject: false,
  });
  const programs = [
    { what: 'Node with an empty file', command: [empty] },
    ...(built.failed
      ? []
      : [{ what: 'the bundle', command: [path.join(root, 'src/dist/rollcall.mjs'), '--version'] }]),
    { what: 'the sources', command: [path.join(root, 'src/cli/main.ts'), '--version'] },
  ].map((program) => ({ ...program, samples: [] as number[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { command, samples } of programs) {
      timed(samples, () => execaSync(process.execPath, command));
    }
  }
  const rows = programs.map(({ what, samples }) => ({ what, timing: timingOf(samples) }));
  const bundle = rows.find(({ what }) => what === 'the bundle');
  return {
    title: 'The start of the command',
    about: '`rollcall --version` as a new process.',
    columns: ['what', 'time'],
    rows: rows.map(({ what, timing }) => [what, timingText(timing)]),
    goals:
      bundle === undefined
        ? []
        : [timeGoal('start of the command, bundled', bundle.timing, MAX_MILLISECONDS)],
  };
}
