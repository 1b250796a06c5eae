import type { Mount } from '../../model/mount.ts';

/** Tracee up to 0.19: the last line wins, so that any later mount of a sub-cgroup replaces the host's. */
export const lastMatch = (searched: readonly Mount[]): Mount | null => searched.at(-1) ?? null;
