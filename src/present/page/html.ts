/** Markup that may stand in a page as it is. Only `html` and `ownMarkup` make one, and the private field keeps it so. */
export class SafeHtml {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type HtmlValue = string | number | SafeHtml | null | readonly HtmlValue[];

/** Tagged template: what stands in the source is markup, every value is text and escaped, unless it is markup already. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): SafeHtml {
  const pieces = piecesOf(strings);
  let text = pieces[0] ?? '';
  for (const [index, value] of values.entries()) {
    text += rendered(value) + (pieces[index + 1] ?? '');
  }
  return new SafeHtml(text);
}

const known = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The markup of a template without its indentation, which is a third of a table. A template is the same object each time. */
function piecesOf(strings: TemplateStringsArray): readonly string[] {
  const before = known.get(strings);
  if (before !== undefined) return before;
  const pieces = strings.map((piece) => piece.replaceAll(/\s*\n\s*/g, '\n'));
  known.set(strings, pieces);
  return pieces;
}

/** For constants of this source only, never for a value: a style sheet and a script are not escaped in HTML. */
export const ownMarkup = (constant: string): SafeHtml => new SafeHtml(constant);

function rendered(value: HtmlValue): string {
  if (value === null) return '';
  if (value instanceof SafeHtml) return value.toString();
  if (typeof value === 'string') return escapeHtml(value);
  return typeof value === 'number' ? String(value) : value.map(rendered).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text for an element's content and for a quoted attribute value alike: in neither can it end what it stands in. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
