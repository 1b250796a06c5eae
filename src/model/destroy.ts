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

/** What the processes of a container wait for that SIGKILL does not end. */
export interface WaitEvidence {
  /** At most 5. The name of the kernel function that each waits in is null where it cannot be read. */
  readonly processes: readonly (Pick<ProcessFacts, 'pid' | 'comm' | 'state'> & {
    readonly wchan: string | null;
  })[];
  /**
   * The file systems in its mount table whose server can make a process wait; null if the table
   * could not be read.
   */
  readonly servers: readonly FileServer[] | null;
  /** Overlays of the handle's image in gdn's mount table; null if that could not be read. */
  readonly mounts: number | null;
}

/** `connection`: the name of its directory in /sys/fs/fuse/connections. */
export type FileServer =
  | { readonly kind: 'nfs' }
  | { readonly kind: 'fuse'; readonly connection: number };

export interface WaitQuestion {
  readonly handle: Handle;
  readonly pids: readonly number[];
  /** The process whose mount table shows the overlay; null while gdn does not run. */
  readonly gdnPid: number | null;
}

/** Which unfinished destroys to check. */
export interface DestroyQuestion {
  readonly handles: readonly Handle[];
  /** The process whose mount table is read; null while gdn does not run. */
  readonly gdnPid: number | null;
}
