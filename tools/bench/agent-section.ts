import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { Cell } from '../../src/demo-cell/cell.ts';
import { AGENT_FLAGS } from '../agent-flags.ts';
import { root } from '../bootstrap/place.mjs';
import { timingOf } from './samples.ts';
import { milliseconds, timeGoal, timingText, type Section, type Skipped } from './section.ts';

const BUNDLE = path.join(root, 'src/dist/rollcall.mjs');
const CONFIG = '/var/vcap/bench-agent.json';
const STARTS = 5;
/** So often that the cost of a pass shows in a short time. */
const INTERVAL_SECONDS = 1;
const WARM_UP = 5000;
const MEASURED = 30_000;
const REAL_INTERVAL_SECONDS = 15;
const MAX_PERCENT = 0.2;
const MAX_MEGABYTES = 80;
const MAX_START = 150;
/** USER_HZ. */
const MILLISECONDS_A_TICK = 10;

/** What the daemon costs on a cell, from the bundle, with the flags that it is shipped with. */
export async function agentSection(cell: Cell, containers: number): Promise<Section | Skipped> {
  const title = 'The agent';
  const built = await execa(process.execPath, [path.join(root, 'tools/build.ts')], {
    reject: false,
  });
  if (built.failed) return { title, why: 'the bundle could not be built' };
  const starts: number[] = [];
  for (let count = 0; count < STARTS; count++) {
    const { started, end } = await startAgent(cell);
    starts.push(started);
    await end();
  }
  const { pid, end } = await startAgent(cell);
  await sleep(WARM_UP);
  const before = cpuMilliseconds(pid);
  await sleep(MEASURED);
  const aLook = (cpuMilliseconds(pid) - before) / (MEASURED / 1000 / INTERVAL_SECONDS);
  const megabytes = residentMegabytes(pid);
  await end();
  const percent = aLook / 10 / REAL_INTERVAL_SECONDS;
  const start = timingOf(starts);
  return {
    title,
    about:
      `From the bundle, with ${AGENT_FLAGS.join(' ')}, on the cell with ${containers} containers: ${MEASURED / 1000} looks, one a second. ` +
      `A core's share is told for the default interval of ${REAL_INTERVAL_SECONDS} seconds. The start lasts until the first line of its log.`,
    columns: ['start', 'CPU a pass, ms', '% of a core', 'resident, MB'],
    rows: [[timingText(start), milliseconds(aLook), percent.toFixed(3), megabytes.toFixed(1)]],
    goals: [
      timeGoal('start of the agent, bundled', start, MAX_START),
      {
        what: 'the agent at 15 seconds',
        limit: `≤ ${MAX_PERCENT} % of a core`,
        measured: `${percent.toFixed(3)} %`,
        isMet: percent <= MAX_PERCENT,
      },
      {
        what: 'the agent, resident',
        limit: `≤ ${MAX_MEGABYTES} MB`,
        measured: `${megabytes.toFixed(1)} MB`,
        isMet: megabytes <= MAX_MEGABYTES,
      },
    ],
  };
}

interface Started {
  readonly pid: number;
  /** Milliseconds until its first line. */
  readonly started: number;
  readonly end: () => Promise<void>;
}

async function startAgent(cell: Cell): Promise<Started> {
  writeFileSync(
    cell.outside(CONFIG),
    JSON.stringify({
      reconcile: { intervalSeconds: INTERVAL_SECONDS },
      metrics: { port: 0 },
      status: { socketPath: '/var/vcap/bench-agent.sock' },
      memory: { path: '/var/vcap/bench-agent-memory.json' },
    }),
  );
  const [file = '', ...enter] = cell.enter;
  const begun = performance.now();
  const child = execa(
    file,
    [...enter, process.execPath, ...AGENT_FLAGS, BUNDLE, 'agent', '--config', CONFIG],
    {
      buffer: false,
      reject: false,
    },
  );
  const ended = child.then(() => {
    throw new Error('the agent ended at its start');
  });
  await Promise.race([once(child.stdout, 'data'), ended]);
  ended.catch(() => undefined);
  child.stdout.resume();
  const started = performance.now() - begun;
  const { stdout } = await execa('pgrep', ['-f', `rollcall.mjs agent --config ${CONFIG}`]);
  const pid = Number(stdout.trim().split('\n').at(-1));
  return {
    pid,
    started,
    end: async () => {
      process.kill(pid, 'SIGTERM');
      await child;
    },
  };
}

function cpuMilliseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MILLISECONDS_A_TICK;
}

const residentMegabytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
