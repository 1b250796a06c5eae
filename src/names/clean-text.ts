import { oneLine } from '../model/text.ts';

/** A tenant's text is at most 256 characters; escaped, one takes up to nine. */
const MAX_ESCAPED = 2400;

/** What a tenant chose, without control and format characters: these are escaped. */
export const cleanText = (text: string): string => oneLine(text, MAX_ESCAPED);

const encoder = new TextEncoder();

/** The same in at most so many bytes of UTF-8. */
export function cleanTextWithin(text: string, mostBytes: number): string {
  const clean = cleanText(text);
  const { read } = encoder.encodeInto(clean, new Uint8Array(mostBytes));
  return clean.slice(0, read);
}
