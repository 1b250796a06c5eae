import { TYPED_ON_CELL } from '../../model/typed-as.ts';
import type { ContainerView, ReportView } from '../../model/report-view.ts';
import { appText, MAX_HANDLE, placeText } from '../names.ts';
import * as ui from './elements.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';

/** A cell has 250 containers; for more than four times as many, a page is not the right place. */
const MAX_ROWS = 1000;

/** All containers, worst first, in the order of the report. */
export function containersSection(
  report: ReportView,
  mark: SafeHtml | null,
  runbookUrl: string | null,
): SafeHtml | null {
  const containers = ui.realContainers(report);
  if (containers.length === 0) return null;
  return ui.section('containers', html`All containers${mark}`, [
    filterBar,
    ui.scrollRegion(
      'containers-table',
      'Table of all containers',
      containersTable(containers.slice(0, MAX_ROWS), runbookUrl),
    ),
    ui.moreNote(
      containers.length - MAX_ROWS,
      html`more that are no worse: <code>${TYPED_ON_CELL} status --format json</code> has all.`,
    ),
  ]);
}

/** The script shows it: without the script it would filter nothing. */
const filterBar: SafeHtml = html`<div id="filter" class="filter" hidden>
  <label
    >Search
    <input id="filter-text" type="search" autocomplete="off" spellcheck="false" maxlength="200"
  /></label>
  <label
    >Status
    <select id="filter-status">
      <option value="">all</option>
      <option value="untracked">untracked</option>
      <option value="pending">pending</option>
      <option value="tracked">tracked</option>
    </select></label
  >
  <span id="filter-count" role="status"></span>
</div>`;

const containersTable = (
  containers: readonly ContainerView[],
  runbookUrl: string | null,
): SafeHtml =>
  ui.dataTable(
    containers,
    {
      look: 'containers cards',
      caption: 'All containers, worst first',
      isHeard: true,
      named: 1,
      statusOf: ({ status }) => status,
    },
    [
      ['Status', (one) => statusCell(one, runbookUrl)],
      ['App', appCell],
      ['Org / space', placeCell],
      ['Kind', ui.kindWords],
      ['Processes', ({ pids }) => pids, 'number'],
      ['Handle', ({ handle }) => html`<code>${ui.foreign(handle, MAX_HANDLE)}</code>`],
    ],
  );

const statusCell = (one: ContainerView, runbookUrl: string | null): HtmlValue => [
  ui.signed(ui.signOf(one), statusWords(one)),
  one.reason === null ? null : html` ${ui.reasonTag(one.reason, runbookUrl)}`,
];

function appCell(one: ContainerView): HtmlValue {
  const app = appText(one, ui.MAX_NAME);
  return [app === null ? withoutApp(one) : html`<bdi>${app}</bdi>`, tagsOf(one)];
}

function placeCell(one: ContainerView): HtmlValue {
  const place = placeText(one, ui.MAX_NAME);
  return place === null ? '–' : html`<bdi>${place}</bdi>`;
}

/** What names the row instead: to listeners, and where a row is a card. */
const withoutApp = ({ handle }: ContainerView): SafeHtml =>
  html`<span class="wide" aria-hidden="true">–</span
    ><code class="unnamed heard">${ui.foreign(handle, MAX_HANDLE)}</code>`;

/** The word "warning" appears, so that nobody has to distinguish colours. */
const statusWords = ({ status, severity }: ContainerView): string =>
  status === 'untracked' && severity === 'warning' ? 'untracked, warning' : status;

const tagsOf = ({ privileged, throttled }: ContainerView): readonly SafeHtml[] =>
  [privileged ? 'privileged' : null, throttled ? 'throttled' : null].flatMap((tag) =>
    tag === null ? [] : [html` <span class="tag">${tag}</span>`],
  );
