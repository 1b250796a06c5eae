import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import type { TraceEvent } from './cgroup-trace.ts';

/** The events that decide where a process is; unlike polling, they miss nothing. */
export const REFEREE_EVENTS: readonly TraceEvent[] = [
  'cgroup/cgroup_rename',
  'cgroup/cgroup_attach_task',
  'sched/sched_process_fork',
  'sched/sched_process_exit',
];

/** What the kernel can decide, and for how many seconds it must be so before the agent says it. */
const GRACE_SECONDS = { 'unknown-to-garden': 2, 'no-cgroup': 6, escaped: 2, partial: 2 };
type Reason = keyof typeof GRACE_SECONDS;
const isReason = (reason: string): reason is Reason => Object.hasOwn(GRACE_SECONDS, reason);
const REASONS = Object.keys(GRACE_SECONDS).filter(isReason);
/** A pass dates what it reads with its beginning, and a busy machine makes it long. */
const EARLY_SECONDS = 1;
/** A busy machine makes passes late, and a mark of the test stands before what it does. */
const LATE_SECONDS = 20;

/** Its cgroups by hierarchy, and the container in whose directory it was first. */
interface Process {
  readonly cgroups: ReadonlyMap<string, string>;
  readonly home: string | null;
}

/**
 * What the agent said too early or not at all, by the events of the kernel and the marks of the
 * test: `lists H`, `unlists H`, and `reports H REASON` when the agent did.
 */
export function wrongBy(trace: readonly string[], { runId }: Cell): readonly string[] {
  const garden = new RegExp(
    `${runId}(?:/system.slice/garden.service)?/garden/(?:(?:good|bad)/)?([^/]+?)(?:-envoy)?(?:/|$)`,
  );
  const paths = new Map<string, string>();
  const handleAt = (cgroup: string): string | null =>
    garden.exec(paths.get(cgroup) ?? '')?.[1] ?? null;
  const processes = new Map<string, Process>();
  const listed = new Set<string>();
  /**
   * Each container with the hierarchies that have a directory of it: the cell may not mount the
   * others.
   */
  const rooted = new Set<string>();
  /** By container and reason: since when it is so, and the longest time that it was. */
  const lasting = new Map<string, { readonly since: number | null; readonly longest: number }>();
  const reported = new Set<string>();
  const wrong: string[] = [];
  let now = 0;
  const update = (handle: string): void => {
    const own = [...processes.values()].filter(({ home }) => home === handle);
    const places = own.map(
      ({ cgroups }) =>
        new Set(
          [...cgroups].flatMap(([root, cgroup]) =>
            rooted.has(`${handle} ${root}`) ? [handleAt(cgroup) === handle] : [],
          ),
        ),
    );
    const isInIt = places.some((one) => one.has(true));
    const isSo: Readonly<Record<Reason, boolean>> = {
      'unknown-to-garden': isInIt && !listed.has(handle),
      'no-cgroup': own.length === 0 && listed.has(handle),
      escaped: places.some((one) => !one.has(true)),
      partial: places.some((one) => one.size > 1),
    };
    for (const reason of REASONS) {
      const { since, longest } = lasting.get(`${handle} ${reason}`) ?? { since: null, longest: 0 };
      const begun = since ?? now;
      lasting.set(`${handle} ${reason}`, {
        since: isSo[reason] ? begun : null,
        longest: Math.max(longest, now - begun),
      });
    }
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
      const handle = handleAt(cgroup);
      rooted.add(`${handle ?? ''} ${root}`);
      put(value('pid'), { cgroups: moved, home: home ?? handle });
    } else if (event === 'cgroup_rename') {
      paths.set(`${value('root')} ${value('id')}`, value('path'));
      for (const { home } of processes.values()) if (home !== null) update(home);
    } else if (event === 'sched_process_fork') {
      const parent = processes.get(value('pid'));
      if (parent !== undefined) put(value('child_pid'), parent);
    } else if (event === 'sched_process_exit') put(value('pid'), undefined);
    else {
      const [verb, handle = '', reason = ''] = rest.split(' ');
      if (verb === 'lists') listed.add(handle);
      if (verb === 'unlists') listed.delete(handle);
      update(handle);
      if (verb !== 'reports' || !isReason(reason)) continue;
      reported.add(`${handle} ${reason}`);
      const { longest = 0 } = lasting.get(`${handle} ${reason}`) ?? {};
      if (longest < GRACE_SECONDS[reason] - EARLY_SECONDS)
        wrong.push(`early: ${handle} ${reason}, ${longest} s`);
    }
  }
  for (const handle of new Set([...lasting.keys()].map((key) => key.split(' ')[0] ?? ''))) {
    update(handle);
    for (const reason of REASONS) {
      const { longest = 0 } = lasting.get(`${handle} ${reason}`) ?? {};
      const isLong = longest > GRACE_SECONDS[reason] + LATE_SECONDS;
      if (isLong && !reported.has(`${handle} ${reason}`))
        wrong.push(`missed: ${handle} ${reason}, ${longest} s`);
    }
  }
  return wrong;
}
