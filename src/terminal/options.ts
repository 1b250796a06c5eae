import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { durationMilliseconds } from '../model/duration.ts';
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

const DAY = 86_400_000;

/** `2s`, `500ms`, `1m`, `24h`, `7d`, or a bare number of seconds, as milliseconds. */
export function durationOption(text: string, option: string, max: number): number {
  const milliseconds = durationMilliseconds(text.trim());
  if (milliseconds !== null && milliseconds <= max) return milliseconds;
  const examples = max < DAY ? '2s, 500ms or 1m' : '30m, 24h or 7d';
  throw usageFailure(
    `${option} needs a time such as ${examples}, at most ${durationText(max / 1000)}.`,
  );
}
