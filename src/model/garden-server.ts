import type { ProcessFacts } from './process.ts';

/**
 * Whether a process can be Garden's server: called `gdn`, in the outermost pid namespace, of real uid 0. A container can
 * name a process as it likes, but not leave its pid namespace or become the host's root.
 */
export const isGardenServer = ({
  comm,
  namespacePids,
  realUid,
}: Pick<ProcessFacts, 'comm' | 'namespacePids' | 'realUid'>): boolean =>
  comm === 'gdn' && namespacePids.length === 1 && realUid === 0;
