import { html, type HtmlValue, type SafeHtml } from './html.ts';

/**
 * What may be wider or longer than the window: scrolled by itself, also with the keyboard. The script finds it again by its
 * id after a refresh.
 */
export const scrollRegion = (id: string, label: string, content: HtmlValue): SafeHtml =>
  html`<div class="scroll" id="${id}" role="region" aria-label="${label}" tabindex="0" data-keep>
    ${content}
  </div>`;
