import { MAX_EVIDENCE } from '../../model/memory.ts';

/*
 * Which processes of a cgroup are read: never all of them, because it may have thousands. v2 shows
 * a member outside this process's pid namespace as 0.
 */

/** The first processes of a cgroup; its init is nearly always among them. */
export const lowestPids = (pids: readonly number[], most: number): readonly number[] =>
  pids
    .filter((pid) => pid > 0)
    .toSorted((a, b) => a - b)
    .slice(0, most);

/** Its /proc/<pid>/cgroup shows the container's paths in all hierarchies; null: it has none. */
export function representativePid(
  cgroup: { readonly pids: readonly number[] } | null,
): number | null {
  // This runs for every container in every pass, so it does not sort as `lowestPids` does.
  let lowest: number | null = null;
  for (const pid of cgroup?.pids ?? []) {
    if (pid > 0 && (lowest === null || pid < lowest)) lowest = pid;
  }
  return lowest;
}

/** The processes of a container, or those of its peas if it has no others. */
export const evidencePidsOf = ({
  pids,
  peaPids,
}: {
  readonly pids: readonly number[];
  readonly peaPids: readonly number[];
}): readonly number[] => evidencePids(pids.length > 0 ? pids : peaPids);

/** Diego starts Envoy and a few health checks. */
const MAX_PEAS = 8;

/** The peas whose processes are shown, which may be more than Envoy and health checks. */
export const evidencePeas = <Pea extends { readonly pids: readonly number[] }>(
  peas: readonly Pea[],
): readonly Pea[] => peas.filter(({ pids }) => pids.length > 0).slice(0, MAX_PEAS);

export const evidencePids = (pids: readonly number[]): readonly number[] =>
  lowestPids(pids, MAX_EVIDENCE);
