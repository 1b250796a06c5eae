import { existsSync, readFileSync } from 'node:fs';
import type { RootedHierarchy } from '../../src/demo-cell/places.ts';
import type { LimitSupport } from './oci-config.ts';
import type { Vm } from './vm.ts';

/** What the kernel enforces on a job, and what it uses; in bytes and threads. Null where the cell's cgroups do not limit. */
export interface Limits {
  readonly memory: number;
  readonly memoryUsed: number;
  readonly processes: number;
}

const hierarchy = (vm: Vm, controller: string): RootedHierarchy | undefined =>
  vm.cell.hierarchies.find(
    ({ version, controllers }) => version === 1 && controllers.includes(controller),
  );

/**
 * A cell in a box cannot limit in version 2: its first process is a member of the cgroup below which the job's would be, and
 * the kernel then enables no controller for it.
 */
export function limitSupport(vm: Vm): LimitSupport {
  const memory = hierarchy(vm, 'memory');
  return {
    memoryAndPids: memory !== undefined && hierarchy(vm, 'pids') !== undefined,
    swap: memory !== undefined && existsSync(`${memory.root}/memory.memsw.limit_in_bytes`),
  };
}

export function limitsOf(vm: Vm, containerId: string): Limits | null {
  const memory = hierarchy(vm, 'memory');
  const pids = hierarchy(vm, 'pids');
  if (memory === undefined || pids === undefined) return null;
  const read = ({ root }: RootedHierarchy, file: string): number =>
    Number(readFileSync(`${root}/${containerId}/${file}`, 'utf8'));
  return {
    memory: read(memory, 'memory.limit_in_bytes'),
    memoryUsed: read(memory, 'memory.usage_in_bytes'),
    processes: read(pids, 'pids.max'),
  };
}
