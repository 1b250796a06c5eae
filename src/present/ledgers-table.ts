import type { LedgersView } from '../model/answers.ts';
import { entryRow, LEDGERS, type EntryKind, type LedgerName, type Mark } from '../model/ledger.ts';
import type { SensorView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { asTyped, TYPED_ON_CELL } from '../model/typed-as.ts';
import type { Colors, Screen } from './color.ts';
import { wrapText } from './display-width.ts';
import { appText, handleText, isPlainName, MAX_HANDLE } from './names.ts';
import { ageText, plural, secondText, timeWithAge } from './quantities.ts';
import { itemTable, type TableCell } from './table.ts';

const SYMBOLS: Readonly<Record<Mark, string>> = { yes: '✓', no: '–', unknown: '?', none: 'n/a' };
const MAX_NAME = 60;

/** What an entry in each ledger is. */
const ENTRIES: Readonly<Record<LedgerName, string>> = {
  kernel: 'a cgroup with processes',
  garden: "Garden's list",
  owner: "Diego's properties in Garden",
  runtime: "the runtime's helper, dadoo or containerd-shim",
  rootfs: "an overlay in gdn's mount table",
  network: 'an address of its own',
  policy: "silk's policy store",
  depot: "a directory in Garden's depot",
};

type Row = LedgersView['containers'][number];

export const markOf = ({ marks }: Row, name: LedgerName): string =>
  SYMBOLS[marks[name] ?? 'unknown'];

const markStyle = (mark: Mark | undefined, colors: Colors): Colors[keyof Colors] =>
  mark === 'no' ? colors.yellow : mark === 'yes' ? colors.green : colors.dim;

const markCell = (row: Row, name: LedgerName, colors: Colors): TableCell => ({
  text: markOf(row, name),
  style: markStyle(row.marks[name], colors),
});

/** Whether a sensor sees a container. It may have begun after the sensor was last asked. */
export function sensorMark({ sees }: SensorView, handle: string, runs: boolean): Mark {
  if (Object.hasOwn(sees, handle)) return sees[handle] ?? 'unknown';
  return runs ? 'unknown' : 'none';
}

const markOfSensor = (sensor: SensorView, { handle, marks }: Row): Mark =>
  sensorMark(sensor, handle, marks['kernel'] !== 'no');

/** In brackets if it is only predicted. */
export function sensorSymbol(sensor: SensorView, row: Row): string {
  const mark = markOfSensor(sensor, row);
  const isGuess = sensor.seesBy === 'prediction' && (mark === 'yes' || mark === 'no');
  return isGuess ? `(${SYMBOLS[mark]})` : SYMBOLS[mark];
}

const sensorCell = (sensor: SensorView, row: Row, colors: Colors): TableCell => ({
  text: sensorSymbol(sensor, row),
  style: sensor.seesBy === 'prediction' ? colors.dim : markStyle(markOfSensor(sensor, row), colors),
});

/** More than run on a cell: an agent of another version may report others. */
export const shownSensors = (sensors: readonly SensorView[]): readonly SensorView[] =>
  sensors.slice(0, 8);

/** How many containers a sensor sees, and how that is known. */
export function sensorCount({ title, sees, seesBy }: SensorView): string {
  const marks = Object.values(sees);
  const count = (mark: Mark): number => marks.filter((one) => one === mark).length;
  const name = oneLine(title, MAX_NAME);
  const unknown = count('unknown');
  if (seesBy === null || unknown === marks.length)
    return `Which containers ${name} sees is not known.`;
  const counts = `${count('yes')} of ${plural(marks.length, 'container')}`;
  const rest = unknown === 0 ? '' : ` ${unknown} ${unknown === 1 ? 'is' : 'are'} not known.`;
  return seesBy === 'event-file'
    ? `${name} sees ${counts}, by its event file.${rest}`
    : `${name} would see ${counts}: a prediction, shown in brackets.${rest}`;
}

type HandleName = ReturnType<typeof handleText>;

interface LedgersScreen extends Screen {
  /** Whether one container was asked for. */
  readonly isOne: boolean;
  /** The containers of the cell, also those that are not shown. */
  readonly handles: readonly { readonly handle: string }[];
  /** Whether handles are whole on a narrow terminal, too. */
  readonly wide: boolean;
}

/** For a person: containers that ledgers differ about, then entries that belong to none. */
export function ledgersTable(
  view: LedgersView,
  { isOne, handles, wide, ...screen }: LedgersScreen,
): string {
  const handleName = handleText(handles, wide ? Infinity : screen.columns);
  const [one] = view.containers;
  const lines =
    isOne && one !== undefined
      ? [
          ...oneLines(one, view.sensors, screen),
          ...unpolicedSentences(view).flatMap((text) => [
            '',
            ...wrapText(text, screen.columns, screen.colors.yellow),
          ]),
        ]
      : cellLines(view, handleName, screen);
  return `${lines.join('\n')}\n`;
}

function cellLines(view: LedgersView, handleName: HandleName, screen: Screen): readonly string[] {
  const { colors, columns } = screen;
  const { containers, changing, agreeing, unknown, unread, alone, aloneOmitted } = view;
  const sensors = shownSensors(view.sensors);
  const lines = containers.length === 0 ? [] : [...containerLines(view, handleName, screen), ''];
  for (const text of [...view.sharing.map(sharingSentence), ...unpolicedSentences(view)])
    lines.push(...wrapText(text, columns, colors.yellow), '');
  if (alone.length > 0) lines.push(...aloneLines(view, screen), '');
  const entries = alone.length + aloneOmitted;
  const summary = [
    `The ledgers agree about ${plural(agreeing, 'container')}.`,
    changing.length === 0
      ? ''
      : `${changing.length} more ${changing.length === 1 ? 'comes' : 'come'} or ${changing.length === 1 ? 'goes' : 'go'} (shown with --all).`,
    unknown === 0 ? '' : `For ${unknown} more, not every ledger could be read.`,
    `${plural(entries, 'entry', 'entries')} ${entries === 1 ? 'belongs' : 'belong'} to no container.`,
  ];
  const nouns = unread.map((kind) => entryRow(kind).plural);
  const note = `Could not be matched with containers: ${nouns.join(', ')}.`;
  return [
    ...lines,
    ...(nouns.length === 0 ? [] : wrapText(note, columns, colors.yellow)),
    ...wrapText(summary.filter((text) => text !== '').join(' '), columns),
    ...sensors.flatMap((sensor) => wrapText(sensorCount(sensor), columns, colors.dim)),
  ];
}

const unpolicedSentences = ({ unpoliced, takenAt }: LedgersView): readonly string[] =>
  unpoliced.map(
    ({ handle, since }) =>
      `${oneLine(handle, MAX_HANDLE)} has an address and no policy entry, first seen ` +
      `${timeWithAge(since, takenAt)}: it may run without its security groups after vxlan-policy-agent restarts.`,
  );

export const sharingSentence = ({ address, handles }: LedgersView['sharing'][number]): string => {
  const names = handles.map((handle) => oneLine(handle, MAX_NAME)).join(', ');
  return `${oneLine(address, MAX_NAME)} is the address of ${handles.length} containers: ${names}.`;
};

const containerLines = (
  { containers, sensors }: LedgersView,
  handleName: HandleName,
  screen: Screen,
): readonly string[] =>
  itemTable(
    containers,
    [
      { title: 'HANDLE', whole: true, cell: handleName },
      { title: 'APP', givesWay: 1, cell: (row) => appText(row, MAX_NAME) ?? '-' },
      ...LEDGERS.map((name) => ({
        title: name.toUpperCase(),
        cell: (row: Row) => markCell(row, name, screen.colors),
      })),
      ...shownSensors(sensors).map((sensor) => ({
        title: oneLine(sensor.name, MAX_NAME).toUpperCase(),
        givesWay: 2,
        cell: (row: Row) => sensorCell(sensor, row, screen.colors),
      })),
    ],
    { ...screen, gap: 1 },
  );

const aloneLines = ({ alone, takenAt }: LedgersView, screen: Screen): readonly string[] =>
  itemTable(
    alone,
    [
      { title: 'WITHOUT CONTAINER', cell: ({ kind }) => entryRow(kind).noun },
      { title: 'NAME', whole: true, cell: ({ name }) => oneLine(name, MAX_HANDLE) },
      { title: 'SEEN SINCE', whole: true, cell: ({ since }) => secondText(since) },
      { title: 'FOR', givesWay: 1, cell: ({ since }) => ageText(since, takenAt) },
    ],
    {
      ...screen,
      notes: ({ kind, name }) => {
        const command = commandFor(kind, name);
        return command === null
          ? []
          : [{ text: command, style: screen.colors.dim, isCommand: true }];
      },
    },
  );

/** The command that looks at an entry; null for a name that does not go into one. */
export function commandFor(kind: EntryKind, name: string): string | null {
  if (!isPlainName(name)) return null;
  const digits = name.split('.').map((part) => part.padStart(3, '0'));
  const commands: Readonly<Record<EntryKind, string>> = {
    overlay: `grep -F /images/${name}/ /proc/$(pidof -s gdn)/mounts`,
    namespace: `ls -l /var/vcap/data/garden-cni/container-netns/${name}`,
    address: `ip addr show s-${digits.join('')}`,
    reservation: `cat /var/vcap/data/host-local/ipam/silk/${name}`,
    policy: `jq '."${name}"' /var/vcap/data/container-metadata/store.json`,
    depot: `ls -l /var/vcap/data/garden/depot/${name}`,
    image: `ls -ld /var/vcap/data/grootfs/store/*/images/${name}`,
    silk: `jq '."${name}"' /var/vcap/data/silk/store.json`,
    ports: `jq '.acquired_ports."${name}"' /var/vcap/data/garden-cni/external-networker-state.json`,
    identity: `ls -ld /var/vcap/data/rep/shared/garden/instance_identity/${name}`,
  };
  return commands[kind];
}

function oneLines(row: Row, sensors: readonly SensorView[], screen: Screen): readonly string[] {
  const { colors, columns } = screen;
  const app = appText(row, MAX_NAME);
  return [
    colors.bold(oneLine(row.handle, MAX_HANDLE)),
    ...(app === null ? [] : wrapText(`app ${app}`, columns)),
    ...ledgerLines(row, sensors, screen),
  ];
}

/** What each ledger and each sensor says of one container. */
export function ledgerLines(
  row: Row,
  sensors: readonly SensorView[],
  screen: Screen,
): readonly string[] {
  const { address, policy } = row;
  const known: Partial<Readonly<Record<LedgerName, string | null>>> = {
    network: address,
    policy: policy === null ? null : policy.appId,
  };
  const ofLedger = (name: LedgerName): LedgerLine => {
    const what = known[name] ?? null;
    return {
      name,
      mark: markCell(row, name, screen.colors),
      what: what === null ? ENTRIES[name] : `${ENTRIES[name]}: ${oneLine(what, MAX_NAME)}`,
    };
  };
  const ofSensor = (sensor: SensorView): LedgerLine => ({
    name: oneLine(sensor.name, MAX_NAME),
    mark: sensorCell(sensor, row, screen.colors),
    what: asTyped(SOURCES[sensor.seesBy ?? 'none'], screen.typedAs),
  });
  return [
    '',
    ...itemTable<LedgerLine>(
      [...LEDGERS.map(ofLedger), ...shownSensors(sensors).map(ofSensor)],
      [
        { title: 'LEDGER', cell: ({ name }) => name },
        { title: '', cell: ({ mark }) => mark },
        { title: 'AN ENTRY IS', least: 20, cell: ({ what }) => what },
      ],
      screen,
    ),
  ];
}

interface LedgerLine {
  readonly name: string;
  readonly mark: TableCell;
  readonly what: string;
}

/** What the mark of a sensor is taken from. */
const SOURCES = {
  'event-file': 'a line of its event file',
  prediction: `predicted by its published rules: ${TYPED_ON_CELL} sensors says why`,
  none: `not known: ${TYPED_ON_CELL} sensors says why`,
} as const;
