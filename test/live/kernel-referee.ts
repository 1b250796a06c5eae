import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import type { TraceEvent } from './cgroup-trace.ts';

/** What decides who is where: no event can be missed, as by somebody who looks now and then. */
export const REFEREE_EVENTS: readonly TraceEvent[] = [
  'cgroup/cgroup_rename',
  'cgroup/cgroup_attach_task',
  'sched/sched_process_fork',
  'sched/sched_process_exit',
];

/** The longest time, in seconds, of each container. */
export interface Lasted {
  /** A process was in its Garden directory, and it was not listed. */
  readonly unlisted: ReadonlyMap<string, number>;
  /** A process that had been there was in no directory of the container. */
  readonly escaped: ReadonlyMap<string, number>;
}

class Stopwatch {
  readonly longest = new Map<string, number>();
  readonly #since = new Map<string, number>();

  /** What is so of a container from now on, or still. */
  set(handle: string, isSo: boolean, now: number): void {
    const since = this.#since.get(handle) ?? now;
    this.longest.set(handle, Math.max(this.longest.get(handle) ?? 0, now - since));
    if (isSo) this.#since.set(handle, since);
    else this.#since.delete(handle);
  }
  /** All of which it was so. */
  end(now: number): void {
    for (const handle of this.#since.keys()) this.set(handle, false, now);
  }
}

/** Its cgroups by hierarchy, and the container in whose directory it was first. */
interface Process {
  readonly cgroups: ReadonlyMap<string, string>;
  readonly home: string | null;
}

/** By the events of the kernel, and the marks of the test: `lists H`, `unlists H`. */
export function whatLasted(trace: readonly string[], { runId }: Cell): Lasted {
  const garden = new RegExp(
    `${runId}(?:/system.slice/garden.service)?/garden/(?:(?:good|bad)/)?([^/]+?)(?:-envoy)?(?:/|$)`,
  );
  const paths = new Map<string, string>();
  const handleAt = (cgroup: string): string | null =>
    garden.exec(paths.get(cgroup) ?? '')?.[1] ?? null;
  const processes = new Map<string, Process>();
  const listed = new Set<string>();
  const [unlisted, escaped] = [new Stopwatch(), new Stopwatch()];
  let now = 0;
  const update = (handle: string): void => {
    const isInIt = new Set(
      [...processes.values()]
        .filter(({ home }) => home === handle)
        .map(({ cgroups }) => [...cgroups.values()].some((one) => handleAt(one) === handle)),
    );
    unlisted.set(handle, isInIt.has(true) && !listed.has(handle), now);
    escaped.set(handle, isInIt.has(false), now);
  };
  const put = (pid: string, process: Process | undefined): void => {
    const home = process?.home ?? processes.get(pid)?.home ?? null;
    if (process === undefined) processes.delete(pid);
    else processes.set(pid, process);
    if (home !== null) update(home);
  };
  for (const line of trace) {
    const [, at, event, rest = ''] = / (\d+\.\d+): (\w+): (.*)/.exec(line) ?? [];
    const value = (name: string): string => new RegExp(`\\b${name}=(\\S+)`).exec(rest)?.[1] ?? '';
    now = Number(at);
    if (event === 'cgroup_attach_task') {
      const [root, cgroup] = [value('dst_root'), `${value('dst_root')} ${value('dst_id')}`];
      paths.set(cgroup, value('dst_path'));
      const { cgroups, home } = processes.get(value('pid')) ?? { cgroups: new Map(), home: null };
      const moved = new Map([...cgroups, [root, cgroup]]);
      put(value('pid'), { cgroups: moved, home: home ?? handleAt(cgroup) });
    } else if (event === 'cgroup_rename') {
      paths.set(`${value('root')} ${value('id')}`, value('path'));
      for (const { home } of processes.values()) if (home !== null) update(home);
    } else if (event === 'sched_process_fork') {
      const parent = processes.get(value('pid'));
      if (parent !== undefined) put(value('child_pid'), parent);
    } else if (event === 'sched_process_exit') put(value('pid'), undefined);
    else {
      const [verb, handle = ''] = rest.split(' ');
      if (verb === 'lists') listed.add(handle);
      if (verb === 'unlists') listed.delete(handle);
      update(handle);
    }
  }
  for (const watch of [unlisted, escaped]) watch.end(now);
  return { unlisted: unlisted.longest, escaped: escaped.longest };
}
