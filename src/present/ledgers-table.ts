import type { LedgersView } from '../model/answers.ts';
import { entryRow, LEDGERS, type EntryKind, type LedgerName, type Mark } from '../model/ledger.ts';
import { oneLine } from '../model/text.ts';
import type { Screen } from './color.ts';
import { wrapText } from './display-width.ts';
import { appText, MAX_HANDLE } from './names.ts';
import { plural, timeWithAge } from './quantities.ts';
import { renderTable, type TableCell } from './table.ts';

const SYMBOLS: Readonly<Record<Mark, string>> = { yes: '✓', no: '–', unknown: '?', none: 'n/a' };
const MAX_NAME = 60;

/** What each ledger is, for the view of one container. */
const MEANINGS: Readonly<Record<LedgerName, string>> = {
  kernel: 'a cgroup with processes',
  garden: "Garden's list",
  owner: "properties of Diego's in Garden",
  runtime: "the runtime's helper, dadoo or containerd-shim",
  rootfs: "an overlay in gdn's mount table",
  network: 'an address of its own',
  policy: "an entry in silk's policy store",
  depot: "a directory in Garden's depot",
};

type Row = LedgersView['containers'][number];

/** For a person: containers that differ, then entries of no container. */
export function ledgersTable(
  view: LedgersView,
  options: Screen & { readonly isOne: boolean },
): string {
  const [one] = view.containers;
  const lines =
    options.isOne && one !== undefined ? oneLines(one, options) : cellLines(view, options);
  return `${lines.join('\n')}\n`;
}

function cellLines(view: LedgersView, screen: Screen): readonly string[] {
  const { colors, columns } = screen;
  const { containers, agreeing, sharing, alone } = view;
  const lines = containers.length === 0 ? [] : [...containerLines(containers, screen), ''];
  for (const { address, handles } of sharing) {
    const names = handles.map((handle) => oneLine(handle, MAX_NAME)).join(', ');
    const text = `${oneLine(address, MAX_NAME)} is the address of ${handles.length} containers: ${names}.`;
    lines.push(...wrapText(text, columns).map((line) => colors.yellow(line)), '');
  }
  if (alone.length > 0) lines.push(...aloneLines(view, screen), '');
  const agree = `${plural(agreeing, 'container')} of which all ledgers agree`;
  const summary = [agree, plural(alone.length, 'entry', 'entries') + ' of no container'];
  return [...lines, ...wrapText(`${summary.join(' · ')}.`, columns)];
}

const containerLines = (rows: readonly Row[], { colors, columns }: Screen): readonly string[] =>
  renderTable({
    columns: [
      { title: 'HANDLE', least: 8 },
      { title: 'APP', least: 8, givesWay: 1 },
      ...LEDGERS.map((name) => ({ title: name.toUpperCase() })),
    ],
    rows: rows.map((row) => ({
      cells: [
        { text: oneLine(row.handle, MAX_HANDLE) },
        { text: appText({ app: row.app }, MAX_NAME) ?? '-' },
        ...LEDGERS.map((name) => markCell(row.marks[name], colors)),
      ],
    })),
    width: columns,
    gap: 1,
    titleStyle: colors.dim,
  });

function markCell(mark: Mark | undefined, colors: Screen['colors']): TableCell {
  const style = mark === 'no' ? colors.yellow : mark === 'yes' ? colors.green : colors.dim;
  return { text: SYMBOLS[mark ?? 'unknown'], style };
}

const aloneLines = (
  { alone, takenAt }: LedgersView,
  { colors, columns }: Screen,
): readonly string[] =>
  renderTable({
    columns: [
      { title: 'OF NO CONTAINER' },
      { title: 'NAME', whole: true },
      { title: 'SEEN SINCE' },
    ],
    rows: alone.map(({ kind, name, since }) => {
      const command = commandFor(kind, name);
      return {
        cells: [
          { text: entryRow(kind).noun },
          { text: oneLine(name, MAX_HANDLE) },
          { text: timeWithAge(since, takenAt) },
        ],
        notes: command === null ? [] : [{ text: command, style: colors.dim }],
      };
    }),
    width: columns,
    titleStyle: colors.dim,
  });

/** Only names that no shell takes for anything else. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** The command that looks at an entry; null for a name that does not go into one. */
function commandFor(kind: EntryKind, name: string): string | null {
  if (!PLAIN.test(name)) return null;
  const interfaceName = name
    .split('.')
    .map((part) => part.padStart(3, '0'))
    .join('');
  const commands: Readonly<Record<EntryKind, string>> = {
    overlay: `grep -F /images/${name}/ /proc/mounts`,
    namespace: `ls -l /var/vcap/data/garden-cni/container-netns/${name}`,
    address: `ip addr show s-${interfaceName}`,
    reservation: `cat /var/vcap/data/host-local/ipam/silk/${name}`,
    policy: `jq '."${name}"' /var/vcap/data/container-metadata/store.json`,
    depot: `ls -l /var/vcap/data/garden/depot/${name}`,
  };
  return commands[kind];
}

function oneLines({ handle, app, address, policy, marks }: Row, screen: Screen): readonly string[] {
  const { colors, columns } = screen;
  const facts = [
    ...(appText({ app }, MAX_NAME) === null ? [] : [`app ${appText({ app }, MAX_NAME) ?? ''}`]),
    ...(address === null ? [] : [`address ${oneLine(address, MAX_NAME)}`]),
    ...(policy === null || policy.appId === null
      ? []
      : [`app ${oneLine(policy.appId, MAX_NAME)} by the policy store`]),
  ];
  return [
    colors.bold(oneLine(handle, MAX_HANDLE)),
    ...(facts.length === 0 ? [] : wrapText(facts.join(' · '), columns)),
    '',
    ...renderTable({
      columns: [{ title: 'LEDGER' }, { title: '' }, { title: 'AN ENTRY IS', least: 20 }],
      rows: LEDGERS.map((name) => ({
        cells: [{ text: name }, markCell(marks[name], colors), { text: MEANINGS[name] }],
      })),
      width: columns,
      titleStyle: colors.dim,
    }),
  ];
}
