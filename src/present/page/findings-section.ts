import { pathIn } from '../../model/process.ts';
import type { ContainerReport, Report } from '../../model/report.ts';
import { oneLine } from '../../model/text.ts';
import { containerSentence, whatToDo } from '../sentence.ts';
import { evidenceTable } from './evidence-table.ts';
import {
  appText,
  foreign,
  kindWords,
  MAX_HANDLE,
  MAX_NAME,
  MAX_SENTENCE,
  pathText,
  placeText,
} from './foreign-text.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { icon, signed, signOf } from './icons.ts';
import { lastKnownMark } from './last-known.ts';
import { lastingText, timeElement } from './times.ts';

/** More would be no list to work through; the table below has them too. */
const MAX_FINDINGS = 50;
const MAX_PENDING = 20;

/** What needs somebody: every untracked container with all that is known of it, the worst first and drills last. */
export function untrackedSection(report: Report): SafeHtml | null {
  const untracked = report.containers.filter(({ status }) => status === 'untracked');
  if (untracked.length === 0) return null;
  const ordered = [
    ...untracked.filter(({ drill }) => !drill),
    ...untracked.filter(({ drill }) => drill),
  ];
  const omitted = ordered.length - MAX_FINDINGS;
  return html`<section id="untracked" aria-labelledby="untracked-title">
    <h2 id="untracked-title">Untracked${lastKnownMark(report)}</h2>
    ${ordered.slice(0, MAX_FINDINGS).map((container, index) => findingArticle(container, `finding-${index}`, report))}
    ${omitted > 0 ? html`<p class="more">… and ${omitted} more, in the table of all containers.</p>` : null}
  </section>`;
}

/** What may become a finding, or be over before it does. */
export function pendingSection(report: Report): SafeHtml | null {
  const pending = report.containers.filter(({ status }) => status === 'pending');
  if (pending.length === 0) return null;
  const omitted = pending.length - MAX_PENDING;
  return html`<section id="pending" aria-labelledby="pending-title">
    <h2 id="pending-title">Pending${lastKnownMark(report)}</h2>
    <ul class="pending-list">
      ${pending.slice(0, MAX_PENDING).map((container) => pendingItem(container, report))}
    </ul>
    ${omitted > 0 ? html`<p class="more">… and ${omitted} more, in the table of all containers.</p>` : null}
  </section>`;
}

function findingArticle(container: ContainerReport, id: string, report: Report): SafeHtml {
  const { drill, severity, reason } = container;
  const sign = signOf(container);
  const advice = whatToDo(container);
  return html`<article class="finding ${sign}" aria-labelledby="${id}">
    <header>
      <h3 id="${id}">
        ${drill ? html`<strong class="drill-word">DRILL</strong> no container` : nameOf(container)}
      </h3>
      ${drill ? null : signed(sign, severity ?? 'untracked')}
      ${reason === null ? null : html`<span class="reason">${reason}</span>`}
    </header>
    <div class="halves">
      <div>
        <p class="sentence">${oneLine(containerSentence(container), MAX_SENTENCE)}</p>
        ${advice === null ? null : html`<p class="advice"><strong>What to do</strong> ${advice}</p>`}
      </div>
      <dl class="facts">
        ${factsOf(container, report).map(
          ([words, value]) =>
            html`<div>
              <dt>${words}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>
    </div>
    ${evidenceTable(container, id)}
  </article>`;
}

function nameOf(container: ContainerReport): SafeHtml {
  const app = appText(container);
  return app === null ? html`${kindWords(container)}` : html`<bdi>${app}</bdi>`;
}

function factsOf(
  container: ContainerReport,
  { cgroups, takenAt }: Report,
): readonly (readonly [string, HtmlValue])[] {
  const { handle, app, since, drill, pids, privileged, throttled } = container;
  const handleFact = ['Handle', html`<code>${foreign(handle, MAX_HANDLE)}</code>`] as const;
  const sinceFact = sinceFacts(since, takenAt);
  if (drill) return [handleFact, ...sinceFact];
  const place = placeText(container);
  const path = cgroups.primary === null ? undefined : pathIn(container.cgroups, cgroups.primary);
  return [
    ...(place === null ? [] : [['Org / space', html`<bdi>${place}</bdi>`] as const]),
    [
      'Kind',
      `${kindWords(container)}${privileged ? ', privileged' : ''}${throttled ? ', throttled' : ''}`,
    ],
    handleFact,
    ...(app === null || app.id === null
      ? []
      : [['App', html`<code>${foreign(app.id, MAX_NAME)}</code>`] as const]),
    ...sinceFact,
    ['Processes', pids],
    ...(path === undefined
      ? []
      : [['Cgroup', html`<code><bdi>${pathText(path)}</bdi></code>`] as const]),
  ];
}

const sinceFacts = (
  since: string | null,
  takenAt: string,
): readonly (readonly [string, HtmlValue])[] =>
  since === null ? [] : [['Since', html`${timeElement(since)}${lastingText(since, takenAt)}`]];

function pendingItem(container: ContainerReport, { takenAt }: Report): SafeHtml {
  const { handle, since, reason } = container;
  const place = placeText(container);
  return html`<li>
    ${icon('pending')}
    <div>
      <p>
        <strong>${nameOf(container)}</strong
        >${place === null ? null : html` <span class="quiet"><bdi>${place}</bdi></span>`}${reason === null ? null : html` <span class="reason">${reason}</span>`}
      </p>
      <p>${oneLine(containerSentence(container), MAX_SENTENCE)}</p>
      <p class="quiet">
        <code>${foreign(handle, MAX_HANDLE)}</code
        >${since === null ? null : html` since ${timeElement(since)}${lastingText(since, takenAt)}`}
      </p>
    </div>
  </li>`;
}
