import { entryRow, LEDGERS } from '../../model/ledger.ts';
import type { ReportView } from '../../model/report-view.ts';
import {
  commandFor,
  markOf,
  sensorCount,
  sensorSymbol,
  sharingSentence,
  shownSensors,
} from '../ledgers-table.ts';
import { oneLine } from '../../model/text.ts';
import { appText } from '../names.ts';
import * as ui from './elements.ts';
import { html, type SafeHtml } from './html.ts';

type Ledgers = NonNullable<ReportView['ledgers']>;

const WHERE = html`more: <code>rollcall ledgers</code> lists all.`;

/** How many things the ledgers differ about. */
export const differingOf = ({ ledgers }: ReportView): number =>
  ledgers === null
    ? 0
    : ledgers.differing.length + ledgers.omitted + ledgers.sharing.length + ledgers.alone.length;

/** Null while all agree. */
export function ledgersSection(report: ReportView): SafeHtml | null {
  const { ledgers } = report;
  if (ledgers === null || differingOf(report) === 0) return null;
  const { differing, omitted, sharing, alone, aloneOmitted } = ledgers;
  const sensors = differing.length === 0 ? [] : shownSensors(report.sensors);
  return ui.section('ledgers', 'Ledgers that differ', [
    html`<p class="lead">
      These differences are not findings. Only leaked addresses raise an alert.
      ${readWords(ledgers, report.takenAt)}
    </p>`,
    differing.length === 0
      ? null
      : ui.scrollRegion('ledgers-table', 'Table of ledgers', containersTable(report, ledgers)),
    sensors.map((sensor) => html`<p class="lead">${ui.foreign(sensorCount(sensor), 300)}</p>`),
    ui.moreNote(omitted, WHERE),
    sharing.map((one) => html`<p>${ui.foreign(sharingSentence(one), 1000)}</p>`),
    alone.length === 0
      ? null
      : ui.scrollRegion('alone-table', 'Table of entries', aloneTable(ledgers, report.takenAt)),
    ui.moreNote(aloneOmitted, WHERE),
  ]);
}

const readWords = ({ readAt }: Ledgers, takenAt: string): SafeHtml =>
  readAt === null ? html`` : html`Last read ${ui.agedTime(readAt, takenAt)}.`;

const containersTable = ({ sensors }: ReportView, { differing }: Ledgers): SafeHtml =>
  ui.dataTable({
    look: 'cards',
    caption:
      'Containers that ledgers differ about: ✓ has it, – does not, ? not known, n/a not here, in brackets predicted',
    isHeard: false,
    columns: [
      'Container',
      'App',
      ...LEDGERS,
      ...shownSensors(sensors).map(({ name }) => oneLine(name, ui.MAX_NAME)),
    ],
    numbers: [],
    rows: differing.map((row) => ({
      cells: [
        html`<code>${ui.foreign(row.handle, ui.MAX_NAME)}</code>`,
        ui.foreign(appText(row, ui.MAX_NAME) ?? '-', ui.MAX_NAME),
        ...LEDGERS.map((name) => markOf(row, name)),
        ...shownSensors(sensors).map((sensor) => sensorSymbol(sensor, row)),
      ],
    })),
  });

const aloneTable = ({ alone }: Ledgers, takenAt: string): SafeHtml =>
  ui.dataTable({
    look: 'cards',
    caption: 'Entries that belong to no container',
    isHeard: false,
    columns: ['Name', 'What', 'Seen since', 'To look at it'],
    numbers: [],
    rows: alone.map(({ kind, name, since }) => {
      const command = commandFor(kind, name);
      return {
        cells: [
          html`<code>${ui.foreign(name, ui.MAX_NAME)}</code>`,
          entryRow(kind).noun,
          ui.agedTime(since, takenAt),
          command === null ? '–' : html`<code>${command}</code>`,
        ],
      };
    }),
  });
