import { TYPED_ON_CELL } from '../../model/typed-as.ts';
import type { ByteString } from '../../model/ids.ts';
import type { ContainerView, ReportView } from '../../model/report-view.ts';
import { runbookLink } from '../reason-texts.ts';
import { secondsBetween, spanText } from '../quantities.ts';
import { html, ownMarkup, type HtmlValue, type SafeHtml } from './html.ts';
import { textOfBytes, oneLine } from '../../model/text.ts';

export const MAX_NAME = 80;
const MAX_PATH = 300;
export const MAX_SENTENCE = 900;

/**
 * A text that others chose: bounded, with visible control and bidirectional characters, and
 * isolated, so that right-to-left letters do not reorder the text beside them.
 */
export const foreign = (text: string, limit: number): SafeHtml =>
  html`<bdi>${oneLine(text, limit)}</bdi>`;

/** A mount of an event, whose data may come from another version. */
export const mountOf = (value: unknown): SafeHtml =>
  typeof value === 'string' ? html`<code>${foreign(value, MAX_PATH)}</code>` : html`no mount`;

export const longPath = (path: string): string => oneLine(path, MAX_PATH);
export const pathText = (path: ByteString): string => longPath(textOfBytes(path));

const KIND_WORDS = {
  'app-instance': 'app instance',
  task: 'task',
  'health-check': 'health check',
  other: 'other',
} as const;

export const kindWords = ({ kind }: ContainerView): string => KIND_WORDS[kind];

export const factsList = (facts: readonly (readonly [string, HtmlValue])[]): SafeHtml =>
  html`<dl class="facts">
    ${facts.map(
      ([words, value]) =>
        html`<div>
          <dt>${words}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;

/** Below a shortened list: how many entries it leaves out, and where they are. */
export const moreNote = (omitted: number, where: HtmlValue): SafeHtml | null =>
  omitted > 0 ? html`<p class="more">… and ${omitted} ${where}</p>` : null;

/** A region that scrolls by itself, with the keyboard too; the script finds it by its id. */
export const scrollRegion = (id: string, label: string, content: HtmlValue): SafeHtml =>
  html`<div class="scroll" id="${id}" role="region" aria-label="${label}" tabindex="0" data-keep>
    ${content}
  </div>`;

/** A part of the page, to which the links at its top lead. */
export const section = (id: string, title: HtmlValue, content: HtmlValue): SafeHtml =>
  html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${content}
  </section>`;

/** A column, and its cell in the row of each item. */
type PageColumn<Item> = readonly [
  title: string,
  cell: (item: Item) => HtmlValue,
  isNumber?: 'number',
];

interface DataTable<Item> {
  readonly look: string;
  readonly caption: string;
  /** Whether the caption is only for those who do not see the heading above it. */
  readonly isHeard?: boolean;
  /** The column whose cells name their rows; the first by default. */
  readonly named?: number;
  /** For the filter. */
  readonly statusOf?: (item: Item) => string;
}

/** Its roles are explicit, because browsers drop the implicit ones when CSS makes a row a card. */
export function dataTable<Item>(
  items: readonly Item[],
  { look, caption, isHeard = false, named = 0, statusOf }: DataTable<Item>,
  columns: readonly PageColumn<Item>[],
): SafeHtml {
  const number = (isNumber?: 'number') => (isNumber === undefined ? null : html`class="number"`);
  const row = (item: Item): SafeHtml =>
    html`<tr role="row" ${statusOf === undefined ? null : html`data-status="${statusOf(item)}"`}>
      ${columns.map(([, cell, isNumber], index) =>
        index === named
          ? html`<th role="rowheader" scope="row" ${number(isNumber)}>${cell(item)}</th>`
          : html`<td role="cell" ${number(isNumber)}>${cell(item)}</td>`,
      )}
    </tr> `;
  return html`<table class="${look}" role="table">
    <caption${isHeard ? html` class="heard"` : null}>
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map(([title, , isNumber]) => html`<th role="columnheader" scope="col" ${number(isNumber)}>${title}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${items.map(row)}
    </tbody>
  </table>`;
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** A time for people, to the second, in UTC. Anything that is not a time is shown unchanged. */
const timeText = (at: string): string =>
  RFC_3339.test(at) ? `${at.slice(0, 10)} ${at.slice(11, 19)} UTC` : oneLine(at, 40);

export const timeElement = (at: string): SafeHtml =>
  RFC_3339.test(at) ? html`<time datetime="${at}">${timeText(at)}</time>` : html`${timeText(at)}`;

const TIMES = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** A sentence whose times stay on one line; browsers would break them at each hyphen. */
export const sentenceText = (text: string): SafeHtml =>
  // Split at a pattern with a group, so the times are at the odd positions.
  html`${oneLine(text, MAX_SENTENCE)
    .split(TIMES)
    .map((part, index) => (index % 2 === 0 ? part : html`<time>${part}</time>`))}`;

/** A time and its age at the time of the pass. A line may break between the two, but in neither. */
export function agedTime(at: string, takenAt: string): SafeHtml {
  const seconds = secondsBetween(at, takenAt);
  const time = timeElement(at);
  return seconds === null
    ? time
    : html`${time} <span class="ago">(${spanText(seconds)} ago)</span>`;
}

/** Each has its own shape and word, so that nobody has to distinguish colours. */
export type Sign = 'ok' | 'critical' | 'warning' | 'pending' | 'unknown' | 'drill' | 'info';

const SHAPES: Readonly<Record<Sign, string>> = {
  ok: '<circle cx="12" cy="12" r="11"/><path class="on" d="m6.8 12.4 3.6 3.6 6.9-7.6"/>',
  critical:
    '<path d="M7.7 1.5h8.6l6.2 6.2v8.6l-6.2 6.2H7.7l-6.2-6.2V7.7z"/><path class="on" d="M12 6.4v6.8M12 17v.6"/>',
  warning: '<path d="M12 1.6 23.4 21.6H.6z"/><path class="on" d="M12 8.8v5.6M12 17.6v.6"/>',
  pending: '<circle cx="12" cy="12" r="11"/><path class="on" d="M12 6.2V12l4.2 2.6"/>',
  // Not a diamond: with its question mark it would look like a character that failed to decode.
  unknown:
    '<rect x="1" y="1" width="22" height="22" rx="5"/><path class="on" d="M9 9.6c.2-3.6 6-3.6 6 0 0 2.2-3 2.2-3 4.4M12 17.2v.6"/>',
  drill: '<path d="M4 1.5h2V3h15l-4 5.5L21 14H6v8.5H4z"/>',
  info: '<circle cx="12" cy="12" r="11"/><path class="on" d="M12 11v6.4M12 6.6v.6"/>',
};

/** All shapes, once per page: a row of a table only refers to one. */
export const iconSprite: SafeHtml = ownMarkup(
  `<svg class="sprite" width="0" height="0" aria-hidden="true">${Object.entries(SHAPES)
    .map(([sign, shape]) => `<symbol id="i-${sign}" viewBox="0 0 24 24">${shape}</symbol>`)
    .join('')}</svg>`,
);

/** Decoration, because the word beside it says the same. */
export const icon = (sign: Sign): SafeHtml =>
  html`<svg class="icon ${sign}" aria-hidden="true"><use href="#i-${sign}" /></svg>`;

export const signed = (sign: Sign, words: string): SafeHtml =>
  html`<span class="sign ${sign}">${icon(sign)}${words}</span>`;

/** All but drills. */
export const realContainers = ({ containers }: ReportView): readonly ContainerView[] =>
  containers.filter(({ drill }) => !drill);

/** The untracked containers, without drills. */
export const untrackedOf = (report: ReportView): readonly ContainerView[] =>
  realContainers(report).filter(({ status }) => status === 'untracked');

export const drillsOf = ({ containers }: ReportView): readonly ContainerView[] =>
  containers.filter(({ drill }) => drill);

export function signOf({ status, severity }: ContainerView): Sign {
  if (status === 'tracked') return 'ok';
  if (status === 'pending') return 'pending';
  return severity === 'critical' ? 'critical' : 'warning';
}

const TAB_COLORS: Readonly<Record<Sign, string>> = {
  ok: '%231a7f4b',
  critical: '%23c62828',
  warning: '%23b26a00',
  pending: '%235b6b7f',
  unknown: '%235b6b7f',
  drill: '%238435b8',
  info: '%235b6b7f',
};

/** The icon of the browser's tab, as a data URL: it shows the verdict in a background tab too. */
export const tabIcon = (sign: Sign): string => {
  const shape = SHAPES[sign]
    .replaceAll('class="on"', 'fill="none" stroke="white" stroke-width="3"')
    .replaceAll('"', "'");
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='COLOR'>${shape}</svg>`;
  return `data:image/svg+xml,${svg.replaceAll('<', '%3C').replaceAll('>', '%3E').replace('COLOR', TAB_COLORS[sign])}`;
};

/** A reason, linked to the operator's runbook where one is configured. */
export function reasonTag(reason: string, runbookUrl: string | null): SafeHtml {
  const text = oneLine(reason, 40);
  const link = runbookLink(runbookUrl, text);
  return link === null
    ? html`<span class="reason">${text}</span>`
    : html`<a class="reason" href="${link}">${text}</a>`;
}

/** Where no link leads to the runbook, the command that shows its section. */
export const runbookHint = (reason: string, runbookUrl: string | null): SafeHtml | null =>
  runbookUrl === null
    ? html`<p class="quiet">
        <code>${TYPED_ON_CELL} runbook ${oneLine(reason, 40)}</code> says what to do about it.
      </p>`
    : null;
