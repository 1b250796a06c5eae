import { readFileSync, readlinkSync } from 'node:fs';
import { expected } from './expected.ts';
import type { Vm } from './vm.ts';

/** What a process is allowed, from proc_pid_status(5) and proc_pid_ns(5). */
export interface Confinement {
  readonly pid: number;
  readonly uid: number;
  readonly capEff: string;
  readonly capBnd: string;
  readonly noNewPrivs: boolean;
  /** 2: a filter. */
  readonly seccomp: number;
  readonly ownNamespaces: readonly string[];
  readonly sharedNamespaces: readonly string[];
  /** Lines of /proc/<pid>/cgroup. */
  readonly cgroups: readonly string[];
}

const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'] as const;

/** The one child of tini: the agent, as the VM numbers it. */
export function agentPid(vm: Vm, tiniPid: number): number {
  const children = readFileSync(vm.path(`/proc/${tiniPid}/task/${tiniPid}/children`), 'utf8');
  const pids = children.trim().split(' ').map(Number).filter(Boolean);
  const [pid] = pids;
  expected(pids.length === 1 && pid !== undefined, `tini has ${pids.length} children, and not one`);
  return pid;
}

export function confinement(vm: Vm, pid: number): Confinement {
  const status = readFileSync(vm.path(`/proc/${pid}/status`), 'utf8');
  const field = (name: string): string =>
    new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? '';
  const isShared = (kind: string): boolean =>
    readlinkSync(vm.path(`/proc/${pid}/ns/${kind}`)) ===
    readlinkSync(vm.path(`/proc/1/ns/${kind}`));
  return {
    pid,
    uid: Number(field('Uid')),
    capEff: field('CapEff'),
    capBnd: field('CapBnd'),
    noNewPrivs: field('NoNewPrivs') === '1',
    seccomp: Number(field('Seccomp')),
    ownNamespaces: NAMESPACES.filter((kind) => !isShared(kind)),
    sharedNamespaces: NAMESPACES.filter(isShared),
    cgroups: readFileSync(vm.path(`/proc/${pid}/cgroup`), 'utf8')
      .trimEnd()
      .split('\n'),
  };
}
