import { GARDEN_ALONE } from '../../src/model/ledger.ts';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import type { Membership } from '../../src/model/process.ts';
import type { SensorProcess, Sight } from '../../src/model/sensor.ts';
import type { MountInputs } from '../../src/model/snapshot.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { predict, type RunningContainer } from '../../src/sensors/predict.ts';
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

/** A row of the table: the words for each kind; null if the mode has no such process. */
export interface VerdictRow {
  readonly mode: string;
  readonly tool: string;
  readonly verdicts: readonly (string | null)[];
}

const ALL_MODES = 'all';

/** The first word or two of the versions; whether the processes began after the sensor. */
const ROWS = [
  ['Tracee since v0.19', 'tracee', 'v0.22.3', false],
  ['Falco since 0.41, running processes', 'falco', '0.41', false],
  ['Falco since 0.41, new processes', 'falco', '0.41', true],
  ['Tracee up to v0.18', 'tracee', 'up to', false],
  ['Falco up to 0.40', 'falco', 'up to', false],
  ['Tetragon', 'tetragon', '', false],
  ['Inspektor Gadget, its defaults', 'inspektor-gadget', '', false],
  ["Datadog, with Garden's socket", 'datadog', '', false],
] as const;

/** Every row for the modes: modes with the same verdicts share one. */
export function verdictRows(modes: readonly ModeProcesses[]): readonly VerdictRow[] {
  const rows = ROWS.flatMap(([title, tool, beginning, isNew]) => {
    const versions = TOOLS.find((one) => one.tool === tool && one.versions.startsWith(beginning));
    if (versions === undefined) throw new Error(`no ${tool} ${beginning}`);
    return modes.map((mode) => ({
      mode: mode.mode,
      tool: title,
      verdicts: KINDS.map(([kind]) => verdictOf(kind, mode, { versions, isNew })),
    }));
  });
  const shared: { tool: string; modes: string[]; verdicts: VerdictRow['verdicts'] }[] = [];
  for (const { tool, mode, verdicts } of rows) {
    const known = shared.find((one) => one.tool === tool && agree(one.verdicts, verdicts));
    if (known === undefined) shared.push({ tool, modes: [mode], verdicts });
    else {
      known.modes.push(mode);
      known.verdicts = known.verdicts.map((verdict, index) => verdict ?? verdicts[index] ?? null);
    }
  }
  return shared.map(({ modes: names, ...row }) => ({
    ...row,
    mode: names.length === modes.length ? ALL_MODES : names.join(', '),
  }));
}

/** A mode that lacks a kind of process agrees with any other. */
const agree = (a: VerdictRow['verdicts'], b: VerdictRow['verdicts']): boolean =>
  a.every((one, index) => one === null || (b[index] ?? one) === one);

/** Its lines are in the order of the machine: each is tried as the first, or the cell decides. */
function verdictOf(
  kind: Kind,
  { isV2, processes }: ModeProcesses,
  { versions, isNew }: Question,
): string | null {
  const process = processes.find((one) => one.kind === kind);
  if (process === undefined) return null;
  if (versions.rule.kind === 'garden-list' && isSide(kind)) return 'not a container';
  const entries = Object.entries(process.membership);
  const orders = isNew
    ? [entries]
    : entries.map((first) => [first, ...entries.filter((other) => other !== first)]);
  const words = orders.map((order) =>
    wordsOf(
      sightOf(process.handle, Object.fromEntries(order), { versions, isNew, isV2 }),
      process.handle,
    ),
  );
  return [...new Set(words)].toSorted(seenFirst).join(' or ');
}

const seenFirst = (a: string, b: string): number =>
  Number(b === 'seen') - Number(a === 'seen') || (a < b ? -1 : 1);

type Question = { readonly versions: ToolVersions; readonly isNew: boolean };

function sightOf(
  handle: string,
  membership: Membership,
  { versions, isNew, isV2 }: Question & Pick<ModeProcesses, 'isV2'>,
): Sight {
  const container: RunningContainer = {
    handle: asHandle(handle),
    listedBy: GARDEN_ALONE,
    membership,
    levels: null,
    startTicks: isNew ? 2 : 0,
  };
  const cell = {
    mounts: rightMounts(isV2),
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

const RIGHT = {
  v1: '1 0 0:1 / /sys/fs/cgroup rw - tmpfs t rw\n2 1 0:2 / /sys/fs/cgroup/cpuset rw - cgroup c rw,cpuset\n',
  v2: '1 0 0:1 / /sys/fs/cgroup rw - cgroup2 c rw\n',
};

function rightMounts(isV2: boolean): MountInputs {
  const table = parseMountInfo(asByteString(isV2 ? RIGHT.v2 : RIGHT.v1));
  return {
    source: '',
    root: '/',
    namespace: 'initial',
    pidNamespace: 'initial',
    cellTable: table,
    ownTable: table,
    stats: new Map(),
    firstProcessPaths: null,
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

/**
 * One table for the sensors with the same verdicts in every mode; for each other sensor a table
 * with a column per mode, because a row of all kinds would be too wide.
 */
export function verdictTables(rows: readonly VerdictRow[]): string {
  const always = rows.filter(({ mode }) => mode === ALL_MODES);
  const byTool = Map.groupBy(
    rows.filter(({ mode }) => mode !== ALL_MODES),
    ({ tool }) => tool,
  );
  return [
    markdownTable(
      ['in all modes', ...KINDS.map(([, words]) => words)],
      always.map(({ tool, verdicts }) => [tool, ...verdicts.map(wordOf)]),
    ),
    ...Array.from(byTool, ([tool, modes]) =>
      markdownTable(
        [tool, ...modes.map(({ mode }) => mode)],
        KINDS.map(([, words], index) => [
          words,
          ...modes.map(({ verdicts }) => wordOf(verdicts[index] ?? null)),
        ]),
      ),
    ),
  ].join('\n\n');
}

const wordOf = (verdict: string | null): string => verdict ?? '–';
