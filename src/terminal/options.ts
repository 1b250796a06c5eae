import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { KnownFailure } from '../model/failure.ts';

/**
 * What was typed behind `npm run NAME --`, for programs with a few options and no subcommands.
 * @throws KnownFailure USAGE with Node's words for what is wrong, and the options that there are
 */
export function typedOptions<T extends ParseArgsOptionsConfig>(
  options: T,
): ReturnType<typeof parseArgs<{ readonly options: T }>>['values'] {
  try {
    return parseArgs({ options }).values;
  } catch (cause) {
    // Node explains over several sentences; the first says what is wrong.
    const [wrong = ''] = cause instanceof Error ? cause.message.split('. ') : [];
    const known = Object.keys(options).map((name) => `--${name}`);
    const takes = known.length === 0 ? 'no options' : known.join(', ');
    throw new KnownFailure('USAGE', `${wrong}: it takes ${takes}`, { cause });
  }
}
