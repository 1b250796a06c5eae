import { asByteString, type ByteString } from './ids.ts';

const ASCII = /^[\x00-\x7f]*$/;
const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

const bytesOf = (bytes: ByteString): Uint8Array =>
  Uint8Array.from(bytes, (character) => character.charCodeAt(0));

/** A byte string for people and JSON: as UTF-8 where it is UTF-8, else each high byte as `\xHH`. */
export function textOfBytes(bytes: ByteString): string {
  if (ASCII.test(bytes)) return bytes;
  try {
    return decoder.decode(bytesOf(bytes));
  } catch {
    return bytes.replace(
      /[\x80-\xff]/g,
      (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
    );
  }
}

/** The bytes that a text has in UTF-8: the form in which kernel paths are compared. */
export function bytesOfText(text: string): ByteString {
  if (ASCII.test(text)) return asByteString(text);
  return asByteString(
    Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte)).join(''),
  );
}

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
