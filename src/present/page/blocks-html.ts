import {
  blocksIn,
  spansOf,
  type Block,
  type Blocks,
  type Row,
  type Section,
  type Span,
  type Table,
  type Text,
  type Tone,
} from '../document/blocks.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';

/* Blocks for the page: the template escapes every text. */

/** A part of the page, to which the links at its top lead. */
export const sectionHtml = ({ id, title, blocks }: Section): SafeHtml =>
  html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${blocksHtml(id, blocks)}
  </section>`;

/** What follows a heading belongs to it. */
export function blocksHtml(id: string, blocks: Blocks): HtmlValue {
  const articles: { readonly heading: Block | null; readonly blocks: Block[] }[] = [
    { heading: null, blocks: [] },
  ];
  for (const block of blocksIn(blocks)) {
    if (block.kind === 'heading') articles.push({ heading: block, blocks: [] });
    else articles.at(-1)?.blocks.push(block);
  }
  return articles.map(({ heading, blocks: below }, index) =>
    heading?.kind !== 'heading'
      ? below.map(blockHtml)
      : html`<article${classOf(heading.tone)} aria-labelledby="${id}-${index}">
          <h3 id="${id}-${index}">${heading.parts.map((part) => html`${textHtml(part)} `)}</h3>
          ${below.map(blockHtml)}
        </article>`,
  );
}

const classOf = (tone: Tone | undefined): SafeHtml | null =>
  tone === undefined ? null : html` class="${tone}"`;

function blockHtml(block: Block): SafeHtml {
  switch (block.kind) {
    case 'heading':
      return html`<h3>${textHtml(block.parts)}</h3>`;
    case 'sentence':
      return html`<p${classOf(block.tone)}>${block.mark ?? ''}${textHtml(block.text)}</p>`;
    case 'note':
      return html`<p class="quiet">${textHtml(block.text)}</p>`;
    case 'facts':
      return html`<dl>
        ${block.rows.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${textHtml(value)}</dd>
            </div>`,
        )}
      </dl>`;
    case 'steps':
      return html`<ol class="steps">
        ${block.steps.map(
          ({ action, command, result }) =>
            html`<li>
              <p>${textHtml(action)}</p>
              ${command === null ? null : commandHtml(command)}
              ${result === null ? null : html`<p class="quiet">${textHtml(result)}</p>`}
            </li>`,
        )}
      </ol>`;
    case 'commands':
      return html`${block.commands.map(commandHtml)}`;
    case 'table':
      return tableHtml(block);
    default:
      return block satisfies never;
  }
}

const commandHtml = (command: string): SafeHtml => html`<pre><code>${command}</code></pre>`;

/** A region that scrolls by itself, with the keyboard too; the script finds it by its id. */
function tableHtml({ id, caption, columns, rows, named = 0 }: Table): SafeHtml {
  const look = columns.map(({ align }) => (align === 'right' ? html` class="number"` : null));
  const cells = ({ cells: texts }: Row): HtmlValue =>
    columns.map(({ title }, index) => {
      const shown = textHtml(texts[index] ?? '');
      return index === named
        ? html`<th role="rowheader" scope="row" data-title="${title}" ${look[index] ?? null}>
            ${shown}
          </th>`
        : html`<td role="cell" data-title="${title}" ${look[index] ?? null}>${shown}</td>`;
    });
  // The roles are explicit, because browsers drop the implicit ones when CSS makes a row a card.
  return html`<div
    class="scroll"
    id="${id}"
    role="region"
    aria-label="${caption}"
    tabindex="0"
    data-keep
  >
    <table role="table">
      <caption class="heard">
        ${caption}
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          ${columns.map(
            ({ title }, index) =>
              html`<th role="columnheader" scope="col" ${look[index] ?? null}>${title}</th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(
          (row) =>
            html`<tr role="row">
                ${cells(row)}
              </tr>
              ${belowHtml(row, columns.length)}`,
        )}
      </tbody>
    </table>
  </div>`;
}

function belowHtml({ below = false }: Row, columns: number): SafeHtml | null {
  const blocks = blocksIn(below);
  return blocks.length === 0
    ? null
    : html`<tr role="row" class="below">
        <td role="cell" colspan="${columns}">${blocks.map(blockHtml)}</td>
      </tr>`;
}

const RFC_3339 = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** Our own words; browsers would break a time in them at each hyphen. */
const ownHtml = (text: string): HtmlValue =>
  // Split at a pattern with a group, so the times are at the odd positions.
  text.split(RFC_3339).map((part, index) => (index % 2 === 0 ? part : html`<time>${part}</time>`));

function spanHtml({ text, tone, isCode, isUnbroken, href }: Span): SafeHtml {
  const words = html`<bdi>${isUnbroken === true ? text : ownHtml(text)}</bdi>`;
  const shown = isCode === true ? html`<code>${words}</code>` : words;
  const linked = href === undefined ? shown : html`<a href="${href}">${shown}</a>`;
  const look = [tone, isUnbroken === true ? 'unbroken' : undefined].filter(
    (one) => one !== undefined,
  );
  return look.length === 0 ? linked : html`<span class="${look.join(' ')}">${linked}</span>`;
}

const textHtml = (text: Text): HtmlValue =>
  spansOf(text).map((part) => (typeof part === 'string' ? ownHtml(part) : spanHtml(part)));
