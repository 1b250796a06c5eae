import type { Handle } from './ids.ts';
import type { ProcessFacts } from './process.ts';

/** What may prevent a destroy from completing. */
export interface DestroyEvidence {
  /** RFC 3339: when it was read. */
  readonly at: string;
  /** Processes of the host whose command line names the handle, at most 5. */
  readonly processes: readonly ProcessFacts[];
  /** Overlays of the handle's image in gdn's mount table; null if that could not be read. */
  readonly mounts: number | null;
}

/** Which unfinished destroys to check. */
export interface DestroyQuestion {
  readonly handles: readonly Handle[];
  /** The process whose mount table is read; null while gdn does not run. */
  readonly gdnPid: number | null;
}
