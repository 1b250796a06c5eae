import { readFileSync, readlinkSync } from 'node:fs';
import type { RootedHierarchy } from '../../src/demo-cell/cgroups/cgroup-paths.ts';
import { cgroupName } from './bpm-config.ts';
import type { Vm } from './vm.ts';

const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'] as const;

/**
 * The restrictions of a process, from proc_pid_status(5) and proc_pid_ns(5).
 * @param pid the pid in the VM
 */
export function confinement(vm: Vm, pid: number) {
  const status = readFileSync(vm.path(`/proc/${pid}/status`), 'utf8');
  const field = (name: string): string =>
    new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? '';
  const namespace = (of: number, kind: string): string =>
    readlinkSync(vm.path(`/proc/${of}/ns/${kind}`));
  const cgroups = readFileSync(vm.path(`/proc/${pid}/cgroup`), 'utf8').matchAll(
    /^\d+:[^:]*:(.*)$/gm,
  );
  return {
    uid: Number(field('Uid')),
    capEff: field('CapEff'),
    capBnd: field('CapBnd'),
    noNewPrivs: field('NoNewPrivs') === '1',
    /** 2: a filter is active. */
    seccomp: Number(field('Seccomp')),
    ownNamespaces: NAMESPACES.filter((kind) => namespace(pid, kind) !== namespace(1, kind)),
    /** Its paths in /proc/<pid>/cgroup, each once. */
    cgroups: [...new Set([...cgroups].map(([, path = '']) => path))],
  };
}

const hierarchy = (vm: Vm, controller: string): RootedHierarchy | undefined =>
  vm.cell.hierarchies.find(
    ({ version, controllers }) => version === 1 && controllers.includes(controller),
  );

/**
 * Whether the VM's cgroups can limit memory and processes. In version 2 those of a cell in a box
 * cannot: its first process is a member of the parent of the job's cgroup, and then the kernel
 * enables no controller for the child.
 */
export const canLimit = (vm: Vm): boolean =>
  vm.hasSystemd || (hierarchy(vm, 'memory') !== undefined && hierarchy(vm, 'pids') !== undefined);

/** The limits that the kernel enforces on a job, and what they have prevented; null if the VM cannot set limits. */
export function limitsOf(vm: Vm) {
  const name = cgroupName(vm.hasSystemd);
  const scope = `/sys/fs/cgroup/system.slice/${name}`;
  if (vm.hasSystemd) return limits(scope, scope, ['memory.max', 'memory.events']);
  const memory = hierarchy(vm, 'memory');
  const pids = hierarchy(vm, 'pids');
  if (memory === undefined || pids === undefined) return null;
  const files = ['memory.limit_in_bytes', 'memory.oom_control'] as const;
  return limits(`${memory.root}/${name}`, `${pids.root}/${name}`, files);
}

function limits(
  memory: string,
  pids: string,
  [limit, events]: readonly [limit: string, events: string],
) {
  const read = (file: string): string => readFileSync(file, 'utf8');
  const counted = (file: string, key: string): number =>
    Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(read(file))?.[1]);
  return {
    /** In bytes, and in threads. */
    memory: Number(read(`${memory}/${limit}`)),
    processes: Number(read(`${pids}/pids.max`)),
    /** How many processes the kernel killed, and how many threads it refused, because of a limit. */
    killed: counted(`${memory}/${events}`, 'oom_kill'),
    refused: counted(`${pids}/pids.events`, 'max'),
  };
}
