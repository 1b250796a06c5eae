import type { ContainerView, ReportView } from '../../model/report-view.ts';
import { appText, MAX_HANDLE, placeText } from '../names.ts';
import * as ui from './elements.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';

/** A list of more findings could not be worked through; the table below has them too. */
const MAX_FINDINGS = 50;

/** Every untracked container with all that is known of it, the worst first. No drill is one. */
export function untrackedSection(
  report: ReportView,
  mark: SafeHtml | null,
  runbookUrl: string | null,
): SafeHtml | null {
  const untracked = ui.untrackedOf(report);
  if (untracked.length === 0) return null;
  return ui.section('untracked', html`Untracked${mark}`, [
    untracked
      .slice(0, MAX_FINDINGS)
      .map((container, index) => findingArticle(container, index, { report, runbookUrl })),
    ui.moreNote(untracked.length - MAX_FINDINGS, 'more, in the table of all containers.'),
  ]);
}

/** Below everything that is real: a drill is not a container, and needs no action. */
export function drillSection(report: ReportView): SafeHtml | null {
  const drills = ui.drillsOf(report);
  if (drills.length === 0) return null;
  const title = html`${ui.icon('drill')} <strong class="drill-word">DRILL</strong> not a finding`;
  return ui.section(
    'drill',
    title,
    drills
      .slice(0, MAX_FINDINGS)
      .map((drill) => [
        html`<p>${ui.sentenceText(drill.sentence)}</p>`,
        handleLine(drill, report.takenAt),
      ]),
  );
}

const MAX_WARNINGS = 20;

/** What is wrong with the cell and with no container alone. */
export function warningsSection({ cell }: ReportView, runbookUrl: string | null): SafeHtml | null {
  const { warnings } = cell;
  if (warnings.length === 0) return null;
  return ui.section('warnings', 'Warnings about the cell', [
    html`<ul class="warning-list">
      ${warnings.slice(0, MAX_WARNINGS).map((warning) => warningItem(warning, runbookUrl))}
    </ul>`,
    ui.moreNote(warnings.length - MAX_WARNINGS, 'more.'),
  ]);
}

const warningItem = (
  { reason, sentence }: ReportView['cell']['warnings'][number],
  runbookUrl: string | null,
): SafeHtml =>
  html`<li>
    <div>
      <p>${ui.signed('warning', 'Warning')} ${ui.reasonTag(reason, runbookUrl)}</p>
      <p>${ui.sentenceText(sentence)}</p>
      ${ui.runbookHint(reason, runbookUrl)}
    </div>
  </li>`;

const MAX_PENDING = 20;

/** Differences that may become findings, or end before that. */
export function pendingSection(
  report: ReportView,
  mark: SafeHtml | null,
  runbookUrl: string | null,
): SafeHtml | null {
  const pending = report.containers.filter(({ status }) => status === 'pending');
  if (pending.length === 0) return null;
  return ui.section('pending', html`Pending${mark}`, [
    html`<ul class="pending-list">
      ${pending.slice(0, MAX_PENDING).map((one) => pendingItem(one, report.takenAt, runbookUrl))}
    </ul>`,
    ui.moreNote(pending.length - MAX_PENDING, 'more, in the table of all containers.'),
  ]);
}

function findingArticle(
  container: ContainerView,
  index: number,
  { report, runbookUrl }: { readonly report: ReportView; readonly runbookUrl: string | null },
): SafeHtml {
  const { severity, reason, sentence, advice } = container;
  const sign = ui.signOf(container);
  const id = `finding-${index}`;
  return html`<article class="finding ${sign}" aria-labelledby="${id}">
    <header>
      <h3 id="${id}">${nameOf(container)}</h3>
      ${ui.signed(sign, severity ?? 'untracked')}
      ${reason === null ? null : ui.reasonTag(reason, runbookUrl)}
    </header>
    <div class="halves">
      <div>
        <p class="sentence">${ui.sentenceText(sentence)}</p>
        ${advice === null ? null : adviceBlock(advice)}
        ${reason === null ? null : ui.runbookHint(reason, runbookUrl)}
      </div>
      ${ui.factsList(factsOf(container, report))}
    </div>
    ${evidenceTable(container, index, report.takenAt)}
  </article>`;
}

const adviceBlock = ({ urgency, steps }: NonNullable<ContainerView['advice']>): SafeHtml =>
  html`<div class="advice">
    <p><strong>What to do</strong> ${urgency}</p>
    <ol>
      ${steps.map(
        ({ action, command, result }) =>
          html`<li>
            ${action}${command === null ? null : html` <code>${command}</code>`}${result === null ? null : html` ${result}`}
          </li>`,
      )}
    </ol>
  </div>`;

/** Its app; without a name, its handle, which tells it apart from others. */
function nameOf(container: ContainerView): SafeHtml {
  const app = appText(container, ui.MAX_NAME);
  return app === null
    ? html`<code>${ui.foreign(container.handle, ui.MAX_NAME)}</code>`
    : html`<bdi>${app}</bdi>`;
}

function factsOf(
  container: ContainerView,
  { cgroups, takenAt }: ReportView,
): readonly (readonly [string, HtmlValue])[] {
  const { handle, app, since, pids, privileged, throttled } = container;
  const place = placeText(container, ui.MAX_NAME);
  // In a capture, a hierarchy may be called `constructor`, which every object inherits.
  const path =
    cgroups.primary !== null && Object.hasOwn(container.cgroups, cgroups.primary)
      ? container.cgroups[cgroups.primary]
      : undefined;
  return [
    ...(place === null ? [] : [['Org / space', html`<bdi>${place}</bdi>`] as const]),
    [
      'Kind',
      `${ui.kindWords(container)}${privileged ? ', privileged' : ''}${throttled ? ', throttled' : ''}`,
    ],
    ['Handle', html`<code>${ui.foreign(handle, MAX_HANDLE)}</code>`],
    ...(app === null || app.id === null
      ? []
      : [['App', html`<code>${ui.foreign(app.id, ui.MAX_NAME)}</code>`] as const]),
    ...(since === null ? [] : [['Since', ui.agedTime(since, takenAt)] as const]),
    ['Processes', pids],
    ...(path === undefined
      ? []
      : [['Cgroup', html`<code><bdi>${ui.longPath(path)}</bdi></code>`] as const]),
  ];
}

function pendingItem(
  container: ContainerView,
  takenAt: string,
  runbookUrl: string | null,
): SafeHtml {
  const { reason, sentence } = container;
  const place = placeText(container, ui.MAX_NAME);
  return html`<li>
    ${ui.icon(ui.signOf(container))}
    <div>
      <p>
        <strong>${nameOf(container)}</strong
        >${place === null ? null : html` <span class="quiet"><bdi>${place}</bdi></span>`}${reason === null ? null : html` ${ui.reasonTag(reason, runbookUrl)}`}
      </p>
      <p>${ui.sentenceText(sentence)}</p>
      ${handleLine(container, takenAt)}
    </div>
  </li>`;
}

const handleLine = (
  { handle, since }: Pick<ContainerView, 'handle' | 'since'>,
  takenAt: string,
): SafeHtml =>
  html`<p class="quiet">
    <code>${ui.foreign(handle, MAX_HANDLE)}</code
    >${since === null ? null : html` since ${ui.agedTime(since, takenAt)}`}
  </p>`;

const MAX_COMMAND = 200;

function evidenceTable(
  { processes, pids }: ContainerView,
  index: number,
  takenAt: string,
): SafeHtml | null {
  if (processes.length === 0) return null;
  const part = pids > processes.length ? ` (${processes.length} of ${pids})` : '';
  const look = { look: 'processes cards', caption: `Processes${part}` };
  const table = ui.dataTable(processes, look, [
    ['Pid', ({ pid }) => pid, 'number'],
    ['Parent', ({ parentPid }) => parentPid, 'number'],
    ['User', ({ uid }) => uid, 'number'],
    ['Started', (one) => [ui.agedTime(one.startedAt, takenAt), one.ended ? ', ended' : null]],
    ['Command', ({ command }) => html`<code>${ui.foreign(command, MAX_COMMAND)}</code>`],
  ]);
  return ui.scrollRegion(`finding-${index}-processes`, `Processes of finding ${index + 1}`, table);
}
