import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { usageFailure } from '../model/failure.ts';
import { durationText } from './duration-text.ts';

/**
 * The options after `npm run NAME --`, for programs with few options and no subcommands.
 * @throws KnownFailure USAGE with Node's words for what is wrong, and the known options
 */
export function typedOptions<T extends ParseArgsOptionsConfig>(
  options: T,
): ReturnType<typeof parseArgs<{ readonly options: T }>>['values'] {
  try {
    return parseArgs({ options }).values;
  } catch (cause) {
    // Node explains in several sentences; only the first says what is wrong.
    const [wrong = ''] = cause instanceof Error ? cause.message.split('. ') : [];
    const known = Object.keys(options).map((name) => `--${name}`);
    const takes = known.length === 0 ? 'no options' : known.join(', ');
    throw usageFailure(`${wrong}: it takes ${takes}`, { cause });
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * `2s`, `500ms`, `1m` or `1h`, as milliseconds. A number needs its unit: `--for 5` may mean minutes
 * and `--settle 5` seconds.
 * @throws KnownFailure USAGE for anything else, and for more than `max` milliseconds
 */
export function durationOption(text: string, option: string, max: number): number {
  const [, digits, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text.trim()) ?? [];
  const milliseconds = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (milliseconds <= max) return milliseconds;
  throw usageFailure(
    `${option} needs a time such as 2s, 500ms or 1m, at most ${durationText(max / 1000)}.`,
  );
}
