import type { Handle } from './ids.ts';
import { processFacts, type ProcessFacts } from './process.ts';
import * as s from './shape.ts';

/** A process of the host that has to do with a container. */
const hostProcess = s.struct({
  ...processFacts.fields,
  /** What a sentence calls it: its comm, with the subcommand of a runc (`runc delete`). */
  name: s.text,
  /**
   * `works`: gdn started it and waits for it.
   * `stays`: gdn keeps it for as long as the container: `runc events` (guardian
   * rundmc/runrunc/create.go:101), a dadoo, a shim.
   * `names`: its command line names the handle.
   */
  part: s.choice('works', 'stays', 'names'),
});
export type HostProcess = s.TypeOf<typeof hostProcess>;

export const asProcessFacts = ({ name: _name, part: _part, ...facts }: HostProcess): ProcessFacts =>
  facts;

/** What may prevent a destroy, or a creation, from completing. */
export const destroyEvidence = s.struct({
  /** When it was read. */
  at: s.time,
  /** Those that work on it first. */
  processes: s.list(hostProcess, 5),
  /** Overlays of the handle's image in gdn's mount table; null if that could not be read. */
  mounts: s.nullable(s.number),
});
export type DestroyEvidence = s.TypeOf<typeof destroyEvidence>;

const { pid, comm, state } = processFacts.fields;

/** `connection`: the name of its directory in /sys/fs/fuse/connections. */
const fileServer = s.union(
  s.struct({ kind: s.choice('nfs') }),
  s.struct({ kind: s.choice('fuse'), connection: s.number }),
);
export type FileServer = s.TypeOf<typeof fileServer>;

/** What the processes of a container wait for that SIGKILL does not end. */
export const waitEvidence = s.struct({
  /** The name of the kernel function that each waits in is null where it cannot be read. */
  processes: s.list(s.struct({ pid, comm, state, wchan: s.nullable(s.text) }), 5),
  /** The file systems whose server can make a process wait; null: no mount table was readable. */
  servers: s.nullable(s.list(fileServer, 5)),
  /** Overlays of the handle's image in gdn's mount table; null if that could not be read. */
  mounts: s.nullable(s.number),
});
export type WaitEvidence = s.TypeOf<typeof waitEvidence>;

export interface WaitQuestion {
  readonly handle: Handle;
  readonly pids: readonly number[];
  /** The process whose mount table shows the overlay; null while gdn does not run. */
  readonly gdnPid: number | null;
}

export interface DestroyQuestion {
  readonly handles: readonly Handle[];
  /** The process whose mount table is read; null while gdn does not run. */
  readonly gdnPid: number | null;
}
