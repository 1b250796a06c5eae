import type { ContainerReport } from '../../model/report.ts';
import { html, ownMarkup, type SafeHtml } from './html.ts';

/** What is going on, each with a shape and a word of its own, so that no colour has to be told from another. */
export type Sign = 'ok' | 'critical' | 'warning' | 'pending' | 'unknown' | 'drill' | 'info';

const SHAPES: Readonly<Record<Sign, string>> = {
  ok: '<circle cx="12" cy="12" r="11"/><path class="on" d="m6.8 12.4 3.6 3.6 6.9-7.6"/>',
  critical:
    '<path d="M7.7 1.5h8.6l6.2 6.2v8.6l-6.2 6.2H7.7l-6.2-6.2V7.7z"/><path class="on" d="M12 6.4v6.8M12 17v.6"/>',
  warning: '<path d="M12 1.6 23.4 21.6H.6z"/><path class="on" d="M12 8.8v5.6M12 17.6v.6"/>',
  pending: '<circle cx="12" cy="12" r="11"/><path class="on" d="M12 6.2V12l4.2 2.6"/>',
  unknown:
    '<path d="M12 .8 23.2 12 12 23.2.8 12z"/><path class="on" d="M9 9.6c.2-3.6 6-3.6 6 0 0 2.2-3 2.2-3 4.4M12 17.2v.6"/>',
  drill: '<path d="M4 1.5h2V3h15l-4 5.5L21 14H6v8.5H4z"/>',
  info: '<circle cx="12" cy="12" r="11"/><path class="on" d="M12 11v6.4M12 6.6v.6"/>',
};

const SIGNS: readonly Sign[] = ['ok', 'critical', 'warning', 'pending', 'unknown', 'drill', 'info'];

/** All shapes, once a page: a row of a table only refers to one. */
export const iconSprite: SafeHtml = ownMarkup(
  `<svg class="sprite" width="0" height="0" aria-hidden="true">${SIGNS.map(
    (sign) => `<symbol id="i-${sign}" viewBox="0 0 24 24">${SHAPES[sign]}</symbol>`,
  ).join('')}</svg>`,
);

/** Decoration: the word beside it says the same. */
export const icon = (sign: Sign): SafeHtml =>
  html`<svg class="icon ${sign}" aria-hidden="true"><use href="#i-${sign}" /></svg>`;

export const signed = (sign: Sign, words: string): SafeHtml =>
  html`<span class="sign ${sign}">${icon(sign)}${words}</span>`;

export function signOf({ status, severity, drill }: ContainerReport): Sign {
  if (drill) return 'drill';
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

/** The icon of the browser's tab, as a data URL: a tab in the background tells the verdict too. */
export const tabIcon = (sign: Sign): string => {
  const shape = SHAPES[sign]
    .replaceAll('class="on"', 'fill="none" stroke="white" stroke-width="3"')
    .replaceAll('"', "'");
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='COLOR'>${shape}</svg>`;
  return `data:image/svg+xml,${svg.replaceAll('<', '%3C').replaceAll('>', '%3E').replace('COLOR', TAB_COLORS[sign])}`;
};
