import type { ContainerView, ReportView } from '../../model/report-view.ts';
import { appText, MAX_HANDLE, placeText } from '../words.ts';
import {
  foreign,
  kindWords,
  MAX_NAME,
  moreNote,
  realContainers,
  scrollRegion,
  signed,
  signOf,
} from './elements.ts';
import { html, type SafeHtml } from './html.ts';

/** A cell has 250 containers; for more than four times as many, a page is not the right place. */
const MAX_ROWS = 1000;

/** All containers, worst first, in the order of the report. */
export function containersSection(report: ReportView, mark: SafeHtml | null): SafeHtml | null {
  const containers = realContainers(report);
  if (containers.length === 0) return null;
  const omitted = containers.length - MAX_ROWS;
  return html`<section id="containers" aria-labelledby="containers-title">
    <h2 id="containers-title">All containers${mark}</h2>
    ${filterBar}
    ${scrollRegion('containers-table', 'Table of all containers', containersTable(containers.slice(0, MAX_ROWS)))}
    ${moreNote(omitted, html`more that are no worse: <code>rollcall status --format json</code> has all.`)}
  </section>`;
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
      <option value="acknowledged">acknowledged</option>
    </select></label
  >
  <span id="filter-count" role="status"></span>
</div>`;

// Explicit roles, as for the table of processes.
const containersTable = (containers: readonly ContainerView[]): SafeHtml =>
  html`<table class="containers cards" role="table">
    <caption class="heard">
      All containers, worst first
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">Status</th>
        <th role="columnheader" scope="col">App</th>
        <th role="columnheader" scope="col">Org / space</th>
        <th role="columnheader" scope="col">Kind</th>
        <th role="columnheader" scope="col" class="number">Processes</th>
        <th role="columnheader" scope="col">Handle</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${containers.map(containerRow)}
    </tbody>
  </table>`;

function containerRow(container: ContainerView): SafeHtml {
  const { handle, pids, reason } = container;
  const status = container.acknowledged === null ? container.status : 'acknowledged';
  const app = appText(container, MAX_NAME);
  const place = placeText(container, MAX_NAME);
  const name = app === null ? '–' : html`<bdi>${app}</bdi>`;
  return html`<tr role="row" data-status="${status}">
    <td role="cell">
      ${signed(signOf(container), statusWords(container))}${reason === null ? null : html` <span class="reason">${reason}</span>`}
    </td>
    <th role="rowheader" scope="row">${name}${tagsOf(container)}</th>
    <td role="cell">${place === null ? '–' : html`<bdi>${place}</bdi>`}</td>
    <td role="cell">${kindWords(container)}</td>
    <td role="cell" class="number">${pids}</td>
    <td role="cell"><code>${foreign(handle, MAX_HANDLE)}</code></td>
  </tr> `;
}

/** The word "warning" appears, so that nobody has to distinguish colours. */
function statusWords({ status, severity, acknowledged }: ContainerView): string {
  if (acknowledged !== null) return 'acknowledged';
  return status === 'untracked' && severity === 'warning' ? 'untracked, warning' : status;
}

const tagsOf = ({ privileged, throttled }: ContainerView): readonly SafeHtml[] =>
  [privileged ? 'privileged' : null, throttled ? 'throttled' : null].flatMap((tag) =>
    tag === null ? [] : [html` <span class="tag">${tag}</span>`],
  );
