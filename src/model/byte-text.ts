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
