import type { CellMode } from './hierarchies.ts';
import type { CellShape } from './places.ts';

/** How a cell is built. */
export interface CellOptions {
  /** What the cell's mount table shows; `auto` is what the machine has. */
  readonly mode: CellMode | 'auto';
  readonly layout: CellShape['layout'];
  readonly runtime: CellShape['runtime'];
  /** The cgroup mounts stand in the table in reversed order. */
  readonly reversed: boolean;
  /** A second full set of cgroup mounts at /tmp/cgroups-<tag>. */
  readonly tag: string | null;
  /** Each container's own cgroups are mounted in its root filesystem, visible in the cell's table. */
  readonly containerMounts: boolean;
  readonly cgroupNamespace: 'host' | 'private';
  /** The beginning of the run id, for people. */
  readonly label: string | null;
}

export const PLAIN_CELL: CellOptions = {
  mode: 'auto',
  layout: 'plain',
  runtime: 'containerd',
  reversed: false,
  tag: null,
  containerMounts: false,
  cgroupNamespace: 'host',
  label: null,
};
