import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa, execaSync } from 'execa';
import { AGENT_FLAGS, makeCellPackage } from '../cell-package.ts';
import { root } from '../bootstrap/place.mjs';
import { ratioOf, timingOf } from './samples.ts';
import { goalOf, timingText, type Goal, type Section } from './section.ts';

const ROUNDS = 9;
/** Why a goal is missed. */
const CAUSE = "[Node's own modules](../decisions/bundle.md): compiled anew under the agent's flags";

interface Program {
  readonly what: string;
  readonly command: readonly string[];
  /** The limit, as a multiple of Node's time for an empty file. */
  readonly most?: number;
  readonly runsOn?: true;
}

/** The duration of new processes: a command until its end, the agent until its first log line. */
export async function startSection(directory: string): Promise<Section> {
  const at = (name: string): string => path.join(directory, name);
  writeFileSync(at('empty.mjs'), '');
  const gardenSocket = at('garden.sock');
  writeFileSync(
    at('agent.json'),
    JSON.stringify({
      garden: { socketPath: gardenSocket },
      metrics: { port: 0 },
      status: { socketPath: at('status.sock') },
      memory: { path: at('memory.json') },
    }),
  );
  await makeCellPackage(at('package'));
  const start = at('package/start.cjs');
  const saved = path.join(root, 'tools/demo-cell/recorded/healthy.json.gz');
  const check = ['check', '--capture', saved];
  const agent = ['agent', '--config', at('agent.json')];
  const programs: readonly Program[] = [
    { what: 'Node with an empty file', command: [at('empty.mjs')] },
    { what: '`--version`', command: [start, '--version'], most: 2.2 },
    { what: '`check` of a capture', command: [start, ...check], most: 3 },
    { what: 'the agent', command: [...AGENT_FLAGS, start, ...agent], most: 3, runsOn: true },
    { what: '`check`, only `rollcall.cjs`', command: [at('package/rollcall.cjs'), ...check] },
    { what: '`check`, from the sources', command: [path.join(root, 'src/cli/main.ts'), ...check] },
  ];
  const samples = programs.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, program] of programs.entries()) {
      samples[index]?.push(await (program.runsOn === true ? untilFirstLine : untilEnd)(program));
    }
  }
  const [empty = []] = samples;
  const goals: Goal[] = [];
  const rows = programs.map(({ what, most }, index) => {
    const own = samples[index] ?? [];
    const ratio = ratioOf(own, empty, ROUNDS);
    if (most !== undefined) goals.push(goalOf(`start: ${what}`, ratio, [most, '× Node'], CAUSE));
    return [what, timingText(timingOf(own)), ratio.toFixed(2)];
  });
  return {
    title: 'Start-up',
    columns: ['what', 'time', 'ratio'],
    rows,
    goals,
  };
}

function untilEnd({ command }: Program): number {
  const begun = performance.now();
  execaSync(process.execPath, command, { reject: false });
  return performance.now() - begun;
}

async function untilFirstLine({ command }: Program): Promise<number> {
  const begun = performance.now();
  const child = execa(process.execPath, command, { buffer: false, reject: false, stdin: 'ignore' });
  await Promise.race([once(child.stdout, 'data'), child]);
  const taken = performance.now() - begun;
  child.stdout.resume();
  child.kill('SIGTERM');
  await child;
  return taken;
}
