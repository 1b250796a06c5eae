import type { Rule } from '../model/hierarchy.ts';
import type { SensorName } from '../model/sensor.ts';
import type { VersionRange } from './versions.ts';

/** How a tool identifies containers. This decides a prediction. */
export type ContainerRule =
  /** Walks the directories of cpuset's hierarchy (v1) or of v2, through the mount of a rule. */
  | { readonly kind: 'cgroup-walk'; readonly rule: Rule; readonly knowsGarden: boolean }
  /** Derives an id from the lines of /proc/PID/cgroup: the first line that gives one. */
  | { readonly kind: 'process-cgroups'; readonly scan: ScanMount }
  /** Takes every process of Garden for one of the host, as other versions do not. */
  | { readonly kind: 'host-alone' }
  /** Requires an id as long as docker's. */
  | { readonly kind: 'docker-ids' }
  /** Queries containerd, in namespaces that are not Garden's. `isFixed`: no flag changes them. */
  | { readonly kind: 'containerd-api'; readonly namespaces: string; readonly isFixed: boolean }
  /** Queries Garden. */
  | { readonly kind: 'garden-list' }
  /** What decides it cannot be seen from outside. */
  | { readonly kind: 'not-known'; readonly why: string };

/**
 * The line of /proc/1/mounts at which Falco's scan reads the controllers of v2 cgroups
 * (scap_cgroup_interface_init): up to libs 0.21 the last of cgroup2, later the first that has some.
 */
export type ScanMount = 'last' | 'first-with-controllers';

/** One range of versions of one tool, as in the tool's own source. */
export interface ToolVersions extends VersionRange {
  readonly tool: SensorName;
  /** The range in words, to follow the tool's name; empty if all versions are alike. */
  readonly versions: string;
  readonly rule: ContainerRule;
  readonly takes: string;
  readonly walks: string;
  readonly makesId: string;
  /** What no version, flag or mount fixes. */
  readonly limits: readonly string[];
  readonly source: string;
}

const ALL_VERSIONS = { from: null, before: null };
const TRACEE_LIMITS: readonly string[] = [
  'mounts at a path with a space, which the kernel prints as `\\040`: up to v0.20 it finds nothing there, and later it skips the mount',
  'mounts after a line of 64 KiB or more, at which it stops reading the table',
  "tasks (36-character handles), Garden's health checks, and side processes beside their container: no component of their paths has the form of an id",
  'cgroup v2 with containerd: a policy with container scope never matches a container older than Tracee, because its processes are in `H/init`',
  'a policy for one container (`container=ID`) fails with `container id is ambiguous` where two cgroups carry the id: an app with Envoy, in `H/init`, or with CPU throttling',
];
const TRACEE_WALK =
  'the directories of the cpuset hierarchy, or of v2 if /sys/fs/cgroup/cgroup.controllers exists';
const TRACEE_ID = 'the innermost path component of 8-4-4-4-4 or of 64 hexadecimal digits';

function tracee(
  versions: string,
  range: VersionRange,
  rule: Rule,
  takes: string,
  source: string,
): ToolVersions {
  return {
    tool: 'tracee',
    versions,
    ...range,
    rule: { kind: 'cgroup-walk', rule, knowsGarden: true },
    takes: `${takes}. If that is not below /sys/fs/cgroup, it mounts its own`,
    walks: TRACEE_WALK,
    makesId: TRACEE_ID,
    limits: TRACEE_LIMITS,
    source,
  };
}

const LAST =
  'the last line of /proc/mounts whose mount point contains `cpuset`; on v2, of any cgroup mount';

const INSPEKTOR_GADGET: Omit<ToolVersions, 'versions' | 'takes'> = {
  tool: 'inspektor-gadget',
  ...ALL_VERSIONS,
  rule: { kind: 'containerd-api', namespaces: 'the namespace k8s.io', isFixed: false },
  walks:
    "containerd's API at /run/containerd/containerd.sock, namespace k8s.io; new containers through fixed paths of runc",
  makesId: "the runtime's id",
  limits: ['containers that already run, if gdn uses runc without containerd'],
  source:
    'inspektor-gadget pkg/container-utils interface.go:29, localmanager.go:119, finder.go:34, tracer.go:417 (aeac857b); its mount since v0.55: 97106ba96',
};

const FALCO_SOURCE =
  'falcosecurity/plugins container/src/matchers/containerd.cpp, runc.cpp, bpm.cpp, plugin.cpp:191 (0b3cbd8d); libs scap_cgroup.c:758, :861, auxmap_store_params.h:1551, :1703 (48dfd53c)';

const FALCO = {
  tool: 'falco',
  walks:
    '/proc/PID/cgroup, in the order of its lines; for new processes cpuset, cpu, cpuacct, io, memory, each with at most six components of its path; on v2, for each controller the innermost cgroup that has it',
  makesId: '12 characters after the first path component, from the first path that has any',
  limits: [
    'an id is at best a prefix of the handle: `good/8a37cb6` has 7 of its characters',
    'with CPU throttling, Envoy and other side processes below a container are attributed to the host, because their paths are too long',
    "on v1, so is the health check of a privileged app, in garden's own cgroup",
    "on a cell inside another runtime's container, everything can have the id of that container",
  ],
} as const satisfies Partial<ToolVersions>;

/** Every tool of which more is known than that it runs, oldest versions first. */
export const TOOLS: readonly ToolVersions[] = [
  {
    ...tracee(
      'up to v0.18',
      { from: null, before: [0, 19, 0] },
      'last-match',
      LAST,
      'pkg/mount/mount.go, pkg/containers/containers.go @v0.18.0',
    ),
    rule: { kind: 'cgroup-walk', rule: 'last-match', knowsGarden: false },
    makesId: 'the innermost path component of 64 hexadecimal digits, which no Garden container has',
  },
  tracee(
    'v0.19',
    { from: [0, 19, 0], before: [0, 20, 0] },
    'last-match',
    LAST,
    'pkg/mount/mount.go:151, :190, pkg/containers/containers.go:250-309 @v0.19.0',
  ),
  tracee(
    'v0.20',
    { from: [0, 20, 0], before: [0, 21, 0] },
    'first-root',
    'the first line of mountinfo with the root `/`',
    'pkg/mount/mount.go:195-231 @v0.20.0',
  ),
  tracee(
    'v0.21 to v0.22.2',
    { from: [0, 21, 0], before: [0, 22, 3] },
    'lowest-inode',
    'among the lines with exactly one optional field (it takes the ninth field for the type), the mount with the lowest inode, whatever its root, and the shorter path on a tie',
    'pkg/mount/mount.go SearchMountpointFromHost @v0.21.0',
  ),
  {
    ...tracee(
      'v0.22.3 and newer',
      { from: [0, 22, 3], before: null },
      'root-only',
      'among the mounts with the root `/`, the lowest inode, and the longer path on a tie',
      'pkg/mount/mount.go:241-309 @v0.22.5; the same in v0.24.1 and 7c9ec978',
    ),
  },
  {
    tool: 'falco',
    versions: 'up to 0.40',
    from: null,
    before: [0, 41, 0],
    rule: { kind: 'host-alone' },
    takes: 'none',
    walks: '/proc/PID/cgroup',
    makesId:
      '64 hexadecimal digits (0.40: also shorter ones below /default/), which no Garden container has',
    limits: [],
    source: 'falcosecurity/libs runc.cpp @0.18.0, :76 @0.20.0',
  },
  {
    ...FALCO,
    versions: '0.41',
    from: [0, 41, 0],
    before: [0, 42, 0],
    rule: { kind: 'process-cgroups', scan: 'last' },
    takes:
      'for running processes on v2, the last cgroup2 line of /proc/1/mounts, which can be the mount of a container',
    source: `${FALCO_SOURCE}, scap_cgroup.c:643 (0.21.0)`,
  },
  {
    ...FALCO,
    versions: '0.42 and newer',
    from: [0, 42, 0],
    before: null,
    rule: { kind: 'process-cgroups', scan: 'first-with-controllers' },
    takes:
      'for running processes on v2, the first cgroup2 line of /proc/1/mounts whose mount has controllers',
    source: `${FALCO_SOURCE}, scap_cgroup.c:668 (0.22.1, the same in 0.25.4)`,
  },
  {
    tool: 'tetragon',
    versions: '',
    ...ALL_VERSIONS,
    rule: { kind: 'docker-ids' },
    takes: 'always /sys/fs/cgroup',
    walks: '/proc',
    makesId:
      'the last part of the last path component if it has 64 characters, which no process of Garden has',
    limits: ['no process of a Garden container ever has an id; join on `process.pid`'],
    source: 'cilium/tetragon pkg/sensors/exec/procevents/proc.go:25-137 (4fbfe2d7, v1.7.0)',
  },
  {
    ...INSPEKTOR_GADGET,
    versions: 'up to v0.54, with its own defaults',
    before: [0, 55, 0],
    takes: '/sys/fs/cgroup/unified if it exists, otherwise /sys/fs/cgroup',
  },
  {
    ...INSPEKTOR_GADGET,
    versions: 'v0.55 and newer, with its own defaults',
    from: [0, 55, 0],
    takes: '/sys/fs/cgroup if it is of v2, otherwise /sys/fs/cgroup/unified',
  },
  {
    tool: 'datadog',
    versions: "with `cloud_foundry: true` and Garden's socket",
    ...ALL_VERSIONS,
    rule: { kind: 'garden-list' },
    takes:
      'for statistics only, the shortest mount point of the memory hierarchy, or the last one on v2',
    walks:
      "Garden's list of created containers (garden.state=created, which Garden takes if the agent gives no state)",
    makesId: 'the handle, from Garden',
    limits: [
      'containers that Garden does not list, or no longer calls created, are unknown to it: half-destroyed ones, and all whose properties Garden lost',
      'side processes are not containers',
    ],
    source:
      'DataDog/datadog-agent cf_vm.go Start, Pull (06caa4f6), environment_containers.go detectCloudFoundry (028f6656), pkg/util/cgroups/reader.go (0402e848); guardian gardener.go:465',
  },
  {
    tool: 'datadog-system-probe',
    versions: '',
    ...ALL_VERSIONS,
    rule: {
      kind: 'not-known',
      why: 'some of its versions derive the handle from the path, others drop it, and no flag shows which',
    },
    takes: 'none',
    walks: '/proc/PID/cgroup',
    makesId:
      '8-4-4-4-4 hexadecimal digits in the path; some commits, such as 007e0bbf, drop it again',
    limits: ['its events go to the backend, not to a file'],
    source: 'DataDog/datadog-agent pkg/security helpers.go, GetCGroupContext (007e0bbf)',
  },
  {
    tool: 'kubearmor',
    versions: '',
    ...ALL_VERSIONS,
    rule: {
      kind: 'containerd-api',
      namespaces: 'the namespaces k8s.io and moby',
      isFixed: true,
    },
    takes: 'none',
    walks: "containerd's API in the namespaces k8s.io and moby, or that of docker or CRI-O",
    makesId: "the runtime's id",
    limits: [
      'every container of Garden: gdn has them in the namespace garden, or without containerd',
    ],
    source:
      'kubearmor/KubeArmor KubeArmor/core/containerdHandler.go NewContainerdHandler, GetContainerdContainers (510cee31)',
  },
  {
    tool: 'osquery',
    versions: '5.5.1 and newer',
    from: [5, 5, 1],
    before: null,
    rule: {
      kind: 'not-known',
      why: 'its queries decide whether they read the column cgroup_path of its table processes, which holds the handle',
    },
    takes: 'none',
    walks: '/proc/PID/cgroup, its first line',
    makesId:
      'none; the column `cgroup_path` of its table `processes` has the path, and so the handle',
    limits: [
      'on v1, the first line can be of a hierarchy in which gdn makes no cgroups; before 5.5.1 there is no such column',
    ],
    source:
      'osquery/osquery specs/processes.table:49, osquery/tables/system/linux/processes.cpp parseProcCGroup (a5b14f63)',
  },
];
