import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { Cell } from '../demo-cell/cell/cell.ts';
import { AGENT_FLAGS, makeCellPackage } from '../cell-package.ts';
import { buildFolder, root, stateFolder } from '../bootstrap/place.mjs';
import { freePort } from '../free-port.ts';

/** The last commit whose passes read and decide everything anew. */
export const BEFORE = 'f895242';

/** The package of that commit, built once from the clone's history, where every cell sees it. */
export async function packageBefore(): Promise<string> {
  const kept = path.join(stateFolder, `bench-${BEFORE}-${process.version}`);
  if (fs.existsSync(kept)) return kept;
  const tree = buildFolder(stateFolder, 'bench-tree-');
  const archive = path.join(tree, 'tree.tar');
  await execa('git', ['archive', '--output', archive, BEFORE], { cwd: root });
  await execa('tar', ['-xf', archive, '-C', tree]);
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(tree, 'node_modules'));
  const built = path.join(tree, 'package');
  await makeCellPackage(built, tree);
  fs.renameSync(built, kept);
  fs.rmSync(tree, { recursive: true });
  return kept;
}

/** What passes cost: CPU time per pass in milliseconds, and the resident memory at their end. */
export type Cost = { readonly cpu: number; readonly megabytes: number };

let started = 0;

/**
 * Starts an agent from a cell's package, with the flags of the release.
 * @param intervalSeconds between two passes, at most
 */
export async function startAgent(cell: Cell, folder: string, intervalSeconds: number) {
  // Another bench may run in another cell of this machine.
  const own = `/var/vcap/bench-agent-${process.pid}-${++started}`;
  const port = await freePort();
  const config = {
    reconcile: { intervalSeconds },
    metrics: { port },
    status: { socketPath: `${own}.sock` },
    memory: { path: `${own}-memory.json` },
  };
  fs.writeFileSync(cell.outside(`${own}.json`), JSON.stringify(config));
  const [file = '', ...enter] = cell.enter;
  const command = [...AGENT_FLAGS, `${folder}/start.cjs`, 'agent', '--config', `${own}.json`];
  const child = execa(file, [...enter, process.execPath, ...command], {
    buffer: false,
    reject: false,
  });
  const ended = child.then(() => {
    throw new Error('the agent exited at its start');
  });
  await Promise.race([once(child.stdout, 'data'), ended]);
  ended.catch(() => undefined);
  child.stdout.resume();
  const { stdout } = await execa('pgrep', ['-f', `start.cjs agent --config ${own}.json`]);
  const pid = Number(stdout.trim().split('\n').at(-1));
  const cpu = (): number => cpuMilliseconds(pid);
  // An agent in a cell in a box shares the machine's network.
  const get = async (page: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}${page}`)).text();
  const passes = async (): Promise<number> => passesIn(await get('/metrics'));
  while ((await passes()) === 0) await sleep(50);
  return {
    /** From the start of Node until its first pass had ended. */
    first: { cpu: cpu(), megabytes: residentMegabytes(pid) },
    get,
    costOf: async (work: Promise<unknown>): Promise<Cost> => {
      const made = await passes();
      const used = cpu();
      await work;
      const cost = cpu() - used;
      return { cpu: cost / ((await passes()) - made), megabytes: residentMegabytes(pid) };
    },
    end: async (): Promise<void> => {
      process.kill(pid, 'SIGTERM');
      await child;
    },
  };
}

/** @throws Error if a pass could not compare everything */
function passesIn(metrics: string): number {
  const passes = metrics.matchAll(/^rollcall_reconciles_total\{result="(\w+)"\} (\d+)$/gm);
  const count = new Map([...passes].map(([, result, number]) => [result, Number(number)]));
  if (count.get('failed') !== 0) throw new Error(`passes failed: ${count.get('failed')}`);
  return count.get('ok') ?? 0;
}

/** Of all threads; schedstat has nanoseconds, where stat has ticks of 10 ms. */
const cpuMilliseconds = (pid: number): number =>
  fs
    .readdirSync(`/proc/${pid}/task`)
    .reduce(
      (sum, task) =>
        sum + parseInt(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8'), 10),
      0,
    ) / 1e6;

const residentMegabytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
