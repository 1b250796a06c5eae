import type { Handle } from './ids.ts';
import type { ProcessFacts } from './process.ts';

/** What may keep a destroy from its end. */
export interface DestroyEvidence {
  /** RFC 3339: when it was read. */
  readonly at: string;
  /** Processes of the host whose command line names the handle, at most 5. */
  readonly processes: readonly ProcessFacts[];
  /** Overlays of the handle's image in gdn's mount table; null: that could not be read. */
  readonly mounts: number | null;
}

/** Which destroys to look into. */
export interface DestroyQuestion {
  readonly handles: readonly Handle[];
  /** Whose mount table; null while gdn does not run. */
  readonly gdnPid: number | null;
}
