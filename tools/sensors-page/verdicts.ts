import { asByteString, asHandle } from '../../src/model/ids.ts';
import type { Membership } from '../../src/model/process.ts';
import type { SensorProcess, Sight } from '../../src/model/sensor.ts';
import type { MountStat } from '../../src/model/hierarchy.ts';
import type { Mount } from '../../src/model/mount.ts';
import type { MountInputs } from '../../src/model/snapshot.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { predict } from '../../src/sensors/predict.ts';
import type { RunningContainer } from '../../src/sensors/sensed-cell.ts';
import { TOOLS, type ToolVersions } from '../../src/sensors/tools.ts';
import { code, markdownTable } from '../markdown.ts';

/** The kinds of processes for which sensors differ, with their words in the table. */
const KINDS = [
  ['app', 'app'],
  ['envoy', 'its Envoy'],
  ['pea', 'its health check'],
  ['bad', 'app moved to `bad`'],
  ['privileged', 'privileged app'],
  ['privileged-envoy', 'its Envoy'],
  ['privileged-pea', 'its health check'],
  ['task', 'task'],
  ['check', "Garden's own health check"],
] as const;
export type Kind = (typeof KINDS)[number][0];

/** One process of each kind on a cell with one mode; as on a cell whose pid 1 is at the top. */
export interface ModeProcesses {
  readonly mode: string;
  readonly isV2: boolean;
  readonly processes: readonly {
    readonly kind: Kind;
    readonly handle: string;
    readonly membership: Membership;
  }[];
}

/** A mode has no such process. */
const NONE = '–';

/** The first word or two of the versions; whether the processes began after the sensor. */
const ROWS = [
  ['Tracee since v0.19', 'tracee', 'v0.22.3', false],
  ['Falco since 0.41, running processes', 'falco', '0.41', false],
  ['Falco since 0.41, new processes', 'falco', '0.41', true],
  ['Tracee up to v0.18', 'tracee', 'up to', false],
  ['Falco up to 0.40', 'falco', 'up to', false],
  ['Tetragon', 'tetragon', '', false],
  ['Inspektor Gadget, its defaults', 'inspektor-gadget', '', false],
  ['KubeArmor', 'kubearmor', '', false],
  ["Datadog, with Garden's socket", 'datadog', '', false],
] as const;

/**
 * One table for the sensors with the same verdicts in every mode; for each other sensor a table
 * with a column for modes that are alike, because a row of all kinds would be too wide.
 */
export function verdictTables(modes: readonly ModeProcesses[]): string {
  const rows = ROWS.map(([title, tool, beginning, isNew]) => {
    const versions = TOOLS.find((one) => one.tool === tool && one.versions.startsWith(beginning));
    if (versions === undefined) throw new Error(`no ${tool} ${beginning}`);
    const columns = modes.map((one) => ({
      mode: one.mode,
      verdicts: KINDS.map(([kind]) => verdictOf(kind, one, { versions, isNew })),
    }));
    const ofKinds = KINDS.map(
      (_, at) => new Set(columns.flatMap(({ verdicts }) => verdicts[at] ?? [])),
    );
    for (const verdicts of ofKinds) if (verdicts.size > 1) verdicts.delete(NONE);
    return { title, columns, ofKinds };
  });
  const always = rows.filter(({ ofKinds }) => ofKinds.every(({ size }) => size === 1));
  const differing = rows.filter((row) => !always.includes(row));
  const words = KINDS.map(([, kind]) => kind);
  return [
    markdownTable(
      ['in all modes', ...words],
      always.map(({ title, ofKinds }) => [title, ...ofKinds.flatMap((verdicts) => [...verdicts])]),
    ),
    ...differing.map(({ title, columns }) => {
      const alike = [...Map.groupBy(columns, ({ verdicts }) => verdicts.join()).values()];
      return markdownTable(
        [title, ...alike.map((all) => all.map(({ mode }) => mode).join(', '))],
        words.map((kind, at) => [kind, ...alike.map(([one]) => one?.verdicts[at] ?? NONE)]),
      );
    }),
  ].join('\n\n');
}

/** Its lines are in the order of the machine: each is tried as the first, or the cell decides. */
function verdictOf(
  kind: Kind,
  { isV2, processes }: ModeProcesses,
  { versions, isNew }: Pick<Question, 'versions' | 'isNew'>,
): string {
  const process = processes.find((one) => one.kind === kind);
  if (process === undefined) return NONE;
  if (versions.rule.kind === 'garden-list' && isSide(kind)) return 'not a container';
  const words = wordsInAllOrders(process, { versions, isNew, mounts: mountsWith('', isV2), isV2 });
  return [...new Set(words)].toSorted(seenFirst).join(' or ');
}

/** What a sensor makes of a process, whichever hierarchy is first in its /proc/PID/cgroup. */
export function wordsInAllOrders(
  { handle, membership }: Pick<ModeProcesses['processes'][number], 'handle' | 'membership'>,
  question: Question,
): readonly string[] {
  const entries = Object.entries(membership);
  const orders = question.isNew
    ? [entries]
    : entries.map((first) => [first, ...entries.filter((other) => other !== first)]);
  return orders.map((order) =>
    wordsOf(sightOf(handle, Object.fromEntries(order), question), handle),
  );
}

const seenFirst = (a: string, b: string): number =>
  Number(b === 'seen') - Number(a === 'seen') || (a < b ? -1 : 1);

export interface Question {
  readonly versions: ToolVersions;
  /** The container is younger than the sensor. */
  readonly isNew: boolean;
  readonly isV2: boolean;
  readonly mounts: MountInputs;
}

function sightOf(
  handle: string,
  membership: Membership,
  { versions, isNew, isV2, mounts }: Question,
): Sight {
  const container: RunningContainer = {
    handle: asHandle(handle),
    isListed: true,
    isCreated: true,
    membership,
    levels: null,
    startTicks: isNew ? 2 : 0,
  };
  const cell = {
    mounts,
    mode: isV2 ? 'v2' : 'v1',
    containers: [container],
  } as const;
  const [{ prediction } = { prediction: null }] = predict([versions], cell, isNew ? SENSOR : null);
  const sight =
    prediction?.kind === 'predicted' ? prediction.sights.get(container.handle) : undefined;
  return sight ?? { kind: 'unknown', why: '' };
}

/** Only its start time matters. */
const SENSOR: SensorProcess = {
  pid: 1,
  state: 'S',
  parentPid: 0,
  startTicks: 1,
  startedAt: '',
  realUid: 0,
  namespacePids: [1],
  comm: '',
  command: '',
  launched: null,
  membership: {},
  table: 'cell',
};

const WHOLE = {
  v1: '1 0 0:1 / /sys/fs/cgroup rw shared:1 - tmpfs t rw\n2 1 0:2 / /sys/fs/cgroup/cpuset rw shared:2 - cgroup c rw,cpuset\n',
  v2: '1 0 0:2 / /sys/fs/cgroup rw shared:1 - cgroup2 c rw\n',
};

/**
 * The mount tables of a cell.
 * @param others lines of mountinfo after those that show whole hierarchies
 */
export function mountsWith(others: string, isV2: boolean): MountInputs {
  const table = parseMountInfo(asByteString((isV2 ? WHOLE.v2 : WHOLE.v1) + others));
  return {
    source: '',
    root: '/',
    namespace: 'initial',
    pidNamespace: 'initial',
    cellTable: table,
    ownTable: table,
    stats: new Map(table.mounts.map((mount) => [mount.mountPoint, statOf(mount, isV2)])),
    firstProcessPaths: null,
  };
}

function statOf({ device, root, mountPoint }: Mount, isV2: boolean): MountStat {
  if (device === null) throw new Error(`no device: ${mountPoint}`);
  const isTop = root === '/';
  return {
    kind: 'read',
    magic: isV2 ? 0x63677270 : 0x27e0eb,
    device,
    inode: isTop ? 1 : 100,
    hasReleaseAgent: !isV2 && isTop,
    hasCgroupEvents: isV2 && !isTop,
  };
}

/** Side processes, which Garden does not list. */
const isSide = (kind: Kind): boolean => /envoy$|pea$/.test(kind);

/** An id without the characters of the single handle: `good/H…`. */
function wordsOf(sight: Sight, handle: string): string {
  if (sight.kind !== 'misnamed') return sight.kind;
  const { id } = sight;
  for (let length = Math.min(id.length, handle.length); length >= 4; length--) {
    const beginning = handle.slice(0, length);
    if (id.endsWith(beginning)) return code(`${id.slice(0, -length)}H…`);
  }
  return code(id);
}
