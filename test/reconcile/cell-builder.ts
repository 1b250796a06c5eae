import type { ContainerProperties, GardenAnswer } from '../../src/model/garden.ts';
import type { DestroyEvidence, HostProcess, WaitEvidence } from '../../src/model/destroy.ts';
import type { MountStat } from '../../src/model/hierarchy.ts';
import { asByteString, asHandle, type ByteString, type Handle } from '../../src/model/ids.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { EMPTY_MEMORY, type Memory, memoryOfBoot } from '../../src/model/memory.ts';
import type {
  Membership,
  ProcessFacts,
  ProcessInCgroups,
  ProcessSignals,
  ProcessStart,
} from '../../src/model/process.ts';
import type { ContainerReport, Report } from '../../src/model/report.ts';
import type { CgroupDirectory, Walk } from '../../src/model/walk.ts';
import type { RootImage, Sweep } from '../../src/model/sweep.ts';
import { NO_ANSWERS, type Answers } from '../../src/model/questions.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { resolveHierarchies } from '../../src/mounts/resolve.ts';
import type { GracePeriods } from '../../src/model/finding.ts';
import { checkSettings, completePass, type CompletedPass } from '../../src/pass/complete-pass.ts';
import { identityOf } from '../../src/parse/container-identity.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/difference.ts';
import type { ObservedPass } from '../../src/reconcile/judge/observed-containers.ts';
import { observePass } from '../../src/reconcile/reconcile.ts';
import { statOfV1, tableOf } from '../mounts/mount-lines.ts';

/** Handles of app instances, and gdn's cgroup. */
export const A = 'aaaaaaaa-0000-4000-8000-0000';
export const B = 'bbbbbbbb-0000-4000-8000-0000';
export const P = 'cccccccc-0000-4000-8000-0000';
export const G = '/system.slice/garden.service';

/**
 * A synthetic cell in a few lines of text: trees are written `path: pid pid`, a line a directory.
 */
export interface CellText {
  /** Per controller; the first is the primary hierarchy. */
  readonly trees: Readonly<Record<string, string>>;
  /** Null: Garden's list cannot be read. */
  readonly listed: readonly string[] | null;
  /** Default: all listed ones. Null: Garden's list of created containers cannot be read. */
  readonly created?: readonly string[] | null;
  /** Default: owned app instances. `null`: no properties. */
  readonly properties?: Readonly<Record<string, Record<string, string> | null>>;
  readonly memberships?: Readonly<Record<number, Record<string, string>>>;
  readonly gdn?: readonly (Partial<ProcessFacts> & {
    readonly cgroups: Record<string, string>;
    readonly children?: number;
    readonly depot?: string;
  })[];
  readonly processes?: readonly Partial<ProcessFacts>[];
  readonly ancestors?: Readonly<Record<number, readonly Partial<ProcessFacts>[]>>;
  readonly rootMounts?: Readonly<Record<string, readonly number[]>>;
  /** The image that the `/` mount of a process names; default: the name of its cgroup. */
  readonly images?: Readonly<Record<number, string | null>>;
  /** A later search for gdn, if the pass made one. */
  readonly searched?: CellText['gdn'];
  readonly suspects?: readonly SuspectText[];
  /** `<store>/images/<name>` of the root filesystems that were seen in cgroups. */
  readonly roots?: Readonly<Record<string, string>>;
  /** Handles whose root mounts were not searched for. */
  readonly unsearched?: readonly string[];
  /** Processes called rep; absent: not looked for. */
  readonly reps?: readonly (Partial<ProcessFacts> & { readonly cgroups: Record<string, string> })[];
  readonly starts?: Readonly<Record<number, ProcessStart | null>>;
  readonly destroys?: Readonly<Record<string, DestroyEvidence>>;
  readonly waits?: Readonly<Record<string, WaitEvidence>>;
  /** What the kernel says of a process, by its pid; null: it has ended. */
  readonly signals?: Readonly<Record<number, ProcessSignals | null>>;
  readonly scope?: Readonly<Record<string, string>>;
  /** More lines of mountinfo. The hierarchies are mounted with the ids 30, 31 and so on. */
  readonly mounts?: readonly string[];
  readonly at?: number;
  readonly hasHangingReads?: boolean;
  /** A read of it kept an earlier agent in the kernel, and still does. */
  readonly hangingFile?: string;
  readonly hasMoreNames?: boolean;
  /** A change on the cell brought the pass forward. */
  readonly isAnnounced?: boolean;
  readonly bootId?: string;
  /** Handles whose properties Garden does not tell. */
  readonly unanswered?: readonly string[];
  /** Directories of the primary hierarchy that were renamed, with their earlier paths. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Inodes of directories of the primary hierarchy, where it matters which one is the oldest. */
  readonly inodes?: Readonly<Record<string, number>>;
  /** Unreadable directories of the primary hierarchy. */
  readonly unreadable?: readonly string[];
  /** Garden directories of which the walk of the primary hierarchy read only a part. */
  readonly crowded?: readonly string[];
  /** What is not answered yet. */
  readonly open?: readonly string[];
  /** What small files of cgroups hold, by the path of the cgroup. */
  readonly numbers?: Readonly<Record<string, CgroupFiles>>;
}

/** What small files of a cgroup hold, such as `memory.max` bytes; null: it cannot be read. */
export type CgroupFiles = Readonly<Record<string, number | 'max' | null>>;

/** Diego's rep, as bpm runs it. */
export const bpmRep = (startTicks: number, startedAt = '2026-01-01T00:00:00.000Z') => ({
  pid: 50,
  startTicks,
  startedAt,
  namespacePids: [50, 2],
  cgroups: { memory: '/system.slice/runc-bpm-rep.scope' },
});

/** gdn runs, and Garden lists a container with these processes, such as `200 201`; empty: none. */
export const cellOfOne = (handle: string, pids: string): CellText => ({
  trees: { memory: `${G}: 100\n${G}/garden/${handle}: ${pids}` },
  listed: [handle],
});

/** gdn runs, and so does the container A, which Garden lists; then this tree. */
export const cellWithA = (tree: string, more: Partial<CellText> = {}): CellText => ({
  trees: { memory: `${G}: 100\n${G}/garden/${A}: 200\n${tree}` },
  listed: [A],
  ...more,
});

export interface SuspectText extends Partial<ProcessFacts> {
  readonly pid: number;
  readonly cgroups: Record<string, string>;
  /** Only a glance between two passes saw it so. */
  readonly byGlance?: boolean;
  /** `<store>/images/<name>`. */
  readonly image: string;
}

const membershipOf = (paths: Record<string, string>): Membership =>
  Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, asByteString(path)]));

function walkOf(
  controller: string,
  text: string,
  { renamed = {}, inodes = {} }: Pick<CellText, 'renamed' | 'inodes'> = {},
): Walk {
  const directories = new Map<string, CgroupDirectory>();
  const add = (path: string, pids: readonly number[], trouble: string | null): void => {
    const parent = path.slice(0, path.lastIndexOf('/')) || '/';
    if (path !== '/' && !directories.has(parent)) add(parent, [], null);
    // The inode is made from the path, so that the same directory keeps it from one pass to the
    // next.
    let inode = 7;
    const first = renamed[path] ?? path;
    for (const byte of Buffer.from(controller + first)) inode = (inode * 31 + byte) % 1e9;
    directories.set(path, {
      path: asByteString(path),
      inode: inodes[path] ?? inode,
      pids,
      trouble,
    });
  };
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue;
    const [path = '', members = ''] = line.split(/: ?/);
    const isTrouble = members.startsWith('E');
    const pids = isTrouble ? [] : members.split(' ').filter(Boolean).map(Number);
    add(path, pids, isTrouble ? members : null);
  }
  const sorted = [...directories.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return { kind: 'read', controller, directories: sorted, unseen: [] };
}

export const process = (facts: Partial<ProcessFacts>): ProcessFacts => ({
  pid: 100,
  parentPid: 1,
  state: 'S',
  startTicks: 1000,
  startedAt: '2026-01-01T00:00:10.000Z',
  realUid: 0,
  namespacePids: [facts.pid ?? 100],
  comm: 'gdn',
  command: '/var/vcap/packages/guardian/bin/gdn server',
  launched: null,
  ...facts,
});

/**
 * A process of the host that has to do with a container; by default gdn started it for that one.
 */
export const hostProcess = (facts: Partial<HostProcess>): HostProcess => ({
  ...process(facts),
  name: facts.comm ?? 'gdn',
  part: 'works',
  ...facts,
});

/** A mount for each hierarchy. */
export function mountsOf({
  trees,
  scope,
  mounts = [],
}: Pick<CellText, 'trees' | 'scope' | 'mounts'>): Snapshot['mounts'] {
  const controllers = Object.keys(trees);
  const lines = controllers.map((name, index) => {
    const type = name === 'v2' ? 'cgroup2 cgroup rw' : `cgroup cgroup rw,${name}`;
    return `${index + 30} 29 0:${index + 30} / /sys/fs/cgroup/${name} rw - ${type}`;
  });
  return mountsIn(tableOf(...lines, ...mounts), controllers, scope);
}

/** The mounts of a table, at each of which the kernel shows the root of a hierarchy. */
export function mountsIn(
  table: MountTable,
  controllers: readonly string[],
  scope: CellText['scope'] = {},
): Snapshot['mounts'] {
  const stats = new Map<ByteString, MountStat>();
  for (const { mountPoint, device, fstype } of table.mounts) {
    if (!fstype.startsWith('cgroup') || device === null) continue;
    const isV2 = fstype === 'cgroup2';
    const ofV2 = isV2 ? { magic: 0x63677270, hasReleaseAgent: false } : {};
    stats.set(mountPoint, { ...statOfV1(device), ...ofV2 });
  }
  const roots = Object.fromEntries(controllers.map((name) => [name, '/']));
  return {
    source: '/proc/1/mountinfo',
    root: '/',
    namespace: 'initial',
    pidNamespace: 'initial',
    cellTable: table,
    ownTable: table,
    stats,
    firstProcessPaths: membershipOf({ ...roots, ...scope }),
  };
}

function gdnOf(cell: CellText): readonly ProcessInCgroups[] {
  const [primary = 'memory'] = Object.keys(cell.trees);
  const gdn = cell.gdn ?? [{ cgroups: { [primary]: '/system.slice/garden.service' } }];
  return gdn.map(({ cgroups, children = 0, depot = null, ...facts }) => ({
    ...process(facts),
    membership: membershipOf(cgroups),
    children,
    depot,
    containerdSocket: null,
  }));
}

export function snapshotOf(cell: CellText): Snapshot {
  const [primary = 'memory', ...others] = Object.keys(cell.trees);
  const answered = <T>(value: T): GardenAnswer<T> => ({ kind: 'answered', value });
  const handles = (names: readonly string[]): readonly Handle[] => names.map(asHandle);
  const failed = {
    kind: 'failed',
    code: 'refused',
    why: 'Garden refused the connection.',
  } as const;
  const answers: Answers = {
    ...NO_ANSWERS,
    createdList:
      cell.created === null ? failed : answered(handles(cell.created ?? cell.listed ?? [])),
    secondList: answered(handles(cell.listed ?? [])),
    properties: new Map(
      (cell.listed ?? []).map((name) => [
        asHandle(name),
        cell.unanswered?.includes(name) === true ? failed : answered(propertiesOf(cell, name)),
      ]),
    ),
    memberships: new Map(
      Object.entries(cell.memberships ?? {}).map(([pid, paths]) => [
        Number(pid),
        membershipOf(paths),
      ]),
    ),
    walks: new Map(others.map((name) => [name, walkOf(name, cell.trees[name] ?? '')])),
    processes: new Map((cell.processes ?? []).map((one) => [one.pid ?? 0, process(one)])),
    ancestors: new Map(
      Object.entries(cell.ancestors ?? {}).map(([pid, chain]) => [Number(pid), chain.map(process)]),
    ),
    rootImages: imagesOf(cell),
    gardenProcesses: cell.searched === undefined ? null : gdnOf({ ...cell, gdn: cell.searched }),
    sweep: sweepOf(cell),
    cgroupNumbers: numbersOf(cell),
    rootMounts: new Map(
      (cell.listed ?? [])
        .filter((name) => cell.unsearched?.includes(name) !== true)
        .map((name) => [asHandle(name), cell.rootMounts?.[name] ?? []]),
    ),
    repProcesses:
      cell.reps?.map(({ cgroups, ...facts }) => ({
        ...process({ comm: 'rep', ...facts }),
        membership: membershipOf(cgroups),
      })) ?? null,
    destroys:
      cell.destroys === undefined
        ? null
        : new Map(Object.entries(cell.destroys).map(([name, one]) => [asHandle(name), one])),
    waits: new Map(Object.entries(cell.waits ?? {}).map(([name, one]) => [asHandle(name), one])),
    signals: new Map(
      Object.entries(cell.signals ?? {}).map(([pid, signals]) => [Number(pid), signals]),
    ),
    starts: new Map(Object.entries(cell.starts ?? {}).map(([pid, start]) => [Number(pid), start])),
  };
  const open = Object.entries(NO_ANSWERS).filter(([name]) => cell.open?.includes(name) === true);
  const walk = walkOf(primary, cell.trees[primary] ?? '', cell);
  const at = cell.at ?? 0;
  return {
    at: { wall: new Date(1.8e12 + at).toISOString(), monotonicMilliseconds: at },
    durationMilliseconds: 1,
    cell: { hostname: 'cell', bootId: cell.bootId ?? 'boot-1', bosh: null },
    mounts: mountsOf(cell),
    gardenProcesses: gdnOf(cell),
    primaryWalk:
      walk.kind === 'read'
        ? {
            ...walk,
            unseen: [
              ...(cell.unreadable ?? []).map((path) => ({
                path: asByteString(path),
                why: 'unreadable' as const,
                errno: 'EACCES',
              })),
              ...(cell.crowded ?? []).map((path) => ({
                path: asByteString(path),
                why: 'many' as const,
                errno: null,
              })),
            ],
          }
        : walk,
    sensors: null,
    list: cell.listed === null ? failed : answered(handles(cell.listed)),
    listedAt: new Date(1.8e12 + at).toISOString(),
    answers: { ...answers, ...Object.fromEntries(open) },
    hasHangingReads: cell.hasHangingReads ?? false,
    hangingFile: cell.hangingFile === undefined ? null : asByteString(cell.hangingFile),
    hasMoreNames: cell.hasMoreNames ?? false,
    isAnnounced: cell.isAnnounced ?? false,
  };
}

function imagesOf(cell: CellText): Answers['rootImages'] {
  const store = asByteString('/store/privileged');
  const images = new Map<number, readonly RootImage[]>();
  for (const [controller, text] of Object.entries(cell.trees)) {
    const walk = walkOf(controller, text);
    if (walk.kind !== 'read') continue;
    for (const { path, pids } of walk.directories) {
      const own =
        path
          .replace(/\/init$/, '')
          .split('/')
          .at(-1) ?? '';
      for (const pid of pids) {
        const name = cell.images?.[pid] === undefined ? own : cell.images[pid];
        images.set(pid, name === null ? [] : [{ name: asByteString(name), store }]);
      }
    }
  }
  return images;
}

const imageOf = (path: string): RootImage => ({
  store: asByteString(path.split('/images/')[0] ?? ''),
  name: asByteString(path.split('/images/')[1] ?? ''),
});

const sweepOf = ({ suspects = [], roots = {} }: CellText): Sweep => ({
  namespaces: 1,
  suspects: suspects.map(({ cgroups, image, byGlance = false, ...facts }) => ({
    process: process({
      startTicks: facts.pid,
      namespacePids: [facts.pid, 7],
      comm: 'app',
      command: '/app',
      ...facts,
    }),
    membership: membershipOf(cgroups),
    image: imageOf(image),
    byGlance,
  })),
  omitted: null,
  roots: Object.entries(roots).map(([cgroup, image]) => ({
    ...imageOf(image),
    cgroup: asByteString(cgroup),
  })),
});

const numbersOf = ({ numbers = {} }: CellText): Answers['cgroupNumbers'] =>
  new Map(Object.entries(numbers).map(([path, files]) => [asByteString(path), files]));

function propertiesOf(cell: CellText, name: string): ContainerProperties {
  const properties = cell.properties?.[name];
  if (properties === undefined) {
    return {
      properties: { 'executor:owner': 'executor' },
      kind: 'app-instance',
      app: null,
      owner: 'present',
    };
  }
  return { properties, ...identityOf(asHandle(name), properties) };
}

/** The cell as a pass observes it. */
export const passOf = (
  cell: CellText,
  memory: Memory,
  snapshot = snapshotOf(cell),
): ObservedPass => {
  const known = memoryOfBoot(memory, snapshot.cell.bootId);
  const cgroups = resolveHierarchies(snapshot.mounts, snapshot.gardenProcesses, memory.anchor);
  return observePass(cgroups, snapshot, known, null);
};

/** The same, with these answers in place of those of the cell. */
export function passWith(cell: CellText, memory: Memory, answers: Partial<Answers>): ObservedPass {
  const snapshot = snapshotOf(cell);
  return passOf(cell, memory, { ...snapshot, answers: { ...snapshot.answers, ...answers } });
}

/** A pass without sensors. */
export const complete = (pass: ObservedPass, gracePeriods: GracePeriods): CompletedPass =>
  completePass({ ...pass, rounds: [], reused: null }, checkSettings(gracePeriods));

/** What a pass over each of these cells decides, one after another. */
export function passesOver(
  cells: readonly CellText[],
  gracePeriods: GracePeriods,
  memory: Memory = EMPTY_MEMORY,
): readonly CompletedPass[] {
  let state = memory;
  return cells.map((cell) => {
    const completed = complete(passOf(cell, state), gracePeriods);
    state = completed.memory;
    return completed;
  });
}

/** Looks at one cell after another, as `check --settle` does, and gives the last report. */
export function reportAfter(
  cells: readonly CellText[],
  settleMilliseconds = 0,
  memory: Memory = EMPTY_MEMORY,
): CompletedPass {
  const last = passesOver(cells, gracePeriodsOfCheck(settleMilliseconds), memory).at(-1);
  if (last === undefined) throw new Error('no cell given');
  return last;
}

/** `handle status reason` of every container, worst first. */
export const outcome = (report: Report): readonly string[] =>
  report.containers.map(({ handle, status, reason }) =>
    reason === null ? `${handle} ${status}` : `${handle} ${status} ${reason}`,
  );

export const outcomeOf = (cell: CellText, settleMilliseconds = 0): readonly string[] =>
  outcome(reportAfter([cell], settleMilliseconds).report);

/** The first container of a report, worst first. */
export function firstOf({ containers: [first] }: Report): ContainerReport {
  if (first === undefined) throw new Error('no container');
  return first;
}
