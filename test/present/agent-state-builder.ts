import { NO_ACCOUNT } from '../../src/model/ledger.ts';
import type { AgentState, AgentEvent } from '../../src/model/agent-state.ts';
import type { LedgersView } from '../../src/model/answers.ts';
import type { CellIdentity } from '../../src/model/cell-identity.ts';
import type { MountChoice, MountStat } from '../../src/model/hierarchy.ts';
import { asByteString, asHandle, type ByteString } from '../../src/model/ids.ts';
import type { ProcessFacts } from '../../src/model/process.ts';
import type { ContainerReport, UnknownCause, Report } from '../../src/model/report.ts';
import type { SensorObservation } from '../../src/model/observation.ts';
import type { SensorReport } from '../../src/model/sensor.ts';
import { statOfV1, tableOf } from '../mounts/mount-lines.ts';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import type { Explained } from '../../src/present/explain.ts';
import { verdictSentence } from '../../src/present/verdict-sentence.ts';
import { withDrill, worstFirst } from '../../src/reconcile/container-report.ts';

/* Synthetic states of an agent: a cell with apps, findings, mounts and events. */

export const NOW = '2026-03-02T10:21:45.000Z';
const TAKEN_AT = '2026-03-02T10:21:33.412Z';

const minutesAgo = (minutes: number): string =>
  new Date(Date.parse(TAKEN_AT) - minutes * 60_000).toISOString();

const APPS = [
  ['billing-api', 'payments', 'production'],
  ['checkout', 'shop', 'production'],
  ['catalogue', 'shop', 'production'],
  ['search-indexer', 'shop', 'staging'],
  ['invoice-renderer', 'payments', 'production'],
  ['login', 'identity', 'production'],
  ['mail-worker', 'platform', 'production'],
  ['feature-flags', 'platform', 'staging'],
  ['fraud-scoring-model-serving', 'payments', 'production'],
] as const;

/** Looks like what Diego makes, and is the same each time. */
const handleOf = (index: number): string => {
  const hex = (seed: number, length: number): string =>
    Math.floor(((Math.sin(seed * 12.9898 + index * 78.233) + 1) / 2) * 16 ** length)
      .toString(16)
      .padStart(length, '0')
      .slice(0, length);
  return `${hex(1, 8)}-${hex(2, 4)}-4${hex(3, 3)}-${hex(4, 4)}-${hex(5, 4)}`;
};

const pathsOf = (handle: string): ContainerReport['cgroups'] => {
  const path = asByteString(`/system.slice/garden.service/garden/${handle}`);
  return { memory: path, cpu: path, pids: path };
};

export function container(index: number, change: Partial<ContainerReport> = {}): ContainerReport {
  const [name, organization, space] = APPS[index % APPS.length] ?? APPS[0];
  const handle = handleOf(index);
  const isTask = index % 19 === 7;
  return {
    handle: asHandle(handle),
    kind: isTask ? 'task' : 'app-instance',
    status: 'tracked',
    reason: null,
    severity: null,
    since: null,
    explanation: { kind: 'tracked' },
    inPasses: null,
    drill: false,
    app: {
      id: `${handle.slice(0, 18)}-b111-0242ac120002`,
      name,
      spaceId: '5e6f2b6e-59a0-4ed4-8b72-9c58c1f2a9d1',
      spaceName: space,
      organizationId: 'c0ffee00-59a0-4ed4-8b72-9c58c1f2a9d1',
      organizationName: organization,
      index: isTask ? null : Math.floor(index / APPS.length),
      processType: 'web',
    },
    privileged: false,
    throttled: index % 23 === 11,
    pids: 3 + (index % 5),
    processes: [],
    cgroups: pathsOf(handle),
    peas: [],
    peaProcesses: [],
    ...change,
  };
}

export const processFacts = (
  pid: number,
  command: string,
  change: Partial<ProcessFacts> = {},
): ProcessFacts => ({
  pid,
  parentPid: 2113,
  startTicks: 81_234,
  startedAt: minutesAgo(312),
  realUid: 2000,
  namespacePids: [pid, 1],
  comm: command.slice(0, 15),
  command,
  launched: null,
  state: 'S',
  ...change,
});

export const LOST = container(4, {
  status: 'untracked',
  reason: 'unknown-to-garden',
  severity: 'critical',
  since: minutesAgo(12.4),
  explanation: { kind: 'unknown-to-garden', basis: 'garden-directory', left: null, runtime: null },
  pids: 7,
  processes: [
    processFacts(48_211, '/tmp/garden-init', { parentPid: 48_190, realUid: 4_294_967_294 }),
    processFacts(48_244, '/home/vcap/app/bin/invoice-renderer --listen 0.0.0.0:8080 --workers 4'),
    processFacts(
      48_251,
      'sh -c /usr/local/bin/render --queue invoices --spool /home/vcap/tmp/spool',
    ),
  ],
});
export const UNOWNED = container(1, {
  status: 'untracked',
  reason: 'unowned',
  severity: 'critical',
  since: minutesAgo(41),
  explanation: { kind: 'unowned', rep: 'newer', left: null, milliseconds: 180_000 },
  processes: [processFacts(51_003, 'node /home/vcap/app/server.js')],
});
const NO_CGROUP = {
  reason: 'no-cgroup',
  severity: 'warning',
  explanation: {
    kind: 'no-cgroup',
    rootMountPids: [],
    onlyPeas: false,
    destroy: null,
    retry: 'rep',
    stopsRep: 'destroy',
  },
  pids: 0,
  cgroups: {},
} as const;
export const EMPTY = container(6, { ...NO_CGROUP, status: 'untracked', since: minutesAgo(55) });
export const PENDING = container(8, { ...NO_CGROUP, status: 'pending', since: minutesAgo(0.4) });
export const PARTIAL = container(2, {
  status: 'untracked',
  reason: 'partial',
  severity: 'warning',
  since: minutesAgo(300),
  explanation: { kind: 'partial', missing: ['pids'], pids: null },
});
/**
 * A v1 cell with a second Garden's set of mounts, mounts of single cgroups in a container, and one
 * covered by a tmpfs.
 */
const MOUNT_TABLE = tableOf(
  ...`
21 1 253:1 / / rw shared:1 - ext4 /dev/vda1 rw
23 21 0:24 / /sys/fs/cgroup rw shared:3 - tmpfs tmpfs rw
24 23 0:40 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
60 21 0:55 / /tmp/garden-blue/cgroup rw - tmpfs cgroup rw
41 23 0:41 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
42 23 0:42 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
43 23 0:43 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
44 23 0:44 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset
45 23 0:45 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio
46 23 0:46 / /sys/fs/cgroup/devices rw - cgroup cgroup rw,devices
47 23 0:47 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer
48 23 0:48 / /sys/fs/cgroup/net_cls,net_prio rw - cgroup cgroup rw,net_cls,net_prio
49 23 0:49 / /sys/fs/cgroup/perf_event rw - cgroup cgroup rw,perf_event
50 23 0:50 / /sys/fs/cgroup/hugetlb rw - cgroup cgroup rw,hugetlb
91 60 0:41 / /tmp/garden-blue/cgroup/memory rw - cgroup cgroup rw,memory
92 60 0:42 / /tmp/garden-blue/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
93 60 0:43 / /tmp/garden-blue/cgroup/pids rw - cgroup cgroup rw,pids
151 21 0:41 /docker/4f1c0a9d7be2 /var/lib/docker/overlay2/4f1c0a9d7be2/merged/sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
152 21 0:43 /docker/4f1c0a9d7be2 /var/lib/docker/overlay2/4f1c0a9d7be2/merged/sys/fs/cgroup/pids ro - cgroup cgroup rw,pids
153 21 0:50 /system.slice/garden.service/garden /mnt/hugetlb rw - cgroup cgroup rw,hugetlb
154 23 0:56 / /sys/fs/cgroup/hugetlb rw - tmpfs tmpfs rw
`
    .trim()
    .split('\n'),
);

function chosenMounts(): readonly MountChoice[] {
  const stats = MOUNT_TABLE.mounts.map(({ mountPoint, device }): [ByteString, MountStat] => [
    mountPoint,
    device === null || device === '0:50' ? { kind: 'failed', errno: 'ENOENT' } : statOfV1(device),
  ]);
  const of = { ownTable: MOUNT_TABLE, root: '/', gdnPaths: null, firstProcessPaths: null };
  const live = { ...of, stats: new Map(stats) };
  return chooseMounts({ table: MOUNT_TABLE, namespace: 'initial', rule: 'verified', live }).choices;
}

export const MOUNT_CHOICES = chosenMounts();

/** Who the cell may be. */
export const BOSH: CellIdentity = {
  deployment: 'cf',
  group: 'diego_cell',
  index: 7,
  id: '7f3a91c2-5d0e-4d7b-8a55-0f4f1f7f6a10',
  az: 'z2',
  ip: '10.0.4.24',
};

export function report(
  containers: readonly ContainerReport[],
  change: Partial<Report> = {},
): Report {
  const isUntracked = containers.some(({ status }) => status === 'untracked');
  return {
    takenAt: TAKEN_AT,
    durationMilliseconds: 8.37,
    verdict: isUntracked ? 'untracked' : 'all-tracked',
    unknownCause: null,
    cell: {
      hostname: 'diego-cell-7f3a91c2',
      bootId: 'c0de8c0f-4f0e-4c6c-9a53-4f1e7a3c2b10',
      bosh: null,
      scopes: { memory: asByteString('/') },
      warnings: [],
    },
    cgroups: {
      mode: 'v1',
      namespace: 'initial',
      primary: 'memory',
      hierarchies: MOUNT_CHOICES,
      anchor: { source: 'process', pid: 2113, path: asByteString('/system.slice/garden.service') },
    },
    garden: {
      state: 'known',
      listed: containers.filter(({ reason }) => reason !== 'unknown-to-garden').length,
    },
    containers: containers.toSorted(worstFirst),
    sensors: [],
    observations: [],
    live: containers.filter(({ pids }) => pids > 0).length,
    ignored: { bpm: 12, docker: 1, systemd: 34, 'other-garden': 0, unrecognised: 2 },
    leftoverCgroups: [asByteString('/system.slice/garden.service/garden/left-over')],
    leftoverCgroupsOmitted: 0,
    ledgers: NO_ACCOUNT,
    unaccounted: { memoryBytes: 0, pids: 0 },
    ...change,
  };
}

const LOST_TEXT =
  '7 processes run in its cgroup, but Garden does not list it: ' +
  "it stands in a cgroup directory of Garden's. " +
  "Diego does not manage this container, and no tool that relies on Garden's list sees it.";
const AWAY_TEXT =
  "Garden's list cannot be read; nothing is compared until it can. " +
  'Nothing listens at /var/vcap/data/garden/garden.sock: is Garden running?';
const UNOWNED_TEXT =
  'It runs and Garden lists it, but Garden lost its properties, ' +
  'so Diego no longer manages it: it is never stopped, restarted or routed to.';
const CHANGED_TEXT =
  'The mount that shows the hierarchy memory is another one. ' +
  'Shows the root of the hierarchy, ' +
  'confirmed on the running kernel (device 0:41, inode 1, release_agent).';

const someEvents = (): readonly AgentEvent[] => {
  type Rest = Omit<AgentEvent, 'at' | 'message' | 'sentence'>;
  const about = ({ handle, reason, app }: ContainerReport): Rest => ({
    level: reason === null ? 'info' : 'error',
    handle,
    ...(reason === null ? {} : { reason }),
    data: { app_name: app?.name ?? null },
  });
  const [from, to] = ['/tmp/garden-blue/cgroup/memory', '/sys/fs/cgroup/memory'];
  const since = { since: minutesAgo(30) };
  const info = (data: AgentEvent['data'] = {}): Rest => ({ level: 'info', data });
  const rows: readonly [number, AgentEvent['message'], string, Rest][] = [
    [12.4, 'rollcall.container.untracked', LOST_TEXT, about(LOST)],
    [26, 'rollcall.garden.available', "Garden's list can be read again.", info(since)],
    [30, 'rollcall.garden.unavailable', AWAY_TEXT, { level: 'error', data: since }],
    [33, 'rollcall.container.recovered', 'No longer untracked.', about(container(2))],
    [41, 'rollcall.container.untracked', UNOWNED_TEXT, about(UNOWNED)],
    [64, 'rollcall.mounts.changed', CHANGED_TEXT, info({ hierarchy: 'memory', from, to })],
    [611, 'rollcall.mounts.chosen', 'Found 11 cgroup hierarchies.', info()],
    [611.01, 'rollcall.started', 'The agent has started.', info({ version: '0.2.0' })],
  ];
  return rows.map(([minutes, message, sentence, rest]) => ({
    at: minutesAgo(minutes),
    message,
    sentence,
    ...rest,
  }));
};
const SOME_EVENTS = someEvents();

export const state = (change: Partial<AgentState> = {}): AgentState => ({
  version: '0.2.0',
  startedAt: minutesAgo(611),
  intervalSeconds: 15,
  report: null,
  passFailed: null,
  events: SOME_EVENTS,
  lastComparedAt: null,
  reconciles: { ok: 2431, failed: 16 },
  mountsChanged: 1,
  lastReconcileSeconds: Math.floor(Date.parse(TAKEN_AT) / 1000),
  runbookUrl: null,
  namesRequests: null,
  ...change,
});

/** A cell's containers: the given ones, and tracked ones up to the count. */
export const containers = (
  count: number,
  ...others: readonly ContainerReport[]
): readonly ContainerReport[] => {
  const taken = new Set(others.map(({ handle }) => handle));
  const tracked = Array.from({ length: count }, (_, index) => container(index)).filter(
    ({ handle }) => !taken.has(handle),
  );
  return [...others, ...tracked];
};

export const SENSOR: SensorReport = {
  name: 'tracee',
  version: null,
  pid: 977,
  startTicks: 400,
  startedAt: minutesAgo(700),
  unit: 'tracee.service',
  olderContainers: 12,
  containers: 60,
  prediction: {
    seen: 0,
    missed: 60,
    misnamed: 0,
    unknown: 0,
    knownLimits: 0,
    mount: '/sys/fs/cgroup/cpuset',
  },
  blind: true,
  sees: new Map(),
  why: 'It looks for containers in the cpuset hierarchy, and takes the last of its mounts.',
  diagnosis: {
    wrong: 'Tracee would miss all 60 containers.',
    notes: [],
    remedies: [
      {
        versions: 'v0.24',
        steps: [
          { action: 'Start Tracee with flags that name the mount.', setting: '--containers P' },
        ],
      },
    ],
    gaps: [],
  },
};

/** A sensor that names most containers in its event file. */
export const observation = (change: Partial<SensorObservation> = {}): SensorObservation => ({
  sensor: { name: 'tracee', format: 'tracee', path: '/var/log/tracee/e', graceSeconds: 120 },
  process: 'tracee',
  state: 'fresh',
  life: 'runs',
  isUp: true,
  isSilent: false,
  sees: new Map(),
  seen: 58,
  unseen: [asHandle('a'), asHandle('b')],
  expectedUnseen: 3,
  undecided: 0,
  unknownIds: ['<script>'],
  unknownIdsOmitted: 0,
  lastLineAt: '2026-01-01T00:00:00.000Z',
  why: 'The event file of Tracee names 58 of 63 running containers, but not 2: a, b.',
  ...change,
});

const GARDEN_AWAY: UnknownCause = {
  kind: 'garden-unavailable',
  why: 'Nothing listens at /var/vcap/data/garden/garden.sock: is Garden running?',
};

/** The states that the page has to be good in. */
export const STATES = {
  'all tracked': () => state({ report: report(containers(60)) }),
  untracked: () => state({ report: report(containers(60, LOST, UNOWNED, EMPTY, PENDING)) }),
  unknown: () =>
    state({
      report: report(containers(60, LOST, UNOWNED), {
        verdict: 'unknown',
        unknownCause: GARDEN_AWAY,
        garden: { state: 'unavailable', since: minutesAgo(3), why: GARDEN_AWAY.why },
      }),
      lastComparedAt: minutesAgo(3),
    }),
  'first pass': () =>
    state({
      events: [],
      reconciles: { ok: 0, failed: 0 },
      lastReconcileSeconds: 0,
    }),
  'looks fail': () =>
    state({
      passFailed: 'Cannot read /proc/1/mountinfo (EMFILE): <too many open files>',
      events: SOME_EVENTS.slice(-1),
      reconciles: { ok: 0, failed: 16 },
      lastReconcileSeconds: 0,
    }),
  drill: () =>
    state({
      report: withDrill(report(containers(60)), {
        handle: 'drill-5f0c22aa',
        since: minutesAgo(1),
        until: minutesAgo(-4),
      }),
    }),
  everything: () => {
    const base = report(containers(60, LOST, EMPTY, PENDING));
    const warning = {
      reason: 'limit-lost',
      containers: 2,
      worst: LOST.handle,
      holds: { resource: 'memory', holds: 503_316_480, limit: 268_435_456 },
      limits: ['memory.max', 'pids.max'],
    } as const;
    const shown = { ...base, cell: { ...base.cell, warnings: [warning] }, sensors: [SENSOR] };
    const drill = { handle: 'drill-5f0c22aa', since: minutesAgo(1), until: minutesAgo(-4) };
    return state({ report: withDrill(shown, drill) });
  },
  'nothing at all': () =>
    state({ report: report([], { garden: { state: 'known', listed: 0 }, live: 0 }) }),
} as const satisfies Readonly<Record<string, () => AgentState>>;

/** Ledgers that agree about three containers. */
export const AGREEING: LedgersView = {
  schemaVersion: 1,
  takenAt: '2026-01-01T00:00:00Z',
  containers: [],
  changing: [],
  agreeing: 3,
  unknown: 0,
  unread: [],
  aloneOmitted: 0,
  sharing: [],
  unpoliced: [],
  alone: [],
  sensors: [],
  agent: null,
};

/** The sentence that the page must begin with. */
export const sentenceOf = ({ report: shown }: AgentState): string =>
  shown === null ? '' : verdictSentence(shown);

/** What is known about a container of which only its report is known. */
export const explained = (one: ContainerReport, change: Partial<Explained> = {}): Explained => ({
  container: one,
  otherFindings: [],
  bosh: null,
  hierarchies: [],
  ledgers: null,
  sensors: [],
  properties: null,
  events: null,
  agentOfCapture: null,
  repLog: null,
  ...change,
});
