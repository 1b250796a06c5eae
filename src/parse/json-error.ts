export interface TextPosition {
  /** Counted from 1, in UTF-16 units. */
  readonly line: number;
  readonly column: number;
}

/** Every token of RFC 8259, and only those; white space is narrower than `\s`, which takes a byte order mark too. */
const TOKEN =
  /[ \t\r\n]*([{}[\],:]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;
const SPACE = /[ \t\r\n]*/y;

type Expected = 'value' | 'value-or-]' | 'key' | 'key-or-}' | 'colon' | 'comma-or-end';

/**
 * Where a text stops being JSON; null if it is JSON. JSON.parse itself often does not say: of an unexpected character it
 * quotes the surroundings, and of a text that ends too early it tells no place.
 */
export function jsonErrorAt(text: string): TextPosition | null {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let offset = 0;
  for (;;) {
    SPACE.lastIndex = offset;
    SPACE.exec(text);
    const start = SPACE.lastIndex;
    const container = open.at(-1);
    if (expected === 'comma-or-end' && container === undefined) {
      return start === text.length ? null : positionOf(text, start);
    }
    TOKEN.lastIndex = offset;
    const token = TOKEN.exec(text)?.[1];
    const next: Expected | null = token === undefined ? null : after(token, expected, container);
    if (token === undefined || next === null) return positionOf(text, start);
    if (token === '{' || token === '[') open.push(token);
    else if (token === '}' || token === ']') open.pop();
    expected = next;
    offset = TOKEN.lastIndex;
  }
}

/** What may follow a token that stands where `expected` was; null if it may not stand there. */
function after(
  token: string,
  expected: Expected,
  container: '{' | '[' | undefined,
): Expected | null {
  switch (expected) {
    case 'colon':
      return token === ':' ? 'value' : null;
    case 'comma-or-end':
      if (token === ',') return container === '{' ? 'key' : 'value';
      return token === (container === '{' ? '}' : ']') ? 'comma-or-end' : null;
    case 'key':
    case 'key-or-}':
      if (token.startsWith('"')) return 'colon';
      return token === '}' && expected === 'key-or-}' ? 'comma-or-end' : null;
    case 'value':
    case 'value-or-]':
      if (token === '{') return 'key-or-}';
      if (token === '[') return 'value-or-]';
      if (token === ']' && expected === 'value-or-]') return 'comma-or-end';
      return /^[}\],:]/.test(token) ? null : 'comma-or-end';
    default:
      return expected satisfies never;
  }
}

function positionOf(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
