import { oneLine } from '../model/text.ts';

/** A time without its fraction of a second. */
export const secondText = (time: string): string => oneLine(time, 40).replace(/\.\d+Z$/, 'Z');

/** Bytes in the binary unit that gives at most four digits. */
export function bytesText(bytes: number): string {
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < BYTE_UNITS.length - 1; unit++) value /= 1024;
  const shown = unit > 0 && value < 10 ? value.toFixed(1) : String(Math.round(value));
  return `${shown} ${BYTE_UNITS[unit] ?? ''}`;
}

const BYTE_UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Seconds in the unit that people use; the page's script uses the same words. */
export function spanText(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** Null if one of them is not a time, or if the clock went backwards. */
export function secondsBetween(from: string, to: string): number | null {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return seconds >= 0 ? seconds : null;
}

/**
 * `2 h`; empty if it is not known. `now` is the time of the pass: the reader's clock may be wrong,
 * and the text may be read much later.
 */
export function ageText(at: string, now: string): string {
  const seconds = secondsBetween(at, now);
  return seconds === null ? '' : spanText(seconds);
}

/** `2026-11-27T05:10:00Z (2 h ago)`: a single word for `wrapWords`. */
export function timeWithAge(at: string, now: string): string {
  const age = ageText(at, now);
  return age === '' ? secondText(at) : `${secondText(at)} (${age} ago)`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
