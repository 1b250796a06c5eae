import type { Gap, SensorName, SensorStep } from '../model/sensor.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import type { VersionRange } from './versions.ts';

/* What an operator can change, by tool and version: data, as the rules in ./tools.ts. */

/** A step, and what it helps against. */
export interface RemedyStep extends SensorStep {
  readonly against: readonly Gap[];
  /** It helps only on a cell with cgroup v1; absent: on any. */
  readonly isForV1?: true;
  /** It leads to these versions, which may see no more of a cell; absent: it is no upgrade. */
  readonly upgradesTo?: VersionRange;
}

/** What to change in one range of versions; those of a tool do not overlap. */
export interface Remedy extends VersionRange {
  readonly tool: SensorName;
  /** The range in words; empty if all versions are alike. */
  readonly versions: string;
  /** In the order in which they are done, at most three. */
  readonly steps: readonly RemedyStep[];
}

/** In a setting it stands for the mount that shows the whole hierarchy, as the host sees it. */
export const MOUNT_PLACE = '{mount}';

const ALL_VERSIONS = { versions: '', from: null, before: null };

const TRACEE_V0_24 = `--containers cgroupfs.path=${MOUNT_PLACE} --containers cgroupfs.force=true`;

const NEWER_FALCO: RemedyStep = {
  against: ['missed', 'misnamed', 'unnamed'],
  action: 'Upgrade Falco to 0.42 or newer, with its container plugin.',
  setting: null,
  upgradesTo: { from: [0, 42, 0], before: null },
};

const V2_NAMES_MORE: RemedyStep = {
  against: ['misnamed'],
  isForV1: true,
  action:
    'No setting, socket or table changes an id such as garden.servi; on cgroup v2 without CPU throttling, Falco derives no such id. See what that would change on this cell.',
  setting: `${TYPED_ON_CELL} sensors --tool falco --if v2`,
};

export const REMEDIES: readonly Remedy[] = [
  {
    tool: 'tracee',
    versions: 'up to v0.22.2',
    from: null,
    before: [0, 22, 3],
    steps: [
      {
        against: ['missed'],
        action: 'See what Tracee v0.22.3 would see here.',
        setting: `${TYPED_ON_CELL} sensors --tool tracee@0.22.3`,
      },
      {
        against: ['missed'],
        action: 'Upgrade Tracee to v0.22.3 or newer.',
        setting: null,
      },
    ],
  },
  {
    tool: 'tracee',
    versions: 'v0.22.3 to v0.23',
    from: [0, 22, 3],
    before: [0, 24, 0],
    steps: [
      {
        against: ['missed'],
        action: 'Upgrade Tracee to v0.24, whose flags name the mount, and start it with these.',
        setting: TRACEE_V0_24,
      },
    ],
  },
  {
    tool: 'tracee',
    versions: 'v0.24',
    from: [0, 24, 0],
    before: [0, 25, 0],
    steps: [
      {
        against: ['missed'],
        action: 'Start Tracee with flags that name the mount.',
        setting: TRACEE_V0_24,
      },
    ],
  },
  {
    tool: 'tracee',
    versions: 'newer than v0.24',
    from: [0, 25, 0],
    before: null,
    steps: [
      {
        against: ['missed'],
        action:
          'Start Tracee with flags that name the mount. They also turn container enrichment on; force takes no =true.',
        setting: `--enrichment container.cgroupfs.path=${MOUNT_PLACE} --enrichment container.cgroupfs.force`,
      },
    ],
  },
  {
    tool: 'falco',
    versions: 'up to 0.40',
    from: null,
    before: [0, 41, 0],
    steps: [NEWER_FALCO],
  },
  {
    tool: 'falco',
    versions: '0.41',
    from: [0, 41, 0],
    before: [0, 42, 0],
    steps: [
      NEWER_FALCO,
      {
        against: ['unnamed'],
        action:
          'Until then, let your log pipeline find the names in a table: set this property of the job rollcall (docs/siem.md). Do not give 0.41 the socket: it can crash when the agent restarts.',
        setting: 'names.files: true',
      },
      V2_NAMES_MORE,
    ],
  },
  {
    tool: 'falco',
    versions: '0.42 and newer',
    from: [0, 42, 0],
    before: null,
    steps: [
      {
        against: ['unnamed'],
        action:
          'Let rollcall answer with names: set this property of its job. (For a log pipeline instead of Falco, names.files: true writes a table; docs/siem.md.)',
        setting: 'names.cri: true',
      },
      {
        against: ['unnamed'],
        action:
          'Give the socket to the container plugin, in its init_config.engines beside all other engines (docs/sensors.md), and restart Falco.',
        setting: 'cri: {enabled: true, sockets: [/var/vcap/data/rollcall/cri/cri.sock]}',
      },
      V2_NAMES_MORE,
    ],
  },
  {
    tool: 'tetragon',
    ...ALL_VERSIONS,
    steps: [
      {
        against: ['limited'],
        action: 'Find the container of an event by its process.pid, while the process runs.',
        setting: `${TYPED_ON_CELL} whose PID`,
      },
    ],
  },
  {
    tool: 'inspektor-gadget',
    ...ALL_VERSIONS,
    steps: [
      {
        against: ['missed', 'unknown'],
        action: "Start it with flags that name Garden's containerd.",
        setting:
          '--containerd-socketpath /var/vcap/sys/run/containerd/containerd.sock --containerd-namespace garden',
      },
      {
        against: ['missed', 'unknown'],
        action: "Name Garden's runc in its environment, for new containers.",
        setting: 'RUNTIME_PATH=/var/vcap/packages/runc/bin/runc',
      },
    ],
  },
  {
    tool: 'datadog',
    ...ALL_VERSIONS,
    steps: [
      {
        against: ['unknown'],
        action: 'Let the agent ask Garden, in its datadog.yaml.',
        setting: 'cloud_foundry: true',
      },
      {
        against: ['unknown'],
        action: "Mount Garden's socket into the agent's job. This gives the job root on the cell.",
        setting: '/var/vcap/data/garden/garden.sock',
      },
    ],
  },
  {
    tool: 'osquery',
    ...ALL_VERSIONS,
    steps: [
      {
        against: ['unknown'],
        action: 'Read the path of the cgroup, which holds the handle, in your queries.',
        setting: "select pid, cgroup_path from processes where cgroup_path like '%/garden%'",
      },
    ],
  },
];
