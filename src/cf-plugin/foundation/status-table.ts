import { UNTRACKED_KINDS } from '../../model/finding.ts';
import { oneLine } from '../../model/text.ts';
import { adviceWithoutContainer } from '../../present/advice/advice.ts';
import { note, sentence, steps, type Block, type Tone } from '../../present/document/blocks.ts';
import { documentText } from '../../present/document/terminal.ts';
import { durationText } from '../../terminal/duration-text.ts';
import {
  cellName,
  column,
  fitting,
  name,
  screenOf,
  SHORT_ID,
  type Fit,
  type RowColumn,
} from './fitting-table.ts';
import {
  CLOCK_SECONDS,
  isCompared,
  VERDICT_WORDS,
  type CellStatus,
  type CellVerdict,
  type InstanceStatus,
  type UntrackedInstance,
} from './cell-status.ts';
import type { View } from '../cf/options.ts';
import type { FoundationStatus } from './foundation-status.ts';

/** The number of characters of a handle that are shown; the metrics have no more either. */
const MAX_HANDLE = 128;

/** More rows are useless in a table; `--output json` has all. */
const MAX_INSTANCES = 200;
const MAX_REASONS = 12;

/** The status as a table of cells, the untracked instances, the notes and the verdict. */
export function statusTable(status: FoundationStatus, form: TableForm): string {
  const { colors, view } = form;
  const { cells, untracked, notes, verdict, why } = status;
  const instances = untracked.slice(0, MAX_INSTANCES);
  return documentText(
    [
      ...viewGroups(status, form),
      [
        ...(instances.length === 0 ? [] : [sentence('untracked instances', 'strong')]),
        ...fitting(instances, instanceColumns, form),
        ...moreBlocks(untracked.length - MAX_INSTANCES),
      ],
      adviceBlocks(untracked),
      view === 'app' ? [] : reasonBlocks(cells),
      notes.map((text) => note(oneLine(text, 600))),
      [sentence(why, toneOf(verdict))],
    ],
    screenOf(colors),
  );
}

/** For each kind of finding, how urgent it is, and the first step on its cell. */
function adviceBlocks(untracked: readonly UntrackedInstance[]): readonly Block[] {
  const found = untracked.filter(({ drill }) => !drill);
  return UNTRACKED_KINDS.filter(([reason, severity]) =>
    found.some((one) => one.reason === reason && one.severity === severity),
  ).flatMap(([reason, severity]) => {
    const { urgency, steps: first } = adviceWithoutContainer(reason, severity);
    return [
      sentence(`${reason}, ${severity}: ${urgency}`),
      steps(
        first
          .slice(0, 1)
          .map((step) => ({ ...step, action: `On the cell: ${step.action}`, result: null })),
      ),
    ];
  });
}

export interface TableForm extends Fit {
  readonly view: View;
  /** Whether the cells have all columns. */
  readonly isWide: boolean;
}

function viewGroups(
  { cells, app = [] }: FoundationStatus,
  form: TableForm,
): readonly (readonly Block[])[] {
  const { view, isWide } = form;
  if (view === 'cells') return [fitting(cells, cellColumns(cells, isWide), form)];
  if (view === 'app') return [fitting(app, appColumns, form)];
  const blind = blindSensors(cells);
  const running = new Set(cells.flatMap(({ sensors }) => sensors.map(({ sensor }) => sensor)));
  const names = [...running].toSorted().map((sensor) => name(sensor, 20));
  return [
    fitting(blind, sensorColumns, form),
    [
      sentence(
        running.size === 0
          ? 'No cell has a sensor that rollcall is configured to compare.'
          : `Sensors: ${names.join(', ')}. ${blind.length === 0 ? 'None is known to miss a container that it is expected to see.' : 'Above is each that is down, silent or unknown, or that misses containers.'}`,
      ),
    ],
  ];
}

/** A sensor on a cell, where it does not see everything, or says nothing. */
type CellSensor = CellStatus['sensors'][number] & { readonly cell: CellStatus };

export const blindSensors = (cells: readonly CellStatus[]): readonly CellSensor[] =>
  cells.flatMap((cell) =>
    cell.sensors
      .filter(
        ({ up, silent, seen, unseen }) => up !== true || silent || seen === null || unseen !== 0,
      )
      .map((sensor) => ({ ...sensor, cell })),
  );

const number = <T>(title: string, of: (row: T) => number | null): RowColumn<T> =>
  column(title, (row) => String(of(row) ?? '?'), { align: 'right' });

const sensorColumns: readonly RowColumn<CellSensor>[] = [
  column('sensor', ({ sensor }) => name(sensor, 20), { isKept: true }),
  column('cell', ({ cell }, idLength) => cellName(cell, idLength), { isKept: true }),
  column('state', ({ up, silent }) =>
    up === null ? '?' : up ? (silent ? 'silent' : 'up') : 'down',
  ),
  number('seen', ({ seen }) => seen),
  number('unseen', ({ unseen }) => unseen),
  number('expected unseen', ({ expectedUnseen }) => expectedUnseen),
];

function cellColumns(cells: readonly CellStatus[], isWide: boolean): RowColumn<CellStatus>[] {
  // The age is negative if the cell's clock is ahead.
  const age = ({ ageSeconds }: CellStatus): string =>
    ageSeconds === null || ageSeconds < -CLOCK_SECONDS
      ? '?'
      : durationText(Math.max(0, ageSeconds));
  const all: readonly (RowColumn<CellStatus> | false)[] = [
    column('deployment', (cell) => name(cell.deployment)),
    column('instance group', (cell) => name(cell.instanceGroup)),
    column('cell', (cell, idLength) => name(cell.index, idLength), {
      isKept: true,
      tone: () => 'strong',
    }),
    column('ip', (cell) => name(cell.ip), { isKept: true }),
    column('verdict', (cell) => VERDICT_WORDS[cell.verdict], {
      isKept: true,
      tone: (cell) => toneOf(cell.verdict),
    }),
    number('listed', (cell) => cell.listed),
    number('tracked', (cell) => cell.tracked),
    number('pending', (cell) => cell.pending),
    number('untracked', (cell) => cell.untracked),
    cells.some((cell) => cell.sensors.length > 0) &&
      column('sensors', (cell) => cell.sensors.map(sensorText).join(', ')),
    ...(isWide
      ? [
          number<CellStatus>('stuck', ({ untrackedOmitted, untrackedByReason }) =>
            untrackedOmitted === 0 ? (untrackedByReason['stuck'] ?? 0) : null,
          ),
          column<CellStatus>('leftovers', (cell) => wideText(leftoversText(cell))),
          column<CellStatus>('warnings', (cell) => wideText(warningsText(cell))),
          column<CellStatus>('cgroups', (cell) => wideText(cell.cgroupMode)),
        ]
      : []),
    column('garden', (cell) => cell.garden ?? '?'),
    column('age', age, { align: 'right' }),
    column('version', (cell) => (cell.version === null ? '?' : name(cell.version))),
  ];
  return all.filter((one) => one !== false);
}

const wideText = (text: string | null): string => (text === null ? '?' : name(text, 80));

/** `address 3, overlay 1`; empty if all are 0, null if nothing is known. */
function leftoversText({ leftovers }: CellStatus): string | null {
  if (leftovers === null) return null;
  return Object.keys(leftovers)
    .toSorted()
    .flatMap((ledger) => (leftovers[ledger] === 0 ? [] : [`${ledger} ${leftovers[ledger]}`]))
    .join(', ');
}

function warningsText({ warnings }: CellStatus): string | null {
  if (warnings === null) return null;
  return Object.keys(warnings)
    .filter((reason) => warnings[reason] === 1)
    .join(', ');
}

/** `falco 57/60`: it sees 57 of 60 containers, without those that it is not expected to see. */
function sensorText({ sensor, up, silent, seen, unseen }: CellStatus['sensors'][number]): string {
  const counts = seen === null || unseen === null ? '?' : `${seen}/${seen + unseen}`;
  return `${name(sensor, 20)} ${up === false ? 'down' : silent ? 'silent' : counts}`;
}

const instanceColumns: readonly RowColumn<UntrackedInstance>[] = [
  column('reason', (one) => name(one.reason) + (one.drill ? ' (drill)' : ''), { isKept: true }),
  column('severity', (one) => name(one.severity), {
    isKept: true,
    tone: (one) => (one.severity === 'critical' ? 'critical' : 'warning'),
  }),
  column('since', ({ since }) => (since === null ? '?' : inSeconds(since))),
  column('handle', (one) => name(one.handle, MAX_HANDLE), { isKept: true }),
  column('cell', (one, idLength) => cellName(one.cell, idLength)),
  column('diego', (one) => one.diego),
  column('org', (one) => name(one.app?.organization ?? '')),
  column('space', (one) => name(one.app?.space ?? '')),
  column('app', (one) => name(one.app?.name ?? one.app?.id ?? '')),
];

const appColumns: readonly RowColumn<InstanceStatus>[] = [
  column('org', ({ app }) => name(app.organization ?? '')),
  column('space', ({ app }) => name(app.space ?? '')),
  column('app', ({ app }) => name(app.name ?? '')),
  column('process', ({ process }) => name(process)),
  column('instance', ({ index }) => String(index), { align: 'right', isKept: true }),
  column('state', ({ state }) => name(state.toLowerCase())),
  column('cell', ({ host }) => name(host), { isKept: true }),
  column('verdict', ({ verdict, reason }) => name(reason ?? verdict), { isKept: true }),
  column('sensors', ({ sensors }) => name(sensorsText(sensors), 80)),
];

const sensorsText = (sensors: InstanceStatus['sensors']): string =>
  Object.entries(sensors)
    .map(([sensor, is]) => `${sensor} ${is === null ? '?' : is ? 'sees it' : 'blind'}`)
    .join(', ');

const moreBlocks = (more: number): readonly Block[] =>
  more > 0 ? [sentence(`… and ${more} more: --output json has all.`)] : [];

function reasonBlocks(cells: readonly CellStatus[]): readonly Block[] {
  const uncertain = cells.filter((cell) => !isCompared(cell));
  return [
    ...uncertain
      .slice(0, MAX_REASONS)
      .map((cell) => sentence(`${cellName(cell, SHORT_ID)} ${verdictSince(cell)}: ${cell.why}`)),
    ...moreBlocks(uncertain.length - MAX_REASONS),
  ];
}

const verdictSince = ({ verdict, goneSince }: CellStatus): string =>
  VERDICT_WORDS[verdict] + (goneSince === null ? '' : ` since ${inSeconds(goneSince)}`);

/** RFC 3339 without fractions of a second. */
const inSeconds = (time: string): string => time.replace(/\.\d+Z$/, 'Z');

const toneOf = (verdict: CellVerdict): Tone => {
  if (verdict === 'all-tracked') return 'good';
  return verdict === 'untracked' || verdict === 'gone' ? 'critical' : 'unknown';
};
