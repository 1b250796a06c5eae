import { asByteString, type ByteString, type Device } from './ids.ts';

/** One line of a mount table (proc_pid_mountinfo(5)). A null stands for what /proc/mounts lacks. */
export interface Mount {
  readonly line: number;
  readonly id: number | null;
  readonly parentId: number | null;
  readonly device: Device | null;
  /** The directory of the filesystem that this mount shows; null if the format lacks it. */
  readonly root: ByteString | null;
  readonly mountPoint: ByteString;
  /** How many fields such as `shared:1` the line has. */
  readonly optionalFields: number | null;
  readonly fstype: string;
  readonly source: ByteString;
  readonly superOptions: readonly string[];
}

export interface MalformedLine {
  /** Counted from 1. */
  readonly line: number;
  readonly problem: string;
  /** The beginning of the line, escaped, at most 120 characters. */
  readonly text: string;
}

export interface MountTable {
  readonly format: 'mountinfo' | 'mounts';
  readonly mounts: readonly Mount[];
  readonly malformed: readonly MalformedLine[];
  /** The number of the first line of MAX_SCANNED_LINE bytes or more; null: all are shorter. */
  readonly longLine: number | null;
}

/** Go's bufio.Scanner, which reads the table in some tools, stops silently at a longer line. */
export const MAX_SCANNED_LINE = 64 * 1024;

/** Where systemd and bpm mount the cgroup hierarchies, or v2 alone. */
export const CGROUP_MOUNT_POINT = asByteString('/sys/fs/cgroup');

/** kernfs gives inode 1 to the root of each hierarchy, in every namespace, and to nothing else. */
export const ROOT_INODE = 1;

/** Decided by type, never by source: a source called cgroup is often a tmpfs. */
export const cgroupVersion = ({ fstype }: Mount): 1 | 2 | null =>
  fstype === 'cgroup' ? 1 : fstype === 'cgroup2' ? 2 : null;

/** Whether the directory that the mount shows was removed (fs/d_path.c, dentry_path). */
export const isDeleted = ({ root }: Mount): boolean => root?.endsWith('//deleted') === true;
