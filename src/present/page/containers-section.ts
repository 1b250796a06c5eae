import type { ContainerReport, Report } from '../../model/report.ts';
import { appText, foreign, kindWords, MAX_NAME, placeText } from './foreign-text.ts';
import { html, type SafeHtml } from './html.ts';
import { signed, signOf } from './icons.ts';
import { lastKnownMark } from './last-known.ts';
import { scrollRegion } from './scroll-region.ts';

/** A cell has 250; beyond four times that a page is no longer the place to look. */
const MAX_ROWS = 1000;

/** All containers, worst first, as the report has them. */
export function containersSection(report: Report): SafeHtml | null {
  const { containers } = report;
  if (containers.length === 0) return null;
  const omitted = containers.length - MAX_ROWS;
  return html`<section id="containers" aria-labelledby="containers-title">
    <h2 id="containers-title">All containers${lastKnownMark(report)}</h2>
    ${scrollRegion('containers-table', 'Table of all containers', containersTable(containers.slice(0, MAX_ROWS)))}
    ${omitted > 0 ? html`<p class="more">… and ${omitted} more that are no worse: <code>rollcall status --format json</code> has all.</p>` : null}
  </section>`;
}

// Roles that the elements have by themselves: in a narrow window a row becomes a card, and browsers forget what it was.
const containersTable = (containers: readonly ContainerReport[]): SafeHtml =>
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

function containerRow(container: ContainerReport): SafeHtml {
  const { handle, pids, status, reason, drill } = container;
  const app = appText(container);
  const place = placeText(container);
  const name = drill ? 'DRILL' : app === null ? '–' : html`<bdi>${app}</bdi>`;
  return html`<tr role="row">
    <td role="cell">
      ${signed(signOf(container), status)}${reason === null ? null : html` <span class="reason">${reason}</span>`}
    </td>
    <th role="rowheader" scope="row">${name}${tagsOf(container)}</th>
    <td role="cell">${place === null ? '–' : html`<bdi>${place}</bdi>`}</td>
    <td role="cell">${kindWords(container)}</td>
    <td role="cell" class="number">${pids}</td>
    <td role="cell"><code>${foreign(handle, MAX_NAME)}</code></td>
  </tr> `;
}

const tagsOf = ({ privileged, throttled }: ContainerReport): readonly SafeHtml[] =>
  [privileged ? 'privileged' : null, throttled ? 'throttled' : null].flatMap((tag) =>
    tag === null ? [] : [html` <span class="tag">${tag}</span>`],
  );
