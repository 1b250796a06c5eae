import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { KnownFailure } from '../model/failure.ts';

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
    throw new KnownFailure('USAGE', `${wrong}: it takes ${takes}`, { cause });
  }
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const DAY = 86_400_000;

/** In the greatest unit that leaves a whole number. */
function limitText(milliseconds: number): string {
  const unit = ['h', 'm', 's'].find((one) => milliseconds % (UNITS[one] ?? 1) === 0) ?? 'ms';
  return `${milliseconds / (UNITS[unit] ?? 1)}${unit}`;
}

/** `2s`, `500ms`, `1m`, `24h`, `7d`, or a bare number of seconds, as milliseconds. */
export function durationOption(text: string, option: string, max: number): number {
  const [, digits, unit = 's'] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)?$/.exec(text.trim()) ?? [];
  const milliseconds = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (!Number.isFinite(milliseconds) || milliseconds > max) {
    throw new KnownFailure(
      'USAGE',
      max < DAY
        ? `${option} needs a time such as 2s, 500ms or 1m, at most ${limitText(max)}.`
        : `${option} needs a time such as 30m, 24h or 7d, at most ${max / DAY}d.`,
    );
  }
  return milliseconds;
}
