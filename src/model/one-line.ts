/** Control and format characters (line breaks, terminal escapes, bidirectional overrides), line separators, lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const escaped = (character: string): string => {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
};

/**
 * A text as others gave it, made fit for a sentence: at most `limit` characters (an ellipsis included), what would break
 * the line or steer a terminal escaped. A text that is already fit comes back as it was.
 */
export function oneLine(text: string, limit: number): string {
  // An escape is longer than what it stands for, so `limit` characters and one more always suffice as input.
  const line = text.slice(0, limit + 1).replaceAll(UNPRINTABLE, escaped);
  return line.length > limit ? `${line.slice(0, limit - 1).toWellFormed()}…` : line;
}
