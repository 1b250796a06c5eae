import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Cell, runInCell, type Ran } from '../demo-cell/cell/cell.ts';
import { GARDEN_HOME } from '../demo-cell/gdn/config.ts';
import { ToolFailure } from '../failure.ts';

/** Directories of BOSH and bpm on a VM (bosh-agent settings, bpm config/bpm_config.go). */
export const jobDirectory = (job: string): string => `/var/vcap/jobs/${job}`;
/** The targets of the links at `jobDirectory`, by job and version. */
export const INSTALLED_JOBS = '/var/vcap/data/jobs';
export const dataDirectory = (job: string): string => `/var/vcap/data/${job}`;
export const runDirectory = (job: string): string => `/var/vcap/sys/run/${job}`;
export const logDirectory = (job: string): string => `/var/vcap/sys/log/${job}`;
/** For the files of these tools only. It is on the VM, so it is removed together with it. */
export const MINI_BOSH = dataDirectory('mini-bosh');

/** The PATH that bosh-agent sets for scripts (bosh-agent, generic_script.go). */
const SCRIPT_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const DEADLINE_SECONDS = 60;

type RunOptions = { readonly env?: Readonly<Record<string, string>>; readonly directory?: string };

/**
 * A cell in the role of a VM of a BOSH deployment: it has a user vcap, and Garden has never started
 * on it. The cell is in a box, or it is the machine itself.
 */
export class Vm {
  readonly cell: Cell;
  /** The same as on every stemcell. */
  readonly vcap = { uid: 1000, gid: 1000 };
  readonly #covered: string[] = [];

  private constructor(cell: Cell) {
    this.cell = cell;
  }

  /** Turns a cell that nobody else uses into a VM. A failure ends the cell. */
  static async from(cell: Cell): Promise<Vm> {
    try {
      await cell.garden.kill();
      rmSync(cell.outside(GARDEN_HOME), { recursive: true });
      const vm = new Vm(cell);
      await vm.#makeVcap();
      return vm;
    } catch (error) {
      await cell.stop();
      throw error;
    }
  }

  /** Whether the VM is the machine itself: then systemd runs there, and bpm asks it for cgroups. */
  get hasSystemd(): boolean {
    return this.cell.rootPid === 1;
  }

  /**
   * This process's path of a file on the VM. An absolute link in the path would lead out of the VM,
   * and `/var/vcap/jobs/X` and `/var/vcap/packages/X` are such links; `read` follows them
   * correctly.
   */
  path(inVm: string): string {
    return this.cell.outside(inVm);
  }

  /** As root, with only the environment of BOSH's scripts. */
  run(command: readonly string[], { env = {}, directory = '/' }: RunOptions = {}): Promise<Ran> {
    const settings = Object.entries({ PATH: SCRIPT_PATH, ...env }).map(
      ([name, value]) => `${name}=${value}`,
    );
    const bounded = ['timeout', '--kill-after=1', `${DEADLINE_SECONDS}`, 'env', '-i', '-C'];
    return runInCell(this.cell, [...bounded, directory, ...settings, ...command]);
  }

  /** Returns the standard output. @throws ToolFailure with the last lines of a failed command */
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

  /** Replaces the text of a file of the machine by a mount, until the VM stops. */
  async cover(path: string, text: string): Promise<void> {
    const own = `${MINI_BOSH}${path}`;
    this.write(own, text);
    await this.must(['mount', '--bind', own, path]);
    this.#covered.push(path);
  }

  mounts(): string {
    return readFileSync(`/proc/${this.cell.rootPid}/mountinfo`, 'utf8');
  }

  /** Ends everything; rejects if something is left. */
  async stop(): Promise<void> {
    // A box has a mount namespace of its own, which ends with it.
    if (this.hasSystemd) {
      for (const path of this.#covered.splice(0)) await this.must(['umount', path]);
    }
    await this.cell.stop();
  }

  /** Makes the user as whom bpm runs jobs. The machine's own files stay unchanged. */
  async #makeVcap(): Promise<void> {
    const { uid, gid } = this.vcap;
    // First in the file, so that no user of the machine with the same uid or name is found before.
    const user = `vcap:x:${uid}:${gid}:BOSH System User:/home/vcap:/bin/bash\n`;
    await this.cover('/etc/passwd', user + readFileSync('/etc/passwd', 'utf8'));
    await this.cover('/etc/group', `vcap:x:${gid}:\n${readFileSync('/etc/group', 'utf8')}`);
  }
}

/**
 * @throws ToolFailure MINI_BOSH_FAILED with this sentence, which describes what happened instead.
 */
export function expected(isSo: boolean, sentence: string): asserts isSo {
  if (!isSo) throw new ToolFailure('MINI_BOSH_FAILED', sentence);
}
