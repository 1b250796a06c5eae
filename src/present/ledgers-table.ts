import type { LedgersView } from '../model/answers.ts';
import { entryRow, LEDGERS, type EntryKind, type LedgerName, type Mark } from '../model/ledger.ts';
import { oneLine } from '../model/text.ts';
import type { Colors, Screen } from './color.ts';
import { wrapText } from './display-width.ts';
import { appText, isPlainName, MAX_HANDLE } from './names.ts';
import { plural, timeWithAge } from './quantities.ts';
import { itemTable, type TableCell } from './table.ts';

const SYMBOLS: Readonly<Record<Mark, string>> = { yes: '✓', no: '–', unknown: '?', none: 'n/a' };
const MAX_NAME = 60;

/** What an entry in each ledger is. */
const ENTRIES: Readonly<Record<LedgerName, string>> = {
  kernel: 'a cgroup with processes',
  garden: "Garden's list",
  owner: "properties of Diego's in Garden",
  runtime: "the runtime's helper, dadoo or containerd-shim",
  rootfs: "an overlay in gdn's mount table",
  network: 'an address of its own',
  policy: "silk's policy store",
  depot: "a directory in Garden's depot",
};

type Row = LedgersView['containers'][number];

export const markOf = ({ marks }: Row, name: LedgerName): string =>
  SYMBOLS[marks[name] ?? 'unknown'];

function markCell(row: Row, name: LedgerName, colors: Colors): TableCell {
  const mark = row.marks[name];
  const style = mark === 'no' ? colors.yellow : mark === 'yes' ? colors.green : colors.dim;
  return { text: markOf(row, name), style };
}

/** For a person: containers that differ, then entries of no container. */
export function ledgersTable(
  view: LedgersView,
  { isOne, ...screen }: Screen & { readonly isOne: boolean },
): string {
  const [one] = view.containers;
  const lines = isOne && one !== undefined ? oneLines(one, screen) : cellLines(view, screen);
  return `${lines.join('\n')}\n`;
}

function cellLines(view: LedgersView, screen: Screen): readonly string[] {
  const { colors, columns } = screen;
  const { containers, agreeing, unknown, unread, alone, aloneOmitted } = view;
  const lines = containers.length === 0 ? [] : [...containerLines(containers, screen), ''];
  for (const text of view.sharing.map(sharingSentence))
    lines.push(...wrapText(text, columns, colors.yellow), '');
  if (alone.length > 0) lines.push(...aloneLines(view, screen), '');
  const agree = `${plural(agreeing, 'container')} about which no ledgers differ`;
  const none = `${plural(alone.length + aloneOmitted, 'entry', 'entries')} of no container`;
  const summary = [agree, ...(unknown === 0 ? [] : [`${unknown} not known`]), none];
  const nouns = unread.map((kind) => entryRow(kind).plural);
  const note = `Could not tell whether each belongs to a container: ${nouns.join(', ')}.`;
  return [
    ...lines,
    ...(nouns.length === 0 ? [] : wrapText(note, columns, colors.yellow)),
    ...wrapText(`${summary.join(' · ')}.`, columns),
  ];
}

export const sharingSentence = ({ address, handles }: LedgersView['sharing'][number]): string => {
  const names = handles.map((handle) => oneLine(handle, MAX_NAME)).join(', ');
  return `${oneLine(address, MAX_NAME)} is the address of ${handles.length} containers: ${names}.`;
};

const containerLines = (rows: readonly Row[], screen: Screen): readonly string[] =>
  itemTable(
    rows,
    [
      { title: 'HANDLE', cell: ({ handle }) => oneLine(handle, MAX_HANDLE) },
      { title: 'APP', givesWay: 1, cell: (row) => appText(row, MAX_NAME) ?? '-' },
      ...LEDGERS.map((name) => ({
        title: name.toUpperCase(),
        cell: (row: Row) => markCell(row, name, screen.colors),
      })),
    ],
    { ...screen, gap: 1 },
  );

const aloneLines = ({ alone, takenAt }: LedgersView, screen: Screen): readonly string[] =>
  itemTable(
    alone,
    [
      { title: 'OF NO CONTAINER', cell: ({ kind }) => entryRow(kind).noun },
      { title: 'NAME', whole: true, cell: ({ name }) => oneLine(name, MAX_HANDLE) },
      { title: 'SEEN SINCE', cell: ({ since }) => timeWithAge(since, takenAt) },
    ],
    {
      ...screen,
      notes: ({ kind, name }) => {
        const command = commandFor(kind, name);
        return command === null ? [] : [{ text: command, style: screen.colors.dim }];
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
  };
  return commands[kind];
}

function oneLines(row: Row, screen: Screen): readonly string[] {
  const { colors, columns } = screen;
  const app = appText(row, MAX_NAME);
  return [
    colors.bold(oneLine(row.handle, MAX_HANDLE)),
    ...(app === null ? [] : wrapText(`app ${app}`, columns)),
    ...ledgerLines(row, screen),
  ];
}

/** What each ledger says of one container. */
export function ledgerLines(row: Row, screen: Screen): readonly string[] {
  const { address, policy } = row;
  const known: Partial<Readonly<Record<LedgerName, string | null>>> = {
    network: address,
    policy: policy === null ? null : policy.appId,
  };
  return [
    '',
    ...itemTable(
      LEDGERS,
      [
        { title: 'LEDGER', cell: (name) => name },
        { title: '', cell: (name) => markCell(row, name, screen.colors) },
        {
          title: 'AN ENTRY IS',
          least: 20,
          cell: (name) => {
            const what = known[name] ?? null;
            return what === null ? ENTRIES[name] : `${ENTRIES[name]}: ${oneLine(what, MAX_NAME)}`;
          },
        },
      ],
      screen,
    ),
  ];
}
