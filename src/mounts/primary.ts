import type { CgroupMode, MountChoice } from '../model/hierarchy.ts';

/** What Garden limits by, in the order in which every container is sure to be in it. */
const PREFERRED = ['memory', 'pids', 'cpu'] as const;

/**
 * The hierarchy in which all containers are looked for: v2 on a v2 host; else memory, pids, cpu, another v1 with
 * controllers; null if the one it should be has no mount that will do (hybrid v2 holds no controller, and a named tree
 * need not hold the containers at all).
 *
 * Garden and runc take a host for v2 when statfs of /sys/fs/cgroup says so (guardian, opencontainers/cgroups
 * IsCgroup2UnifiedMode), and use no v1 then, even if somebody mounted a stray controller (net_cls) elsewhere.
 */
export function primaryHierarchy(
  choices: readonly MountChoice[],
  mode: CgroupMode,
): MountChoice | null {
  const usable = choices.filter(({ chosen }) => chosen !== null);
  if (mode === 'v2' || choices.some(isUnifiedAtStandardPlace)) {
    return usable.find(({ hierarchy }) => hierarchy.version === 2) ?? null;
  }
  for (const name of PREFERRED) {
    const choice = usable.find(({ hierarchy }) => hierarchy.controllers.includes(name));
    if (choice !== undefined) return choice;
  }
  return usable.find(({ hierarchy }) => hierarchy.controllers.length > 0) ?? null;
}

const isUnifiedAtStandardPlace = ({ hierarchy, candidates }: MountChoice): boolean =>
  hierarchy.version === 2 &&
  candidates.some(
    ({ mount, verdict }) => verdict !== 'shadowed' && mount.mountPoint === '/sys/fs/cgroup',
  );
