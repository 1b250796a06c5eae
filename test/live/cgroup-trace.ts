import fs from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { temporaryFolder } from '../temporary-folder.ts';

/** Events of the kernel, as folders of tracefs. */
export type TraceEvent =
  | 'cgroup/cgroup_rename'
  | 'cgroup/cgroup_attach_task'
  | 'cgroup/cgroup_mkdir'
  | 'cgroup/cgroup_notify_populated';

/**
 * The events that the kernel itself saw during `use`, oldest first, at most some megabytes of them.
 * `mark` writes a line of its own between them. Null where tracefs cannot be mounted. An instance of its own disturbs no other trace.
 */
export async function traced(
  events: readonly TraceEvent[],
  use: (mark: (text: string) => void) => Promise<void>,
): Promise<readonly string[] | null> {
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
    for (const event of events) fs.writeFileSync(join(instance, `events/${event}/enable`), '1');
    await use((text) => fs.writeFileSync(join(instance, 'trace_marker'), text));
    fs.writeFileSync(join(instance, 'tracing_on'), '0');
    return fs
      .readFileSync(join(instance, 'trace'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
  } finally {
    if (fs.existsSync(instance)) fs.rmdirSync(instance);
    await execa('umount', ['--lazy', folder]);
  }
}
