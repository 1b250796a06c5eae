import fs from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { temporaryFolder } from '../temporary-folder.ts';

/** Events of the kernel, as folders of tracefs. */
export type TraceEvent =
  | 'cgroup/cgroup_rename'
  | 'cgroup/cgroup_attach_task'
  | 'cgroup/cgroup_mkdir';

/**
 * The events that the kernel itself saw during `use`, oldest first, at most some megabytes of them.
 * Null where tracefs cannot be mounted. An instance of its own disturbs no other trace.
 */
export async function traced(
  events: readonly TraceEvent[],
  use: () => Promise<void>,
): Promise<readonly string[] | null> {
  const folder = temporaryFolder();
  const { exitCode } = await execa('mount', ['-t', 'tracefs', 'tracefs', folder], {
    reject: false,
  });
  if (exitCode !== 0) {
    await use();
    return null;
  }
  const instance = join(folder, `instances/rollcall-test-${process.pid}`);
  try {
    fs.mkdirSync(instance);
    for (const event of events) fs.writeFileSync(join(instance, `events/${event}/enable`), '1');
    await use();
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
