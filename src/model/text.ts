import { asByteString, type ByteString } from './ids.ts';

const ASCII = /^[\x00-\x7f]*$/;
// A byte order mark is part of a name: without it, two names would become one text.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

const bytesOf = (bytes: ByteString): Uint8Array =>
  Uint8Array.from(bytes, (character) => character.charCodeAt(0));

/** A byte string for people and JSON: decoded if it is UTF-8, otherwise high bytes as `\xHH`. */
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

/** The bytes of a text in UTF-8: kernel paths are compared in this form. */
export function bytesOfText(text: string): ByteString {
  if (ASCII.test(text)) return asByteString(text);
  return asByteString(
    Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte)).join(''),
  );
}

/** Control and format characters (terminal escapes, bidi overrides), separators, surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const escaped = (character: string): string => {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
};

/** Untrusted text for a sentence: bounded, with an ellipsis if cut, control characters escaped. */
export function oneLine(text: string, limit: number): string {
  // An escape is longer than its character, so the first `limit` + 1 characters are enough.
  const line = text.slice(0, limit + 1).replaceAll(UNPRINTABLE, escaped);
  return line.length > limit ? `${line.slice(0, limit - 1).toWellFormed()}…` : line;
}
