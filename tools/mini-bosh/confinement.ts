import { readFileSync, readlinkSync } from 'node:fs';
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

/**
 * The files with the limits of the job; null if the VM's cgroups cannot limit. In version 2 those of
 * a cell in a box cannot: its first process is a member of the parent of the job's cgroup, and then
 * the kernel enables no controller for the child.
 */
function limitFiles({ hasSystemd, cell }: Vm) {
  const name = cgroupName(hasSystemd);
  const pathOf = (controller: string): string | null => {
    if (hasSystemd) return `/sys/fs/cgroup/system.slice/${name}`;
    const tree = cell.hierarchies.find(({ controllers }) => controllers.includes(controller));
    return tree === undefined ? null : `${tree.root}/${name}`;
  };
  const [memory, pids] = [pathOf('memory'), pathOf('pids')];
  if (memory === null || pids === null) return null;
  const [limit, events] = hasSystemd
    ? ['memory.max', 'memory.events']
    : ['memory.limit_in_bytes', 'memory.oom_control'];
  return { memory: `${memory}/${limit}`, memoryEvents: `${memory}/${events}`, pids };
}

export const canLimit = (vm: Vm): boolean => limitFiles(vm) !== null;

/** The limits that the kernel enforces on a job, and what they have prevented; null if the VM cannot set limits. */
export function limitsOf(vm: Vm) {
  const files = limitFiles(vm);
  if (files === null) return null;
  const read = (file: string): string => readFileSync(file, 'utf8');
  const counted = (file: string, key: string): number =>
    Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(read(file))?.[1]);
  return {
    /** In bytes, and in threads. */
    memory: Number(read(files.memory)),
    processes: Number(read(`${files.pids}/pids.max`)),
    /** How many processes the kernel killed, and how many threads it refused, because of a limit. */
    killed: counted(files.memoryEvents, 'oom_kill'),
    refused: counted(`${files.pids}/pids.events`, 'max'),
  };
}
