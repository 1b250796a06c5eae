/** Markup that needs no escaping. Thanks to the private field only this file can create it. */
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

/** Tagged template: escapes every value that is not already markup. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): SafeHtml {
  const pieces = piecesOf(strings);
  let text = pieces[0] ?? '';
  for (const [index, value] of values.entries()) {
    text += rendered(value) + (pieces[index + 1] ?? '');
  }
  return new SafeHtml(text);
}

const known = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Without indentation, a third of a table. Cached: a template is always the same object. */
function piecesOf(strings: TemplateStringsArray): readonly string[] {
  const before = known.get(strings);
  if (before !== undefined) return before;
  const pieces = strings.map((piece) => piece.replaceAll(/\s*\n\s*/g, '\n'));
  known.set(strings, pieces);
  return pieces;
}

/** Only for constants of this source: HTML does not unescape a style sheet or a script. */
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

/** Safe as an element's content and in a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
