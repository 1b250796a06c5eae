import type { ContainerView, ReportView } from '../../model/report-view.ts';
import { acknowledgementText } from '../acknowledgement-text.ts';
import { appText, MAX_HANDLE, placeText } from '../names.ts';
import {
  agedTime,
  dataTable,
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
  section,
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
  return section('untracked', html`Untracked${mark}`, [
    untracked
      .slice(0, MAX_FINDINGS)
      .map((container, index) => findingArticle(container, index, { report, runbookUrl })),
    moreNote(untracked.length - MAX_FINDINGS, 'more, in the table of all containers.'),
  ]);
}

/** Below everything that is real: a drill is not a container, and needs no action. */
export function drillSection(report: ReportView): SafeHtml | null {
  const drills = drillsOf(report);
  if (drills.length === 0) return null;
  const title = html`${icon('drill')} <strong class="drill-word">DRILL</strong> not a finding`;
  return section(
    'drill',
    title,
    drills
      .slice(0, MAX_FINDINGS)
      .map((drill) => [
        html`<p>${sentenceText(drill.sentence)}</p>`,
        handleLine(drill, report.takenAt),
      ]),
  );
}

const MAX_WARNINGS = 20;

/** What is wrong with the cell and with no container alone. */
export function warningsSection({ cell }: ReportView, runbookUrl: string | null): SafeHtml | null {
  const { warnings } = cell;
  if (warnings.length === 0) return null;
  return section('warnings', 'Warnings about the cell', [
    html`<ul class="warning-list">
      ${warnings.slice(0, MAX_WARNINGS).map((warning) => warningItem(warning, runbookUrl))}
    </ul>`,
    moreNote(warnings.length - MAX_WARNINGS, 'more.'),
  ]);
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
export const pendingSection = (report: ReportView, mark: SafeHtml | null): SafeHtml | null =>
  listSection('pending', html`Pending${mark}`, {
    containers: report.containers.filter(({ status }) => status === 'pending'),
    most: MAX_PENDING,
    takenAt: report.takenAt,
  });

/** Findings that somebody knows about, apart from those that count. */
export const acknowledgedSection = (report: ReportView, mark: SafeHtml | null): SafeHtml | null =>
  listSection('acknowledged', html`Acknowledged${mark}`, {
    containers: report.containers.filter(({ acknowledged }) => acknowledged !== null),
    most: MAX_ACKNOWLEDGED,
    takenAt: report.takenAt,
  });

interface ContainerList {
  readonly containers: readonly ContainerView[];
  readonly most: number;
  readonly takenAt: string;
}

const listSection = (
  id: string,
  title: SafeHtml,
  { containers, most, takenAt }: ContainerList,
): SafeHtml | null =>
  containers.length === 0
    ? null
    : section(id, title, [
        html`<ul class="pending-list">
          ${containers.slice(0, most).map((container) => listItem(container, takenAt))}
        </ul>`,
        moreNote(containers.length - most, 'more, in the table of all containers.'),
      ]);

function findingArticle(
  container: ContainerView,
  index: number,
  { report, runbookUrl }: { readonly report: ReportView; readonly runbookUrl: string | null },
): SafeHtml {
  const { severity, reason, sentence, advice } = container;
  const sign = signOf(container);
  const id = `finding-${index}`;
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
    ${evidenceTable(container, index, report.takenAt)}
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

function listItem(container: ContainerView, takenAt: string): SafeHtml {
  const { reason, sentence, acknowledged } = container;
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
      ${handleLine(container, takenAt)}
    </div>
  </li>`;
}

const handleLine = (
  { handle, since }: Pick<ContainerView, 'handle' | 'since'>,
  takenAt: string,
): SafeHtml =>
  html`<p class="quiet">
    <code>${foreign(handle, MAX_HANDLE)}</code
    >${since === null ? null : html` since ${agedTime(since, takenAt)}`}
  </p>`;

const MAX_COMMAND = 200;

/** The processes of a difference. */
function evidenceTable(
  { processes, pids }: ContainerView,
  index: number,
  takenAt: string,
): SafeHtml | null {
  if (processes.length === 0) return null;
  const part = pids > processes.length ? ` (${processes.length} of ${pids})` : '';
  const table = dataTable({
    look: 'processes cards',
    caption: `Processes${part}`,
    isHeard: false,
    columns: ['Pid', 'Parent', 'User', 'Started', 'Command'],
    numbers: [0, 1, 2],
    rows: processes.map(({ pid, parentPid, uid, startedAt, ended, command }) => ({
      cells: [
        pid,
        parentPid,
        uid,
        html`${agedTime(startedAt, takenAt)}${ended ? ', ended' : null}`,
        html`<code>${foreign(command, MAX_COMMAND)}</code>`,
      ],
    })),
  });
  return scrollRegion(`finding-${index}-processes`, `Processes of finding ${index + 1}`, table);
}
