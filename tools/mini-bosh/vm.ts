import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Cell } from '../../src/demo-cell/cell.ts';
import type { CellOptions } from '../../src/demo-cell/cell-options.ts';
import { GARDEN_HOME } from '../../src/demo-cell/gdn-config.ts';
import { runInCell, type Ran } from '../../src/demo-cell/run-in-cell.ts';
import { startCell } from '../../src/demo-cell/start-cell.ts';
import { makeVcap, type User } from './vcap-user.ts';
import { expected } from './expected.ts';

/** What the agent of a VM gives to scripts (bosh-agent, generic_script.go). */
const SCRIPT_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const DEADLINE_SECONDS = 60;

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly directory?: string;
}

/** A cell in a box as the VM of a BOSH deployment: with a user vcap, and before Garden has started for the first time. */
export class Vm {
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
      return new Vm(cell, await makeVcap(cell));
    } catch (error) {
      await cell.stop();
      throw error;
    }
  }

  /**
   * A path of the VM for this process. An absolute link on the way would lead out of the VM, and `/var/vcap/jobs/X` and
   * `/var/vcap/packages/X` are such links: `read` follows them.
   */
  path(inVm: string): string {
    return this.cell.outside(inVm);
  }

  /** As root, with the environment of BOSH's scripts and no other. */
  run(command: readonly string[], { env = {}, directory = '/' }: RunOptions = {}): Promise<Ran> {
    const settings = Object.entries({ PATH: SCRIPT_PATH, ...env }).map(
      ([name, value]) => `${name}=${value}`,
    );
    return runInCell(this.cell, [
      'timeout',
      '--kill-after=1',
      `${DEADLINE_SECONDS}`,
      'env',
      '-i',
      '-C',
      directory,
      ...settings,
      ...command,
    ]);
  }

  /** Its standard output. @throws KnownFailure with the last words of a command that fails. */
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

  /** The mount table, as its first process sees it. */
  mounts(): string {
    return readFileSync(`/proc/${this.cell.rootPid}/mountinfo`, 'utf8');
  }

  /** Ends everything; rejects if something stays. */
  stop(): Promise<void> {
    return this.cell.stop();
  }
}
