import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { KnownFailure } from '../../model/failure.ts';
import { kill, makeDirectory, pidsIn } from '../cgroups/cgroup-tree.ts';
import { parseOwn } from '../gdn/config.ts';
import { commOf, type StartProcess } from '../gdn/garden-process.ts';
import {
  BBS_AWAY,
  isRepStatus,
  REP_LOG,
  REP_STATUS,
  type RepConfiguration,
  type RepStatus,
} from './config.ts';

const DEADLINE_MILLISECONDS = 30_000;
const REP = fileURLToPath(new URL('./main.ts', import.meta.url));
/** As bpm runs it: pid 1 of its own pid namespace. */
const IN_PID_NAMESPACE = ['unshare', '--pid', '--fork', '--'];

/** The stand-in for Diego's rep in the cell, from the driver's side. */
export class RepProcess {
  readonly #start: StartProcess;
  readonly #cellRoot: string;
  readonly #cgroups: readonly string[];

  /** `start` starts it in the cell and in the cgroups of bpm's job `rep`. */
  constructor(start: StartProcess, cellRoot: string, cgroups: readonly string[]) {
    this.#start = start;
    this.#cellRoot = cellRoot;
    this.#cgroups = cgroups;
  }

  /** Resolves when it serves, or when it ended because it could not destroy what it found. */
  async start(configuration: RepConfiguration): Promise<RepStatus> {
    this.#cgroups.forEach(makeDirectory);
    rmSync(this.#cellRoot + REP_STATUS, { force: true });
    const command = [...IN_PID_NAMESPACE, process.execPath, REP, JSON.stringify(configuration)];
    await this.#start(REP_LOG, command);
    await this.#until('rep does not start', () => {
      const state = this.status()?.state;
      return state === 'serving' || (state === 'failed' && this.hostPid() === null);
    });
    const status = this.status();
    if (status === null) throw new KnownFailure('DEMO_FAILED', 'rep says nothing');
    return status;
  }

  /** Stops it as monit does: it destroys its containers first. */
  async stop(): Promise<void> {
    const pid = this.hostPid();
    if (pid === null) return;
    process.kill(pid, 'SIGTERM');
    await this.#until('rep does not stop', () => this.hostPid() === null);
  }

  async kill(): Promise<void> {
    const pid = this.hostPid();
    if (pid === null) return;
    kill(pid);
    await this.#until('rep does not die', () => this.hostPid() === null);
  }

  /** Without the BBS it makes no bulk passes. */
  setBbsAway(isAway: boolean): void {
    const file = this.#cellRoot + BBS_AWAY;
    if (isAway) writeFileSync(file, '');
    else rmSync(file, { force: true });
  }

  /** Null before it has started. */
  status(): RepStatus | null {
    const file = this.#cellRoot + REP_STATUS;
    return existsSync(file) ? parseOwn(readFileSync(file, 'utf8'), isRepStatus) : null;
  }

  /** The pid on the machine; null while it is not running. */
  hostPid(): number | null {
    return pidsIn(this.#cgroups[0] ?? '').find((pid) => commOf(pid) === 'rep') ?? null;
  }

  async #until(failure: string, isSo: () => boolean): Promise<void> {
    const deadline = Date.now() + DEADLINE_MILLISECONDS;
    while (!isSo()) {
      if (Date.now() > deadline) throw new KnownFailure('DEMO_FAILED', `the cell's ${failure}`);
      await sleep(10);
    }
  }
}
