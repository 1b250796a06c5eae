import type { CgroupNumber } from '../model/cgroup-numbers.ts';

/**
 * The number in a file of a cgroup. v2 writes `max` if there is no limit; v1 writes a huge number
 * instead, and is never asked for a limit.
 */
export function parseCgroupNumber(text: string): CgroupNumber {
  const value = text.trim();
  if (value === 'max') return 'max';
  return /^\d{1,20}$/.test(value) ? Number(value) : null;
}
