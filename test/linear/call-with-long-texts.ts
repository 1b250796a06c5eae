import { inTime } from './in-time.ts';

/** A hundred times what a linear function needs on a busy machine, and too little for a square. */
const LIMIT_MILLISECONDS = 7000;

/**
 * Pieces of which a text can be made that looks, again and again, like the beginning of something.
 */
const PIECES = [
  ['a', 'é', '\u{1f600}', '\ud800', '\u200b', '\u001b[', '\0', ' ', '\n', '\t', '\\', '\\040'],
  ['/', '/..', '/x/processes/', '.', '.0', '-', '-envoy', ' - ', ',', ':', '1:', '="', 'a="b,'],
  ['token', 'token=', 'token="', "token='", 'api-key', 'a://', 'a://u:', '+.-', '[', '{"a":', '0'],
  ['pass', 'pass/', '-Key', 'a:b@', '://a@', ' -u', '\0-p', 'curl\0', "mysql '"],
].flat();

/** A linear function needs some milliseconds for each text, a quadratic one minutes. */
export function callWithLongTexts(call: (text: string) => unknown, length: number): void {
  for (const piece of PIECES) {
    for (const end of ['', '\0="x"']) {
      const text = piece.repeat(Math.ceil(length / piece.length)) + end;
      try {
        inTime(() => call(text), LIMIT_MILLISECONDS);
      } catch (cause) {
        const what = `with ${length} characters of ${JSON.stringify(piece)} and ${JSON.stringify(end)}`;
        throw new Error(`did not end ${what}`, { cause });
      }
    }
  }
}
