import type { Tone } from '../document/blocks.ts';
import { html, ownMarkup, type SafeHtml } from './html.ts';

/** The tones that have a shape, so that nobody has to distinguish colours. */
export type Sign = Exclude<Tone, 'strong' | 'quiet'>;

const SHAPES: Readonly<Record<Sign, string>> = {
  good: '<circle cx="12" cy="12" r="11"/><path class="on" d="m6.8 12.4 3.6 3.6 6.9-7.6"/>',
  critical:
    '<path d="M7.7 1.5h8.6l6.2 6.2v8.6l-6.2 6.2H7.7l-6.2-6.2V7.7z"/><path class="on" d="M12 6.4v6.8M12 17v.6"/>',
  warning: '<path d="M12 1.6 23.4 21.6H.6z"/><path class="on" d="M12 8.8v5.6M12 17.6v.6"/>',
  pending: '<circle cx="12" cy="12" r="11"/><path class="on" d="M12 6.2V12l4.2 2.6"/>',
  // Not a diamond: with its question mark it would look like a character that failed to decode.
  unknown:
    '<rect x="1" y="1" width="22" height="22" rx="5"/><path class="on" d="M9 9.6c.2-3.6 6-3.6 6 0 0 2.2-3 2.2-3 4.4M12 17.2v.6"/>',
  drill: '<path d="M4 1.5h2V3h15l-4 5.5L21 14H6v8.5H4z"/>',
};

export const hasIcon = (tone: Tone): tone is Sign => Object.hasOwn(SHAPES, tone);

/** All shapes, once per page: a row of a table only refers to one. */
export const iconSprite: SafeHtml = ownMarkup(
  `<svg class="sprite" width="0" height="0" aria-hidden="true">${Object.entries(SHAPES)
    .map(([sign, shape]) => `<symbol id="i-${sign}" viewBox="0 0 24 24">${shape}</symbol>`)
    .join('')}</svg>`,
);

/** Decoration, because the word beside it says the same. */
export const icon = (sign: Sign): SafeHtml =>
  html`<svg class="icon" aria-hidden="true"><use href="#i-${sign}" /></svg>`;

const TAB_COLORS: Readonly<Record<Sign, string>> = {
  good: '%231a7f4b',
  critical: '%23c62828',
  warning: '%23b26a00',
  pending: '%235b6b7f',
  unknown: '%235b6b7f',
  drill: '%238435b8',
};

/** The icon of the browser's tab, as a data URL: it shows the verdict in a background tab too. */
export const tabIcon = (sign: Sign): string => {
  const shape = SHAPES[sign]
    .replaceAll('class="on"', 'fill="none" stroke="white" stroke-width="3"')
    .replaceAll('"', "'");
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='COLOR'>${shape}</svg>`;
  return `data:image/svg+xml,${svg.replaceAll('<', '%3C').replaceAll('>', '%3E').replace('COLOR', TAB_COLORS[sign])}`;
};
