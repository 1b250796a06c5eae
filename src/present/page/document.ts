import { oneLine } from '../../model/text.ts';
import { html, ownMarkup, type HtmlValue, type SafeHtml } from './html.ts';
import { iconSprite, tabIcon, type Sign } from './icons.ts';
import { REFRESH_SCRIPT } from './refresh-script.ts';
import { STYLE_SHEET } from './style-sheet.ts';

export interface NavigationLink {
  readonly target: string;
  readonly words: string;
  readonly count: number | null;
}

export interface PageParts {
  readonly title: string;
  readonly sign: Sign;
  /** Null before the first pass. */
  readonly hostname: string | null;
  readonly version: string;
  readonly links: readonly NavigationLink[];
  readonly main: HtmlValue;
  readonly footer: HtmlValue;
  /** Null: the page stays as it is. */
  readonly refreshSeconds: number | null;
  /** For a page in a file, which has no headers: its policy, in the page. */
  readonly policy: string | null;
}

// To the letter what the policy has the hashes of.
const styleElement = ownMarkup(`<style>${STYLE_SHEET}</style>`);
const scriptElement = ownMarkup(`<script>${REFRESH_SCRIPT}</script>`);

/** The whole document around what is told in it. */
export function documentHtml(parts: PageParts): string {
  const { title, sign, hostname, links, refreshSeconds, policy } = parts;
  const version = oneLine(parts.version, 40);
  const page = html`<!doctype html>
    <html lang="en" data-version="${version}" data-interval="${refreshSeconds ?? ''}">
      <head>
        <meta charset="utf-8" />
        ${policy === null ? null : html`<meta http-equiv="content-security-policy" content="${policy}" />`}
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <link rel="icon" href="${tabIcon(sign)}" />
        ${styleElement}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the verdict</a>
        ${iconSprite}
        <header class="top">
          <p class="brand">rollcall</p>
          ${hostname === null ? null : html`<p class="cell">cell <bdi>${oneLine(hostname, 100)}</bdi></p>`}
          <nav aria-label="Parts of this page">
            <ul>
              ${links.map(linkItem)}
            </ul>
          </nav>
          ${refreshSeconds === null ? null : refreshBar}
        </header>
        <main id="main" tabindex="-1">${parts.main}</main>
        <footer>${parts.footer}</footer>
        ${
          refreshSeconds === null
            ? null
            : html`<p id="announcement" class="heard" role="status"></p>
                ${scriptElement}`
        }
      </body>
    </html> `;
  return page.toString();
}

/** Shown by the script: without it there is nothing to pause. */
const refreshBar: SafeHtml = html`<p id="refresh" class="refresh" hidden>
  <span id="refresh-words"></span> <button id="refresh-button" type="button">Pause</button>
</p>`;

const linkItem = ({ target, words, count }: NavigationLink): SafeHtml =>
  html`<li>
    <a href="#${target}" id="to-${target}"
      >${words}${count === null ? null : html` <span class="count">${count}</span>`}</a
    >
  </li>`;
