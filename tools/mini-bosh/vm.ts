import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cell, runInCell, type Ran } from '../../src/demo-cell/cell/cell.ts';
import { type CellOptions, startCell } from '../../src/demo-cell/cell/start-cell.ts';
import { GARDEN_HOME } from '../../src/demo-cell/gdn/config.ts';
import { ToolFailure } from '../failure.ts';

/**
 * Where BOSH and bpm put things on a VM (bosh-agent settings/directories, bpm
 * config/bpm_config.go).
 */
export const jobDirectory = (job: string): string => `/var/vcap/jobs/${job}`;
/** The targets of the links at `jobDirectory`, by job and version. */
export const INSTALLED_JOBS = '/var/vcap/data/jobs';
export const dataDirectory = (job: string): string => `/var/vcap/data/${job}`;
export const runDirectory = (job: string): string => `/var/vcap/sys/run/${job}`;
export const logDirectory = (job: string): string => `/var/vcap/sys/log/${job}`;
/** Of these tools alone; on the VM, so that it goes with it. */
export const MINI_BOSH = dataDirectory('mini-bosh');

/** What the agent of a VM gives to scripts (bosh-agent, generic_script.go). */
const SCRIPT_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const DEADLINE_SECONDS = 60;
const POLL_MILLISECONDS = 50;

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** As on every stemcell. */
const STEMCELL_VCAP: User = { uid: 1000, gid: 1000 };

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly directory?: string;
}

/**
 * A cell in a box as the VM of a BOSH deployment: with a user vcap, and before Garden has started
 * for the first time.
 */
export class Vm {
  static readonly #running = new Set<Vm>();
  static #mayStart = true;

  readonly cell: Cell;
  readonly vcap: User;

  private constructor(cell: Cell, vcap: User) {
    this.cell = cell;
    this.vcap = vcap;
  }

  /** Errors are those of `startCell`; after one, nothing is left. */
  static async start(mode: CellOptions['mode']): Promise<Vm> {
    const cell = await startCell({ mode, label: 'mini-bosh' });
    try {
      await cell.garden.kill();
      rmSync(cell.outside(GARDEN_HOME), { recursive: true });
      const vcap = userOf(readFileSync('/etc/passwd', 'utf8'), 'vcap');
      const vm = new Vm(cell, vcap ?? STEMCELL_VCAP);
      if (vcap === null) await vm.#makeVcap();
      expected(Vm.#mayStart, 'every VM has been ended');
      Vm.#running.add(vm);
      return vm;
    } catch (error) {
      await cell.stop();
      throw error;
    }
  }

  /** Ends every VM of this process, and with it what waits for one; no other one starts. */
  static async endAll(): Promise<void> {
    Vm.#mayStart = false;
    await Promise.all([...Vm.#running].map((vm) => vm.stop()));
  }

  /**
   * A path of the VM for this process. An absolute link on the way would lead out of the VM, and
   * `/var/vcap/jobs/X` and `/var/vcap/packages/X` are such links: `read` follows them.
   */
  path(inVm: string): string {
    return this.cell.outside(inVm);
  }

  /** As root, with the environment of BOSH's scripts and no other. */
  run(command: readonly string[], { env = {}, directory = '/' }: RunOptions = {}): Promise<Ran> {
    const settings = Object.entries({ PATH: SCRIPT_PATH, ...env }).map(
      ([name, value]) => `${name}=${value}`,
    );
    const bounded = ['timeout', '--kill-after=1', `${DEADLINE_SECONDS}`];
    return runInCell(this.cell, [
      ...bounded,
      'env',
      '-i',
      '-C',
      directory,
      ...settings,
      ...command,
    ]);
  }

  /** Its standard output. @throws ToolFailure with the last words of a command that fails. */
  async must(command: readonly string[], options: RunOptions = {}): Promise<string> {
    const { stdout, stderr, exitCode } = await this.run(command, options);
    const words = (stderr.trim() || stdout.trim()).split('\n').slice(-3).join(' / ');
    expected(exitCode === 0, `${command.join(' ')} exited ${exitCode}: ${words}`);
    return stdout;
  }

  /** The text of a file; follows links as the VM does. */
  read(path: string): Promise<string> {
    return this.must(['cat', path]);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  /**
   * Gives the VM a text of its own at a path of the machine, by a mount in its private mount
   * namespace.
   */
  async cover(path: string, text: string): Promise<void> {
    const own = `${MINI_BOSH}${path}`;
    this.write(own, text);
    await this.must(['mount', '--bind', own, path]);
  }

  /** The mount table, as its first process sees it. */
  mounts(): string {
    return readFileSync(`/proc/${this.cell.rootPid}/mountinfo`, 'utf8');
  }

  /** Ends everything; rejects if something stays. */
  async stop(): Promise<void> {
    await this.cell.stop();
    Vm.#running.delete(this);
  }

  /** The user that bpm runs jobs as. The machine's own files stay as they are. */
  async #makeVcap(): Promise<void> {
    const { uid, gid } = this.vcap;
    // First, so that a person of the machine who has the same uid does not give the name.
    const user = `vcap:x:${uid}:${gid}:BOSH System User:/home/vcap:/bin/bash\n`;
    await this.cover('/etc/passwd', user + readFileSync('/etc/passwd', 'utf8'));
    await this.cover('/etc/group', `vcap:x:${gid}:\n${readFileSync('/etc/group', 'utf8')}`);
  }
}

/** From the text of passwd(5). */
function userOf(passwd: string, name: string): User | null {
  const line = passwd.split('\n').find((one) => one.startsWith(`${name}:`));
  const [, , uid = '', gid = ''] = line?.split(':') ?? [];
  return /^\d+$/.test(uid) && /^\d+$/.test(gid) ? { uid: Number(uid), gid: Number(gid) } : null;
}

/**
 * @throws ToolFailure MINI_BOSH_FAILED with this sentence, which says what is the case instead.
 */
export function expected(isSo: boolean, sentence: string): asserts isSo {
  if (!isSo) throw new ToolFailure('MINI_BOSH_FAILED', sentence);
}

/**
 * Asks until there is an answer that is not null.
 * @throws ToolFailure MINI_BOSH_FAILED when there is none in time.
 */
export async function waitFor<T>(
  what: string,
  seconds: number,
  ask: () => T | null | Promise<T | null>,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(POLL_MILLISECONDS);
  }
  throw new ToolFailure('MINI_BOSH_FAILED', `waited ${seconds} seconds in vain for ${what}`);
}
