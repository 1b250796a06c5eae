import { oneLine } from '../../model/text.ts';
import { html, type SafeHtml } from './html.ts';

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** A time for people, to the second, in UTC. What is no time is shown as it is. */
const timeText = (at: string): string =>
  RFC_3339.test(at) ? `${at.slice(0, 10)} ${at.slice(11, 19)} UTC` : oneLine(at, 40);

export const timeElement = (at: string): SafeHtml =>
  RFC_3339.test(at) ? html`<time datetime="${at}">${timeText(at)}</time>` : html`${timeText(at)}`;

/** `10:21`: for a chart, whose times lie within an hour. */
export const clockText = (at: string): string =>
  RFC_3339.test(at) ? at.slice(11, 16) : oneLine(at, 40);

/** Seconds from one time to another; null where one of them is none, or the clock went backwards. */
export function secondsBetween(from: string, to: string): number | null {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return seconds >= 0 ? seconds : null;
}

/** A span to the precision in which people speak of it. The refresh script counts an age on in the same words. */
export function spanText(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** ` (12 min)` after the beginning of something that goes on; nothing where it cannot be told. */
export function lastingText(since: string, now: string): string {
  const seconds = secondsBetween(since, now);
  return seconds === null ? '' : ` (${spanText(seconds)})`;
}
