import fs, { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shownCommand } from '../../src/parse/shown-command.ts';
import { CommandLines } from '../../src/probe/command-lines.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { ProcessNames } from '../../src/probe/process-names.ts';
import { PassUnderWay } from '../../src/probe/rereads.ts';

/**
 * A process below a root, as /proc shows it. By default it sleeps, and root started it in the
 * cgroup `/g`.
 */
export interface ShownProcess {
  readonly pid: number | 'self';
  /** NSpid, outermost first. */
  readonly pids?: readonly number[];
  readonly comm?: string;
  readonly command?: readonly string[];
  /** Lines of /proc/PID/cgroup. */
  readonly cgroups?: readonly string[];
  /** Absent: there is no mountinfo. */
  readonly table?: string;
  readonly parent?: number;
  readonly state?: string;
  readonly start?: number;
  readonly uid?: number;
  readonly isExiting?: boolean;
}

export function showProcess(root: string, shown: ShownProcess): void {
  const { pid, comm = 'app', parent = 1, state = 'S', start = Number(pid), uid = 0 } = shown;
  const { isExiting = false } = shown;
  const { pids = [Number(pid)], command = [comm], cgroups = ['1:memory:/g'], table } = shown;
  const folder = join(root, `proc/${pid}`);
  mkdirSync(folder, { recursive: true });
  const files = {
    stat: `${pid} (${comm}) ${state} ${parent} 1 1 0 -1 ${isExiting ? 4194564 : 4194560} 1 0 0 0 0 0 0 0 20 0 1 0 ${start} 1000 0`,
    status: `Name:\t${comm}\nUid:\t${uid}\t0\t0\t0\nNSpid:\t${pids.join('\t')}\n`,
    comm: `${comm}\n`,
    cmdline: command.map((argument) => `${argument}\0`).join(''),
    cgroup: `${cgroups.join('\n')}\n`,
    ...(table === undefined ? {} : { mountinfo: table }),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/** The reader of command lines, as an agent has it. */
export const commandLines = (reader: KernelReader): CommandLines =>
  new CommandLines(reader, shownCommand);

/** The names of processes, as a probe has them. */
export const processNames = (reader: KernelReader): ProcessNames =>
  new ProcessNames(reader, new PassUnderWay());

/** Notes what is read. */
export class NotingReader extends KernelReader {
  readonly reads: string[] = [];
  /** Lines of mount tables. */
  linesTaken = 0;

  override text(path: string, limit?: number) {
    this.reads.push(path);
    return super.text(path, limit);
  }

  override *lines(path: string, limit: number) {
    this.reads.push(path);
    for (const line of super.lines(path, limit)) {
      this.linesTaken += 1;
      yield line;
    }
  }

  /**
   * A directory that is made anew is another process, although a disk may give its number again.
   */
  override inode(path: string): number | null {
    const stat = fs.statSync(this.root + path, { throwIfNoEntry: false });
    return stat === undefined ? null : stat.birthtimeMs;
  }

  /** The files since the last call, without what is read of this process itself. */
  taken(): readonly string[] {
    return this.reads.splice(0).filter((path) => !path.startsWith('/proc/self'));
  }
}
