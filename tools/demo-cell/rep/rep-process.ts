import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { makeDirectory } from '../cgroups/cgroup-tree.ts';
import { until, demoFailed } from '../cgroups/processes.ts';
import { CellProgram, programFile, type StartProcess } from '../gdn/cell-program.ts';
import { has, parseOwn } from '../gdn/config.ts';
import { BBS_AWAY, REP_LOG, REP_STATUS, type RepConfiguration, type RepStatus } from './config.ts';

const DEADLINE_MILLISECONDS = 30_000;
/** As bpm runs it: pid 1 of its own pid namespace. */
const IN_PID_NAMESPACE = ['unshare', '--pid', '--fork', '--'];

export class RepProcess extends CellProgram {
  readonly #cgroups: readonly string[];

  /** `start` starts it in the cell and in the cgroups of bpm's job `rep`. */
  constructor(start: StartProcess, cellRoot: string, cgroups: readonly string[]) {
    super('rep', cgroups[0] ?? '', start, cellRoot);
    this.#cgroups = cgroups;
  }

  /** Resolves when it serves, or when it ended because it could not destroy what it found. */
  async start(configuration: RepConfiguration): Promise<RepStatus> {
    this.#cgroups.forEach(makeDirectory);
    rmSync(this.cellRoot + REP_STATUS, { force: true });
    const program = [process.execPath, programFile('rep'), JSON.stringify(configuration)];
    await this.startProcess(REP_LOG, [...IN_PID_NAMESPACE, ...program]);
    await until(() => {
      const state = this.status()?.state;
      const isDone = state === 'serving' || (state === 'failed' && this.hostPid() === null);
      return isDone ? null : "the cell's rep does not start";
    }, DEADLINE_MILLISECONDS);
    const status = this.status();
    if (status === null) throw demoFailed('rep says nothing');
    return status;
  }

  /** Stops it as monit does: it destroys its containers first. */
  stop(): Promise<void> {
    return this.kill('SIGTERM');
  }

  /** Without the BBS it makes no bulk passes: it tries each destroy once. */
  setBbsAway(isAway: boolean): void {
    const file = this.cellRoot + BBS_AWAY;
    if (isAway) writeFileSync(file, '');
    else rmSync(file, { force: true });
  }

  /** Null before it has started. */
  status(): RepStatus | null {
    const file = this.cellRoot + REP_STATUS;
    return existsSync(file) ? parseOwn(readFileSync(file, 'utf8'), has<RepStatus>('known')) : null;
  }
  /** What it has logged since the cell started. */
  log(): string {
    return readFileSync(this.cellRoot + REP_LOG, 'utf8').trimEnd();
  }
}
