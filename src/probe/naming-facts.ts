import type { NamingFacts, ContainerOfPass } from '../model/names.ts';
import type { Handle } from '../model/ids.ts';
import { hasEnded } from '../model/process.ts';
import { directoryOf } from './cgroup-numbers.ts';
import { inodeAt, type KernelReader } from './kernel-reader.ts';
import { timeOf } from './processes.ts';

/** The oldest process is one of these: pids grow, until they begin anew. */
const MAX_LOWEST = 8;
const MAX_HIGHEST = 8;

/** When containers started, and the inodes of the cgroups that the pass did not walk. */
export const namingFacts = (
  reader: KernelReader,
  containers: readonly ContainerOfPass[],
): ReadonlyMap<Handle, NamingFacts> =>
  new Map(containers.map((container) => [container.handle, factsOf(reader, container)]));

function factsOf(reader: KernelReader, { pids, unread }: ContainerOfPass): NamingFacts {
  const sorted = pids.filter((pid) => pid > 0).toSorted((a, b) => a - b);
  const read = new Set([...sorted.slice(0, MAX_LOWEST), ...sorted.slice(-MAX_HIGHEST)]);
  const starts = [...read].flatMap((pid) => {
    const stat = reader.stat(pid);
    return stat === null || hasEnded(stat.state) ? [] : [stat.startTicks];
  });
  return {
    startedAt: starts.length === 0 ? null : Date.parse(timeOf(reader, Math.min(...starts))),
    inodes: new Map(
      [...unread].map(([place, directory]) => [place, inodeAt(directoryOf(directory))]),
    ),
  };
}
