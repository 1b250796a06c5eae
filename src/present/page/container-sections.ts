import type { ContainerView, ReportView } from '../../model/report-view.ts';
import { acknowledgementText } from '../acknowledgement-text.ts';
import { appText, MAX_HANDLE, placeText } from '../words.ts';
import {
  agedTime,
  drillsOf,
  factsList,
  foreign,
  icon,
  kindWords,
  longPath,
  MAX_NAME,
  sentenceText,
  moreNote,
  reasonTag,
  scrollRegion,
  signed,
  signOf,
  untrackedOf,
} from './elements.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { oneLine } from '../../model/text.ts';

/** A list of more findings could not be worked through; the table below has them too. */
const MAX_FINDINGS = 50;
const MAX_PENDING = 20;
const MAX_ACKNOWLEDGED = 100;

/** Every untracked container with all that is known of it, the worst first. No drill is one. */
export function untrackedSection(
  report: ReportView,
  mark: SafeHtml | null,
  runbookUrl: string | null,
): SafeHtml | null {
  const untracked = untrackedOf(report);
  if (untracked.length === 0) return null;
  const omitted = untracked.length - MAX_FINDINGS;
  return html`<section id="untracked" aria-labelledby="untracked-title">
    <h2 id="untracked-title">Untracked${mark}</h2>
    ${untracked.slice(0, MAX_FINDINGS).map((container, index) => findingArticle(container, `finding-${index}`, { report, runbookUrl }))}
    ${moreNote(omitted, 'more, in the table of all containers.')}
  </section>`;
}

/** Below everything that is real: a drill is not a container, and needs no action. */
export function drillSection(report: ReportView): SafeHtml | null {
  const drills = drillsOf(report);
  if (drills.length === 0) return null;
  return html`<section id="drill" class="drill" aria-labelledby="drill-title">
    <h2 id="drill-title">
      ${icon('drill')} <strong class="drill-word">DRILL</strong> not a finding
    </h2>
    ${drills.slice(0, MAX_FINDINGS).map(
      ({ handle, since, sentence }) =>
        html`<p>${sentenceText(sentence)}</p>
          <p class="quiet">
            <code>${foreign(handle, MAX_HANDLE)}</code
            >${since === null ? null : html` since ${agedTime(since, report.takenAt)}`}
          </p>`,
    )}
  </section>`;
}

const MAX_WARNINGS = 20;

/** What is wrong with the cell and with no container alone. */
export function warningsSection({ cell }: ReportView, runbookUrl: string | null): SafeHtml | null {
  const { warnings } = cell;
  if (warnings.length === 0) return null;
  return html`<section id="warnings" aria-labelledby="warnings-title">
    <h2 id="warnings-title">Warnings about the cell</h2>
    <ul class="warning-list">
      ${warnings.slice(0, MAX_WARNINGS).map((warning) => warningItem(warning, runbookUrl))}
    </ul>
    ${moreNote(warnings.length - MAX_WARNINGS, 'more.')}
  </section>`;
}

const warningItem = (
  { reason, sentence }: ReportView['cell']['warnings'][number],
  runbookUrl: string | null,
): SafeHtml =>
  html`<li>
    <div>
      <p>${signed('warning', 'Warning')} ${reasonTag(reason, runbookUrl)}</p>
      <p>${sentenceText(sentence)}</p>
      <p class="quiet">
        <code>rollcall runbook ${oneLine(reason, 40)}</code> says what to do about it.
      </p>
    </div>
  </li>`;

/** Differences that may become findings, or end before that. */
export function pendingSection(report: ReportView, mark: SafeHtml | null): SafeHtml | null {
  const containers = report.containers.filter(({ status }) => status === 'pending');
  const list = { id: 'pending', title: 'Pending', containers, most: MAX_PENDING };
  return listSection(list, report, mark);
}

/** Findings that somebody knows about, apart from those that count. */
export function acknowledgedSection(report: ReportView, mark: SafeHtml | null): SafeHtml | null {
  const containers = report.containers.filter(({ acknowledged }) => acknowledged !== null);
  const list = { id: 'acknowledged', title: 'Acknowledged', containers, most: MAX_ACKNOWLEDGED };
  return listSection(list, report, mark);
}

interface ContainerList {
  readonly id: string;
  readonly title: string;
  readonly containers: readonly ContainerView[];
  readonly most: number;
}

function listSection(
  { id, title, containers, most }: ContainerList,
  report: ReportView,
  mark: SafeHtml | null,
): SafeHtml | null {
  if (containers.length === 0) return null;
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}${mark}</h2>
    <ul class="pending-list">
      ${containers.slice(0, most).map((container) => listItem(container, report))}
    </ul>
    ${moreNote(containers.length - most, 'more, in the table of all containers.')}
  </section>`;
}

function findingArticle(
  container: ContainerView,
  id: string,
  { report, runbookUrl }: { readonly report: ReportView; readonly runbookUrl: string | null },
): SafeHtml {
  const { severity, reason, sentence, advice } = container;
  const sign = signOf(container);
  return html`<article class="finding ${sign}" aria-labelledby="${id}">
    <header>
      <h3 id="${id}">${nameOf(container)}</h3>
      ${signed(sign, severity ?? 'untracked')}
      ${reason === null ? null : reasonTag(reason, runbookUrl)}
    </header>
    <div class="halves">
      <div>
        <p class="sentence">${sentenceText(sentence)}</p>
        ${advice === null ? null : html`<p class="advice"><strong>What to do</strong> ${advice}</p>`}
      </div>
      ${factsList(factsOf(container, report))}
    </div>
    ${evidenceTable(container, id, report.takenAt)}
  </article>`;
}

function nameOf(container: ContainerView): SafeHtml {
  const app = appText(container, MAX_NAME);
  return app === null ? html`${kindWords(container)}` : html`<bdi>${app}</bdi>`;
}

function factsOf(
  container: ContainerView,
  { cgroups, takenAt }: ReportView,
): readonly (readonly [string, HtmlValue])[] {
  const { handle, app, since, pids, privileged, throttled } = container;
  const place = placeText(container, MAX_NAME);
  // In a capture, a hierarchy may be called `constructor`, which every object inherits.
  const path =
    cgroups.primary !== null && Object.hasOwn(container.cgroups, cgroups.primary)
      ? container.cgroups[cgroups.primary]
      : undefined;
  return [
    ...(place === null ? [] : [['Org / space', html`<bdi>${place}</bdi>`] as const]),
    [
      'Kind',
      `${kindWords(container)}${privileged ? ', privileged' : ''}${throttled ? ', throttled' : ''}`,
    ],
    ['Handle', html`<code>${foreign(handle, MAX_HANDLE)}</code>`],
    ...(app === null || app.id === null
      ? []
      : [['App', html`<code>${foreign(app.id, MAX_NAME)}</code>`] as const]),
    ...(since === null ? [] : [['Since', agedTime(since, takenAt)] as const]),
    ['Processes', pids],
    ...(path === undefined
      ? []
      : [['Cgroup', html`<code><bdi>${longPath(path)}</bdi></code>`] as const]),
  ];
}

function listItem(container: ContainerView, { takenAt }: ReportView): SafeHtml {
  const { handle, since, reason, sentence, acknowledged } = container;
  const place = placeText(container, MAX_NAME);
  return html`<li>
    ${icon(signOf(container))}
    <div>
      <p>
        <strong>${nameOf(container)}</strong
        >${place === null ? null : html` <span class="quiet"><bdi>${place}</bdi></span>`}${reason === null ? null : html` <span class="reason">${reason}</span>`}
      </p>
      <p>${sentenceText(sentence)}</p>
      ${acknowledged === null ? null : html`<p><bdi>${acknowledgementText(acknowledged)}</bdi></p>`}
      <p class="quiet">
        <code>${foreign(handle, MAX_HANDLE)}</code
        >${since === null ? null : html` since ${agedTime(since, takenAt)}`}
      </p>
    </div>
  </li>`;
}

const MAX_COMMAND = 200;

/** The processes of a difference. `id` is that of the finding. */
function evidenceTable(
  { processes, pids }: ContainerView,
  id: string,
  takenAt: string,
): SafeHtml | null {
  if (processes.length === 0) return null;
  const part = pids > processes.length ? ` (${processes.length} of ${pids})` : '';
  const ordinal = Number(id.slice(id.lastIndexOf('-') + 1)) + 1;
  // Explicit roles, because browsers drop the implicit ones when CSS makes a row a card.
  const table = html`<table class="processes cards" role="table">
    <caption>
      Processes${part}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col" class="number">Pid</th>
        <th role="columnheader" scope="col" class="number">Parent</th>
        <th role="columnheader" scope="col" class="number">User</th>
        <th role="columnheader" scope="col">Started</th>
        <th role="columnheader" scope="col">Command</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${processes.map((process) => processRow(process, takenAt))}
    </tbody>
  </table>`;
  return scrollRegion(`${id}-processes`, `Processes of finding ${ordinal}`, table);
}

const processRow = (
  { pid, parentPid, uid, startedAt, command }: ContainerView['processes'][number],
  takenAt: string,
): SafeHtml =>
  html`<tr role="row">
    <th role="rowheader" scope="row" class="number">${pid}</th>
    <td role="cell" class="number">${parentPid}</td>
    <td role="cell" class="number">${uid}</td>
    <td role="cell">${agedTime(startedAt, takenAt)}</td>
    <td role="cell"><code>${foreign(command, MAX_COMMAND)}</code></td>
  </tr>`;
