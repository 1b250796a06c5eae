import fs from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { temporaryFolder } from '../temporary-folder.ts';

/** Events of the kernel, as folders of tracefs. */
export type TraceEvent =
  | 'cgroup/cgroup_rename'
  | 'cgroup/cgroup_attach_task'
  | 'cgroup/cgroup_mkdir'
  | 'sched/sched_process_fork'
  | 'sched/sched_process_exit';

/** Of each processor; enough for all processes of a busy machine in a minute. */
const BUFFER_KILOBYTES = 16_384;

/** `lost`: how many more there were than the buffer holds. */
export interface Trace {
  readonly lines: readonly string[];
  readonly lost: number;
}

/**
 * The events that the kernel itself saw during `use`, oldest first. `mark` writes a line of its own
 * between them. Null where tracefs cannot be mounted. An instance of its own disturbs no other
 * trace.
 */
export async function traced(
  events: readonly TraceEvent[],
  use: (mark: (text: string) => void) => Promise<void>,
): Promise<Trace | null> {
  const folder = temporaryFolder();
  const { exitCode } = await execa('mount', ['-t', 'tracefs', 'tracefs', folder], {
    reject: false,
  });
  if (exitCode !== 0) {
    await use(() => undefined);
    return null;
  }
  const instance = join(folder, `instances/rollcall-test-${process.pid}`);
  try {
    fs.mkdirSync(instance);
    fs.writeFileSync(join(instance, 'buffer_size_kb'), `${BUFFER_KILOBYTES}`);
    for (const event of events) fs.writeFileSync(join(instance, `events/${event}/enable`), '1');
    await use((text) => fs.writeFileSync(join(instance, 'trace_marker'), text));
    fs.writeFileSync(join(instance, 'tracing_on'), '0');
    const trace = fs.readFileSync(join(instance, 'trace'), 'utf8');
    const [, kept, written] = /entries-in-buffer\/entries-written: (\d+)\/(\d+)/.exec(trace) ?? [];
    return {
      lines: trace.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
      lost: Number(written) - Number(kept),
    };
  } finally {
    if (fs.existsSync(instance)) fs.rmdirSync(instance);
    await execa('umount', ['--lazy', folder]);
  }
}
