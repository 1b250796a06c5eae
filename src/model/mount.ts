import { asByteString } from './ids.ts';
import * as s from './shape.ts';

/** One line of a mount table (proc_pid_mountinfo(5)). A null stands for what /proc/mounts lacks. */
const mount = s.struct({
  line: s.number,
  id: s.nullable(s.number),
  parentId: s.nullable(s.number),
  device: s.nullable(s.device),
  /** The directory of the filesystem that this mount shows; null if the format lacks it. */
  root: s.nullable(s.bytes),
  mountPoint: s.bytes,
  /** How many fields such as `shared:1` the line has. */
  optionalFields: s.nullable(s.number),
  fstype: s.text,
  source: s.bytes,
  superOptions: s.list(s.text),
});
export type Mount = s.TypeOf<typeof mount>;

const malformedLine = s.struct({
  /** Counted from 1. */
  line: s.number,
  problem: s.text,
  /** The beginning of the line, escaped, at most 120 characters. */
  text: s.text,
});
export type MalformedLine = s.TypeOf<typeof malformedLine>;

export const mountTable = s.struct({
  format: s.choice('mountinfo', 'mounts'),
  mounts: s.list(mount),
  malformed: s.list(malformedLine),
  /** The number of the first line of MAX_SCANNED_LINE bytes or more; null: all are shorter. */
  longLine: s.nullable(s.number),
});
export type MountTable = s.TypeOf<typeof mountTable>;

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
