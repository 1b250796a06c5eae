import type { ByteString } from './ids.ts';
import { choice, nullable, number, record, union, type Shape } from './shape.ts';

/**
 * The files of a cgroup that are read as one number; no other name is ever opened. `cpu.max`:
 * microseconds of processor time per second; `io.max`: devices that have a limit; `cgroup.events`: its
 * `populated`, 1 if anything runs in the cgroup or below it; `cgroup.events#frozen` and
 * `freezer.state`: 1 if everything in it is frozen.
 */
export const CGROUP_FILES = [
  'cgroup.events',
  'cgroup.events#frozen',
  'cpu.max',
  'freezer.state',
  'io.max',
  'memory.current',
  'memory.max',
  'memory.swap.max',
  'memory.usage_in_bytes',
  'pids.current',
  'pids.max',
] as const;
export type CgroupFile = (typeof CGROUP_FILES)[number];

/** The name of the file, of which one key may be meant. */
export const fileName = (file: CgroupFile): string => file.replace(/#.*/, '');

/** `max`: no limit. Null: the file does not exist, or cannot be read. */
export type CgroupNumber = number | 'max' | null;
export type CgroupNumbers = Readonly<Partial<Record<CgroupFile, CgroupNumber>>>;
export const cgroupNumbers: Shape<CgroupNumbers> = record(nullable(union(number, choice('max'))));

export interface CgroupDirectory {
  /** Where this process opens the root of the hierarchy. */
  readonly openedAt: ByteString;
  readonly path: ByteString;
}

export interface CgroupNumbersQuestion extends CgroupDirectory {
  readonly files: readonly CgroupFile[];
}
