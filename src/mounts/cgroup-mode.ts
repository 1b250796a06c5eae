import type { CgroupMode } from '../model/hierarchy.ts';
import type { HierarchyMounts } from './hierarchies.ts';

/**
 * Which generation of cgroups a cell runs, from the hierarchies that can be reached. A named v1 hierarchy holds no
 * controller (systemd keeps one on v2 hosts for old containers), so beside v2 it does not make a host hybrid.
 */
export function cgroupMode(hierarchies: readonly HierarchyMounts[]): CgroupMode {
  const has = (test: (hierarchy: HierarchyMounts['hierarchy']) => boolean): boolean =>
    hierarchies.some(({ hierarchy }) => test(hierarchy));
  const v2 = has(({ version }) => version === 2);
  if (has(({ controllers }) => controllers.length > 0)) return v2 ? 'hybrid' : 'v1';
  if (v2) return 'v2';
  return has(({ version }) => version === 1) ? 'v1' : 'none';
}
