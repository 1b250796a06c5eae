import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { AGENT_FLAGS } from '../cell-package.ts';
import { root } from '../bootstrap/place.mjs';
import { median, ratioOf, MIN_READINGS } from './samples.ts';
import { goalOf, milliseconds, type Section } from './section.ts';

interface Program {
  readonly what: string;
  readonly command: readonly string[];
  /** The limit, as a multiple of Node's time for an empty file; of the package that is measured. */
  readonly most?: number | undefined;
  /** It is timed until its first line, not until its end. */
  readonly runsOn?: true;
}

const CAPTURE = path.join(root, 'tools/demo-cell/recorded/healthy.json.gz');
const CHECK = ['check', '--capture', CAPTURE];

/**
 * The duration of new processes.
 * @param packages of a cell: `rollcall`, and perhaps another one to compare it with
 */
export async function startSection(
  directory: string,
  packages: Readonly<Record<string, string>>,
): Promise<Section> {
  const at = (name: string): string => path.join(directory, name);
  writeFileSync(at('empty.mjs'), '');
  const config = {
    garden: { socketPath: at('garden.sock') },
    metrics: { port: 0 },
    status: { socketPath: at('status.sock') },
    memory: { path: at('memory.json') },
  };
  writeFileSync(at('agent.json'), JSON.stringify(config));
  const agent = ['agent', '--config', at('agent.json')];
  const programs: readonly Program[] = [
    { what: 'Node with an empty file', command: [at('empty.mjs')] },
    ...Object.entries(packages).flatMap(([side, folder]): readonly Program[] => {
      const start = path.join(folder, 'start.cjs');
      const agentStart = [...AGENT_FLAGS, start, ...agent];
      const [short, long] = side === 'rollcall' ? [2.2, 3] : [];
      return [
        { what: `${side} --version`, command: [start, '--version'], most: short },
        { what: `${side} check`, command: [start, ...CHECK], most: long },
        { what: `${side} agent`, command: agentStart, most: long, runsOn: true },
      ];
    }),
  ];
  const samples = programs.map(() => Array.of<number>());
  for (let round = 0; round < MIN_READINGS; round++)
    for (const [index, program] of programs.entries())
      samples[index]?.push(await durationOf(program));
  const [empty = []] = samples;
  const timed = programs.map((program, index) => {
    const own = samples[index] ?? [];
    return { ...program, time: median(own), ratio: ratioOf(own, empty) };
  });
  return {
    title: 'Start-up',
    columns: ['what', 'time, ms', '× Node'],
    rows: timed.map(({ what, time, ratio }) => [what, milliseconds(time), ratio.toFixed(2)]),
    goals: timed.flatMap(({ what, ratio, most }) =>
      most === undefined ? [] : [goalOf(`start: ${what}`, ratio, [most, '× Node'])],
    ),
  };
}

async function durationOf({ command, runsOn }: Program): Promise<number> {
  const begun = performance.now();
  const child = execa(process.execPath, command, { reject: false, stdin: 'ignore' });
  await Promise.race([child, ...(runsOn === true ? [once(child.stdout, 'data')] : [])]);
  const taken = performance.now() - begun;
  child.kill('SIGTERM');
  await child;
  return taken;
}
