/**
 * Without these options neither systemd nor a cell has the hierarchies that Garden uses on jammy.
 */
const NEEDED = ['CONFIG_MEMCG_V1', 'CONFIG_CPUSETS_V1'];

/**
 * Makes systemd 257 mount the legacy hierarchies.
 * @see systemd(1), SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE
 */
export const HYBRID_KERNEL_ARGUMENTS: readonly string[] = [
  'SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1',
  'systemd.unified_cgroup_hierarchy=0',
  'systemd.legacy_systemd_cgroup_controller=0',
];

/** Why this kernel cannot boot a hybrid machine, in one line; null if it can. */
export function whyNoHybrid(kernelConfig: string): string | null {
  const lines = new Set(kernelConfig.split('\n'));
  const missing = NEEDED.filter((option) => !lines.has(`${option}=y`));
  if (missing.length === 0) return null;
  return `Debian's kernel is built without ${missing.join(' and ')}, so it has no hybrid cgroups`;
}
