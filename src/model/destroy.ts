import type { Handle } from './ids.ts';
import { processFacts, type ProcessFacts } from './process.ts';
import * as s from './shape.ts';

/** What matters most comes first. */
export const HOST_PARTS = ['works', 'holds', 'left', 'names', 'stays'] as const;
export const MAX_HOST_PROCESSES = 8;

/** A process of the host that has to do with a container. */
const hostProcess = s.struct({
  ...processFacts.fields,
  /** What a sentence calls it: its comm, with the subcommand of a runc (`runc delete`). */
  name: s.text,
  /**
   * `works`: gdn waits for it: a child that names the handle, or a process below such a child.
   * `holds`: not below gdn, it can write to a pipe that gdn reads, so gdn may wait for it.
   * `left`: an earlier pass saw it below gdn, and it still runs: it may hold such a pipe.
   * `names`: its command line names the handle.
   * `stays`: gdn keeps it for as long as the container: `runc events` (guardian
   * rundmc/runrunc/create.go:101), a dadoo, a shim.
   */
  part: s.choice(...HOST_PARTS),
});
export type HostProcess = s.TypeOf<typeof hostProcess>;

export const asProcessFacts = ({ name: _name, part: _part, ...facts }: HostProcess): ProcessFacts =>
  facts;

/** What may prevent a destroy, or a creation, from completing. */
export const destroyEvidence = s.struct({
  /** When it was read. */
  at: s.time,
  processes: s.list(hostProcess, MAX_HOST_PROCESSES),
  /** How many more work on it. */
  omitted: s.number,
  /** This pass or an earlier one saw a process that works on it. */
  hasWorked: s.flag,
  /** The cell has more processes than a search reads: others may work on it, or hold a pipe. */
  isCut: s.flag,
  /** Whether the pipes of gdn could be read, as only root can. They are not while one works on it. */
  pipesRead: s.flag,
  /** Overlays of the handle's image in gdn's mount table; null if that could not be read. */
  mounts: s.nullable(s.number),
});
export type DestroyEvidence = s.TypeOf<typeof destroyEvidence>;

const { pid, comm, state } = processFacts.fields;

/**
 * `minor`: of the device of an NFS volume, whose directory is /sys/fs/nfs/0:MINOR (fs/nfs/sysfs.c).
 * `connection`: the name of its directory in /sys/fs/fuse/connections.
 */
const fileServer = s.union(
  s.struct({ kind: s.choice('nfs'), minor: s.number }),
  s.struct({ kind: s.choice('fuse'), connection: s.number }),
);
export type FileServer = s.TypeOf<typeof fileServer>;

export const MAX_WAITING = 5;
/** More servers of one container say no more. */
export const MAX_SERVERS = 5;

/** What the processes of a container wait for that SIGKILL does not end. */
export const waitEvidence = s.struct({
  /** The name of the kernel function that each waits in is null where it cannot be read. */
  processes: s.list(s.struct({ pid, comm, state, wchan: s.nullable(s.text) }), MAX_WAITING),
  /** The file systems whose server can make a process wait; null: no mount table was readable. */
  servers: s.nullable(s.list(fileServer, MAX_SERVERS)),
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
