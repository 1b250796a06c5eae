import type { LedgersView } from '../model/answers.ts';
import { entryRow, LEDGERS, type EntryKind, type LedgerName, type Mark } from '../model/ledger.ts';
import type { ReportView, SensorView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import {
  aged,
  code,
  commands,
  foreign,
  joined,
  note,
  NOTHING,
  omittedNote,
  sentence,
  table,
  type Block,
  type Blocks,
  type Section,
  type Span,
  type Text,
  type Tone,
} from './document/blocks.ts';
import { appText, isPlainName, shortHandle } from './names.ts';
import type { Instance } from './sensor-diagnosis.ts';
import { ageText, plural, secondText } from './quantities.ts';

const SYMBOLS: Readonly<Record<Mark, string>> = {
  yes: '✓',
  no: NOTHING,
  unknown: '?',
  none: 'n/a',
};

const LEGEND = '✓ has an entry, - has none, ? not known, n/a does not apply.';

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

const TONES: Readonly<Record<Mark, Tone>> = {
  yes: 'good',
  no: 'warning',
  unknown: 'quiet',
  none: 'quiet',
};

const ledgerMark = ({ marks }: Row, name: LedgerName): Span => {
  const mark = marks[name] ?? 'unknown';
  return { text: SYMBOLS[mark], tone: TONES[mark] };
};

/** Whether a sensor sees a container. It may have begun after the sensor was last asked. */
export function sensorMark({ sees }: SensorView, handle: string, runs: boolean): Mark {
  if (Object.hasOwn(sees, handle)) return sees[handle] ?? 'unknown';
  return runs ? 'unknown' : 'none';
}

/** In brackets if it is only predicted. */
function sensorSpan(sensor: SensorView, { handle, marks }: Row): Span {
  const mark = sensorMark(sensor, handle, marks['kernel'] !== 'no');
  if (sensor.seesBy !== 'prediction') return { text: SYMBOLS[mark], tone: TONES[mark] };
  const isGuess = mark === 'yes' || mark === 'no';
  return { text: isGuess ? `(${SYMBOLS[mark]})` : SYMBOLS[mark], tone: 'quiet' };
}

/** More than run on a cell: an agent of another version may report others. */
const shownSensors = (sensors: readonly SensorView[]): readonly SensorView[] => sensors.slice(0, 8);

/** How many containers a sensor sees, and how that is known. */
export function sensorCount({ title, sees, seesBy }: SensorView): string {
  const marks = Object.values(sees);
  const count = (mark: Mark): number => marks.filter((one) => one === mark).length;
  const unknown = count('unknown');
  if (seesBy === null || unknown === marks.length)
    return `Which containers ${title} sees is not known.`;
  const counts = `${count('yes')} of ${plural(marks.length, 'container')}`;
  const rest = unknown === 0 ? '' : ` ${unknown} ${unknown === 1 ? 'is' : 'are'} not known.`;
  return seesBy === 'event-file'
    ? `${title} sees ${counts}, by its event file.${rest}`
    : `${title} would see ${counts}: a prediction, shown in brackets.${rest}`;
}

interface LedgersOptions {
  /** Whether one container was asked for. */
  readonly isOne: boolean;
  /** The containers of the cell, also those that are not shown. */
  readonly instances: readonly Instance[];
}

/** Containers that ledgers differ about, then entries that belong to none. */
export function ledgersDocument(
  view: LedgersView,
  { isOne, instances }: LedgersOptions,
): readonly Blocks[] {
  const [one] = view.containers;
  if (!isOne || one === undefined) return cellGroups(view, instances);
  const app = appOf(instances)(one);
  return [
    [sentence(code(one.handle), 'strong'), app !== null && sentence(['app ', foreign(app)])],
    ledgersOf(one, view.sensors),
    ...unpolicedGroups(view),
  ];
}

/** How many things the ledgers differ about. */
const differingIn = ({ ledgers }: ReportView): number =>
  ledgers.differing.length + ledgers.omitted + ledgers.sharing.length + ledgers.alone.length;

/** The same of a report, for the page; empty while all agree. */
export function ledgersSection(report: ReportView): Section {
  const { ledgers, takenAt, sensors, containers } = report;
  const { differing, omitted, aloneOmitted, readAt } = ledgers;
  return {
    id: 'ledgers',
    title: 'Ledgers that differ',
    count: differingIn(report),
    blocks: differingIn(report) > 0 && [
      note([
        'These differences are not findings. Only leaked addresses raise an alert.',
        readAt === null ? null : [' Last read ', aged(readAt, takenAt), '.'],
      ]),
      differenceGroups({ ...ledgers, containers: differing, takenAt, sensors }, containers),
      differing.length > 0 && sensorNotes(sensors),
      omittedNote(omitted + aloneOmitted, [': ', code(`${TYPED_ON_CELL} ledgers`), ' lists all.']),
    ],
  };
}

type Differences = Pick<
  LedgersView,
  'containers' | 'sensors' | 'sharing' | 'unpoliced' | 'alone' | 'takenAt'
>;

const differenceGroups = (view: Differences, instances: readonly Instance[]): readonly Blocks[] => [
  [containersTable(view, instances), view.containers.length > 0 && note(LEGEND)],
  ...view.sharing.map(({ address, handles: those }) =>
    sentence(
      [
        code(address),
        ` is the address of ${those.length} containers: `,
        joined(those.map(code), ', '),
        '.',
      ],
      'warning',
    ),
  ),
  ...unpolicedGroups(view),
  aloneTable(view),
];

const sensorNotes = (sensors: readonly SensorView[]): Blocks =>
  shownSensors(sensors).map((sensor) => note(sensorCount(sensor)));

function cellGroups(view: LedgersView, instances: readonly Instance[]): readonly Blocks[] {
  const { changing, agreeing, unknown, unread, alone, aloneOmitted } = view;
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
  return [
    ...differenceGroups(view, instances),
    [
      nouns.length > 0 &&
        sentence(`rollcall could not match these with containers: ${nouns.join(', ')}.`, 'warning'),
      sentence(summary.filter((text) => text !== '').join(' ')),
      sensorNotes(view.sensors),
    ],
  ];
}

const unpolicedGroups = ({
  unpoliced,
  takenAt,
}: Pick<LedgersView, 'unpoliced' | 'takenAt'>): readonly Blocks[] =>
  unpoliced.map(({ handle, since }) =>
    sentence(
      [
        code(handle),
        ' has an address and no policy entry, first seen ',
        aged(since, takenAt),
        '. After a restart of vxlan-policy-agent, this container may run without its security groups.',
      ],
      'warning',
    ),
  );

function containersTable(
  { containers, sensors }: Pick<LedgersView, 'containers' | 'sensors'>,
  instances: readonly Instance[],
): Block {
  const short = shortHandle(instances);
  const app = appOf(instances);
  return table(
    containers,
    [
      {
        title: 'Handle',
        fit: 'whole',
        cell: (one: Row): Span => ({ ...code(one.handle), short: short(one) }),
      },
      { title: 'App', givesWay: 1, cell: (row: Row) => foreign(app(row) ?? '') },
      ...LEDGERS.map((name) => ({ title: name, cell: (row: Row) => ledgerMark(row, name) })),
      ...shownSensors(sensors).map((sensor) => ({
        title: oneLine(sensor.name, 60),
        givesWay: 2,
        cell: (row: Row) => sensorSpan(sensor, row),
      })),
    ],
    {
      id: 'ledgers-table',
      caption: 'Containers that ledgers differ about',
    },
  );
}

/** A row knows its app; the report knows whether it is a task. */
function appOf(instances: readonly Instance[]): (row: Row) => string | null {
  const kinds = new Map(instances.map(({ handle, kind }) => [handle, kind]));
  return ({ handle, app }) => appText({ app, kind: kinds.get(handle) ?? 'other' });
}

const aloneTable = ({ alone, takenAt }: Pick<LedgersView, 'alone' | 'takenAt'>): Block =>
  table(
    alone,
    [
      { title: 'Without container', cell: ({ kind }) => entryRow(kind).noun },
      { title: 'Name', fit: 'whole', cell: ({ name }) => code(name) },
      { title: 'Seen since', fit: 'whole', cell: ({ since }) => secondText(since) },
      { title: 'For', givesWay: 1, cell: ({ since }) => ageText(since, takenAt) },
    ],
    {
      id: 'alone-table',
      caption: 'Entries that belong to no container',
      named: 1,
      below: ({ kind, name }) => commands([commandFor(kind, name)]),
    },
  );

/** The command that looks at an entry; null for a name that does not go into one. */
export function commandFor(kind: EntryKind, name: string): string | null {
  if (!isPlainName(name)) return null;
  const digits = name.split('.').map((part) => part.padStart(3, '0'));
  const all: Readonly<Record<EntryKind, string>> = {
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
  return all[kind];
}

interface LedgerLine {
  readonly name: string;
  readonly mark: Span;
  readonly what: Text;
}

/** What each ledger and each sensor says of one container. */
export function ledgersOf(row: Row, sensors: readonly SensorView[]): Block {
  const { address, policy } = row;
  const known: Partial<Readonly<Record<LedgerName, string | null>>> = {
    network: address,
    policy: policy === null ? null : policy.appId,
  };
  const ofLedger = (name: LedgerName): LedgerLine => {
    const what = known[name] ?? null;
    return {
      name,
      mark: ledgerMark(row, name),
      what: what === null ? ENTRIES[name] : [ENTRIES[name], ': ', foreign(what)],
    };
  };
  const ofSensor = (sensor: SensorView): LedgerLine => ({
    name: sensor.name,
    mark: sensorSpan(sensor, row),
    what: SOURCES[sensor.seesBy ?? 'none'],
  });
  return table<LedgerLine>(
    [...LEDGERS.map(ofLedger), ...shownSensors(sensors).map(ofSensor)],
    [
      { title: 'Ledger', cell: ({ name }) => name },
      { title: '', cell: ({ mark }) => mark },
      { title: 'An entry is', least: 20, fit: 'wrap', cell: ({ what }) => what },
    ],
    { id: 'entries-table', caption: 'What each ledger says of it' },
  );
}

/** What the mark of a sensor is taken from. */
const SOURCES = {
  'event-file': 'a line of its event file',
  prediction: `predicted by its published rules: ${TYPED_ON_CELL} sensors says why`,
  none: `not known: ${TYPED_ON_CELL} sensors says why`,
} as const;
