/** Characters of two columns on a terminal: East Asian wide and full-width (UAX #11), and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
/** Characters that are drawn on the one before them. */
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;
const NARROW = /^[\x20-\x7e]*$/;
const ELLIPSIS = '…';

const characterWidth = (character: string): number => {
  if (character < '\u0300') return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
};

/** The columns of a text on a terminal; the text has no control characters and no colour. */
export function displayWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The longest beginning of a text that fits. */
function beginning(text: string, width: number): string {
  if (NARROW.test(text)) return text.slice(0, width);
  let taken = 0;
  let end = 0;
  for (const character of text) {
    taken += characterWidth(character);
    if (taken > width) break;
    end += character.length;
  }
  return text.slice(0, end);
}

const reversed = (text: string): string => Array.from(text).toReversed().join('');

const ending = (text: string, width: number): string => reversed(beginning(reversed(text), width));

/** A text in at most `width` columns. An ellipsis marks what is missing at its end. */
export function cutEnd(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  return width < 1 ? '' : beginning(text, width - 1) + ELLIPSIS;
}

/** Like `cutEnd`, but cuts in the middle: both ends of a path say more than its first half. */
export function cutMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  const front = Math.floor((width - 1) / 2);
  return beginning(text, front) + ELLIPSIS + ending(text, width - 1 - front);
}

/** A text in lines of at most `width` columns, broken inside a word only if necessary. */
export const wrapText = (text: string, width: number): string[] =>
  wrapWords(text.split(' '), width);

interface Hanging {
  readonly columns: number;
  /** What the first line begins with; the others are indented as much. */
  readonly first: string;
}

/** Words, of which each may contain spaces, in lines with a label or a mark before the first. */
export const hangingLines = (words: readonly string[], { columns, first }: Hanging): string[] =>
  wrapWords(words, columns - first.length).map((line, index) =>
    index === 0 ? first + line : ' '.repeat(first.length) + line,
  );

/** A word of a command for a shell, whose quoted parts may have spaces; an odd quote is a part of its own. */
const SHELL_WORD = /(?:'[^']*'|"[^"]*"|[^ ])+/g;

/**
 * A command in lines that a shell takes as they stand: broken between words only, so that a word may
 * be longer than the terminal is wide.
 */
export function commandLines(command: string, { columns, first }: Hanging): string[] {
  const lines: string[] = [];
  const room = columns - MORE.length;
  for (const part of programsOf(command)) {
    // A whole program with its arguments is easier to read than one that begins at the end of a line.
    const isWhole = displayWidth(`${first}  ${part.join(' ')}`) <= room;
    for (const word of isWhole ? [part.join(' ')] : part) {
      const line = lines.at(-1);
      const longer = line === undefined ? first + word : `${line} ${word}`;
      if (line === undefined) lines.push(longer);
      else if (displayWidth(longer) <= room) lines.splice(-1, 1, longer);
      else lines.push(`${first}  ${word}`);
    }
  }
  return lines.map((line, index) => (index < lines.length - 1 ? line + MORE : line));
}

/** The words of each program of a command; each but the first begins with what stands before it, such as `|`. */
function programsOf(command: string): readonly (readonly string[])[] {
  const programs: string[][] = [[]];
  for (const word of command.match(SHELL_WORD) ?? []) {
    if (word === '|' || word === '&&') programs.push([]);
    programs.at(-1)?.push(word);
  }
  return programs;
}

const MORE = ' \\';

/** Like `wrapText`, but a word may contain spaces, at which it is not broken. */
export function wrapWords(words: readonly string[], width: number): string[] {
  const room = Math.max(1, width);
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) <= room) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    const parts = displayWidth(word) > room ? brokenWord(word, room) : [word];
    line = parts.pop() ?? '';
    for (const part of parts) lines.push(part);
  }
  lines.push(line);
  return lines;
}

/** In linear time: a word may have any length. At least one character per line, however wide. */
function brokenWord(word: string, room: number): string[] {
  const parts: string[] = [];
  let part = '';
  let taken = 0;
  for (const character of word) {
    const width = characterWidth(character);
    if (part !== '' && taken + width > room) {
      parts.push(part);
      part = '';
      taken = 0;
    }
    part += character;
    taken += width;
  }
  return [...parts, part];
}
