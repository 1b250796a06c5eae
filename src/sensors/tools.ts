import { RULES, type Rule } from '../model/hierarchy.ts';
import type { SensorName } from '../model/sensor.ts';
import type { Version, VersionRange } from './versions.ts';

/** How a tool knows containers: what decides a prediction. */
export type ContainerRule =
  /**
   * Walks the directories of the cpuset hierarchy (v1) or of v2, through the mount that a rule
   * takes.
   */
  | { readonly kind: 'cgroup-walk'; readonly rule: Rule; readonly knowsGarden: boolean }
  /** Makes an id of the lines of /proc/PID/cgroup, the first line that gives one. */
  | { readonly kind: 'process-cgroups'; readonly knowsGarden: boolean }
  /** Needs an id as long as docker's. */
  | { readonly kind: 'docker-ids' }
  /** Asks containerd, in a namespace that is not Garden's. */
  | { readonly kind: 'containerd-api' }
  /** Asks Garden. */
  | { readonly kind: 'garden-list' }
  /** Published versions differ, and none of their numbers is known to us. */
  | { readonly kind: 'not-known'; readonly why: string };

/** One range of versions of one tool, as its own source has it. */
export interface ToolVersions extends VersionRange {
  readonly tool: SensorName;
  /** The range in words, to follow the tool's name; empty where all versions are alike. */
  readonly versions: string;
  readonly rule: ContainerRule;
  readonly takes: string;
  readonly walks: string;
  readonly makesId: string;
  /** What no version, flag or mount mends. */
  readonly limits: readonly string[];
  /** What an operator can do; null: nothing. */
  readonly remedy: string | null;
  readonly source: string;
}

const TRACEE_LIMITS: readonly string[] = [
  'tasks (36-character handles), Garden’s health checks and side processes beside their container: no part of their paths has the form that it looks for',
  'cgroup v2 with containerd: a policy with container scope never matches a container that is older than Tracee, since its processes are in `H/init`',
];
const TRACEE_WALK =
  'the directories of the cpuset hierarchy; of v2 if /sys/fs/cgroup/cgroup.controllers exists';
const TRACEE_ID = 'the innermost component of 8-4-4-4-4 hexadecimal digits, or of 64';
const TRACEE_REMEDY =
  'v0.22.3 or newer; or, since v0.24, `--containers cgroupfs.path=P` with `cgroupfs.force=true`, P as the host sees it: /sys/fs/cgroup/cpuset on v1, /sys/fs/cgroup on v2';

function tracee(
  versions: string,
  [from, before]: readonly [Version | null, Version | null],
  rule: Rule,
  takes: string,
  source: string,
): ToolVersions {
  return {
    tool: 'tracee',
    versions,
    from,
    before,
    rule: { kind: 'cgroup-walk', rule, knowsGarden: true },
    takes: `${takes}; mounts its own if that is not below /sys/fs/cgroup`,
    walks: TRACEE_WALK,
    makesId: TRACEE_ID,
    limits: TRACEE_LIMITS,
    remedy: TRACEE_REMEDY,
    source,
  };
}

const LAST = 'the last line of /proc/mounts whose mount point contains `cpuset` (v2: any)';

/** Every tool whose rules are known, oldest versions first. */
export const TOOLS: readonly ToolVersions[] = [
  {
    ...tracee(
      'up to v0.18',
      [null, [0, 19, 0]],
      'last-match',
      LAST,
      'pkg/mount/mount.go, pkg/containers/containers.go @v0.18.0',
    ),
    rule: { kind: 'cgroup-walk', rule: 'last-match', knowsGarden: false },
    makesId: 'the innermost component of 64 hexadecimal digits: no container of Garden has one',
  },
  tracee(
    'v0.19',
    [
      [0, 19, 0],
      [0, 20, 0],
    ],
    'last-match',
    LAST,
    'pkg/mount/mount.go:151, :190, pkg/containers/containers.go:250-309 @v0.19.0',
  ),
  tracee(
    'v0.20',
    [
      [0, 20, 0],
      [0, 21, 0],
    ],
    'first-root',
    'the first line of mountinfo with the root `/`',
    'pkg/mount/mount.go:195-231 @v0.20.0',
  ),
  tracee(
    'v0.21 to v0.22.2',
    [
      [0, 21, 0],
      [0, 22, 3],
    ],
    'lowest-inode',
    'the mount with the lowest inode, whatever its root; the shorter path on a tie',
    'pkg/mount/mount.go SearchMountpointFromHost @v0.21.0',
  ),
  tracee(
    'v0.22.3 and newer',
    [[0, 22, 3], null],
    'root-only',
    'of the mounts with the root `/` the lowest inode; the longer path on a tie',
    'pkg/mount/mount.go:241-309 @v0.22.5; the same in v0.24.1 and 7c9ec978',
  ),
  {
    tool: 'falco',
    versions: 'up to 0.40',
    from: null,
    before: [0, 41, 0],
    rule: { kind: 'process-cgroups', knowsGarden: false },
    takes: 'none for ids',
    walks: '/proc/PID/cgroup',
    makesId: '64 hexadecimal digits; 0.40 shorter ones below /default/ too: no container of Garden',
    limits: [],
    remedy: '0.41 or newer, with the container plugin',
    source: 'falcosecurity/libs runc.cpp @0.18.0, :76 @0.20.0',
  },
  {
    tool: 'falco',
    versions: '0.41 and newer',
    from: [0, 41, 0],
    before: null,
    rule: { kind: 'process-cgroups', knowsGarden: true },
    takes: 'none for ids',
    walks:
      '/proc/PID/cgroup, in the order of its lines; of new processes cpuset, cpu, cpuacct, io, memory',
    makesId:
      '12 characters after the first component of the path, of the first line that gives any',
    limits: [
      'an id is the beginning of the handle at best: `good/8a37cb6` keeps 7 of its characters',
      'with CPU throttling Envoy and other side processes below a container count as the host’s: their paths are too long',
    ],
    remedy:
      'containerd’s socket (`engines.containerd.sockets`) adds `container.full_id`, the handle; it does not mend `garden.servi`',
    source:
      'falcosecurity/plugins container/src/matchers/containerd.cpp, runc.cpp, bpm.cpp (0b3cbd8d), plugin.cpp:191; libs scap_cgroup.c:861 (48dfd53c), auxmap_store_params.h:1703',
  },
  {
    tool: 'tetragon',
    versions: '',
    from: null,
    before: null,
    rule: { kind: 'docker-ids' },
    takes: 'fixed: /sys/fs/cgroup',
    walks: '/proc',
    makesId: 'the last part of the last component if it has 64 characters: no process of Garden',
    limits: ['no process of a container of Garden ever has an id: join on `process.pid`'],
    remedy: null,
    source: 'cilium/tetragon pkg/sensors/exec/procevents/proc.go:25-137 (4fbfe2d7, v1.7.0)',
  },
  {
    tool: 'inspektor-gadget',
    versions: 'with its own defaults',
    from: null,
    before: null,
    rule: { kind: 'containerd-api' },
    takes: 'fixed: /sys/fs/cgroup',
    walks:
      'containerd’s API at /run/containerd/containerd.sock, namespace k8s.io; new ones by fixed paths of runc',
    makesId: 'the runtime’s',
    limits: ['without containerd (gdn with runc alone) the containers that already run'],
    remedy:
      '`--containerd-socketpath /var/vcap/sys/run/containerd/containerd.sock --containerd-namespace garden`, `RUNTIME_PATH=/var/vcap/packages/runc/bin/runc`',
    source:
      'inspektor-gadget pkg/container-utils interface.go:29, localmanager.go:119, finder.go:34, tracer.go:417 (aeac857b)',
  },
  {
    tool: 'datadog',
    versions: 'with Garden’s socket',
    from: null,
    before: null,
    rule: { kind: 'garden-list' },
    takes: 'for statistics only: the shortest mount point of the memory hierarchy, on v2 the last',
    walks: 'Garden’s list',
    makesId: 'the handle, from Garden',
    limits: [
      'what Garden does not list, it does not know; side processes are not containers to it',
    ],
    remedy: 'mount garden.sock into the job of the agent',
    source: 'DataDog/datadog-agent cf_vm.go Pull (06caa4f6), pkg/util/cgroups/reader.go (0402e848)',
  },
  {
    tool: 'datadog-system-probe',
    versions: '',
    from: null,
    before: null,
    rule: {
      kind: 'not-known',
      why: 'some of its versions make the handle of the path, others drop it, and no flag tells which',
    },
    takes: 'none for ids',
    walks: '/proc/PID/cgroup',
    makesId: '8-4-4-4-4 hexadecimal digits in the path; dropped again in commits such as 007e0bbf',
    limits: ['its events go to the backend, not to a file'],
    remedy: 'a newer agent',
    source: 'DataDog/datadog-agent pkg/security helpers.go, GetCGroupContext (007e0bbf)',
  },
];

/** The sensors that choose a mount by each rule, in words. */
export const sensorsByRule = (): ReadonlyMap<Rule, string> =>
  new Map(
    RULES.flatMap((rule) => {
      const named = sensorsOf(rule);
      return named === null ? [] : [[rule, named] as const];
    }),
  );

function sensorsOf(rule: Rule): string | null {
  const named = TOOLS.filter(
    (one) => one.rule.kind === 'cgroup-walk' && one.rule.rule === rule,
  ).map(({ versions }) => versions);
  return named.length === 0 ? null : `Tracee ${named.join(', ')}`;
}
