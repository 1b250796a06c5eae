import type { CgroupFile, CgroupNumbersQuestion } from '../model/cgroup-numbers.ts';
import { isLost } from '../model/finding.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import { isUnaccounted, type ContainerReport, type Unaccounted } from '../model/report.ts';
import type { ObservedPass } from './judge/observed-containers.ts';

/** The file with the memory that is charged to a cgroup; null if the primary hierarchy has none. */
const chargeFile = (primary: ControllerName | undefined): CgroupFile | null => {
  if (primary === 'v2') return 'memory.current';
  return primary === 'memory' ? 'memory.usage_in_bytes' : null;
};

/** Only of findings and possible findings, because the kernel takes a while to answer. */
export function unaccountedToAsk({
  state,
  containers,
}: ObservedPass): readonly CgroupNumbersQuestion[] {
  const { primary } = state.cgroups;
  const file = chargeFile(primary?.controller);
  if (primary === null || file === null) return [];
  const { openedAt } = primary;
  return containers.flatMap(({ remembered, judgement, cgroup }) =>
    cgroup !== null && (isLost(judgement.reason) || isLost(remembered?.reason ?? null))
      ? cgroup.directories.map((path) => ({ openedAt, path, files: [file] }))
      : [],
  );
}

/** What the findings of a pass use and Diego does not account for. */
export function unaccountedNow(
  { state, snapshot, containers }: ObservedPass,
  reports: readonly ContainerReport[],
): Unaccounted {
  const file = chargeFile(state.cgroups.primary?.controller);
  const unaccounted = new Set(reports.filter(isUnaccounted).map(({ handle }) => handle));
  if (unaccounted.size === 0) return NOTHING;
  const cgroups = containers.flatMap(({ handle, cgroup }) =>
    cgroup !== null && unaccounted.has(handle) ? [cgroup] : [],
  );
  const bytes = cgroups
    .flatMap(({ directories }) => directories)
    .map((path) => (file === null ? null : snapshot.answers.cgroupNumbers.get(path)?.[file]))
    .filter((number) => typeof number === 'number');
  return {
    memoryBytes: bytes.length === 0 ? null : bytes.reduce((sum, one) => sum + one, 0),
    pids: cgroups.reduce((sum, { pids, peaPids }) => sum + pids.length + peaPids.length, 0),
  };
}

/** As far as a memory that was loaded from its file shows it. */
export function unaccountedRemembered(findings: readonly ContainerReport[]): Unaccounted {
  const unaccounted = findings.filter(isUnaccounted);
  if (unaccounted.length === 0) return NOTHING;
  return { memoryBytes: null, pids: unaccounted.reduce((sum, { pids }) => sum + pids, 0) };
}

const NOTHING: Unaccounted = { memoryBytes: 0, pids: 0 };
