import { TYPED_ON_CELL } from '../../model/typed-as.ts';
import { entryRow, LEDGERS, type AccountRow } from '../../model/ledger.ts';
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
import { html, type HtmlValue, type SafeHtml } from './html.ts';

type Ledgers = ReportView['ledgers'];

const WHERE = html`more: <code>${TYPED_ON_CELL} ledgers</code> lists all.`;

/** How many things the ledgers differ about. */
export const differingOf = ({ ledgers }: ReportView): number =>
  ledgers.differing.length + ledgers.omitted + ledgers.sharing.length + ledgers.alone.length;

/** Null while all agree. */
export function ledgersSection(report: ReportView): SafeHtml | null {
  const { ledgers } = report;
  if (differingOf(report) === 0) return null;
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
  ui.dataTable(differing, { look: 'cards', caption: CAPTION }, [
    ['Container', ({ handle }) => html`<code>${ui.foreign(handle, ui.MAX_NAME)}</code>`],
    ['App', (row) => ui.foreign(appText(row, ui.MAX_NAME) ?? '-', ui.MAX_NAME)],
    ...LEDGERS.map((name) => [name, (row: AccountRow) => markOf(row, name)] as const),
    ...shownSensors(sensors).map(
      (sensor) =>
        [
          oneLine(sensor.name, ui.MAX_NAME),
          (row: AccountRow) => sensorSymbol(sensor, row),
        ] as const,
    ),
  ]);

const CAPTION =
  'Containers that ledgers differ about: ✓ has it, – does not, ? not known, n/a not here, in brackets predicted';

const aloneTable = ({ alone }: Ledgers, takenAt: string): SafeHtml =>
  ui.dataTable(alone, { look: 'cards', caption: 'Entries that belong to no container' }, [
    ['Name', ({ name }) => html`<code>${ui.foreign(name, ui.MAX_NAME)}</code>`],
    ['What', ({ kind }) => entryRow(kind).noun],
    ['Seen since', ({ since }) => ui.agedTime(since, takenAt)],
    ['To look at it', ({ kind, name }) => codeOf(commandFor(kind, name))],
  ]);

const codeOf = (command: string | null): HtmlValue =>
  command === null ? '–' : html`<code>${command}</code>`;
