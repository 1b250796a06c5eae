import { KnownFailure } from '../../model/failure.ts';
import { RUN_AGAIN } from '../run-again.ts';

/** Bytes that no Go program sends as gob. */
export function malformed(what: string): KnownFailure {
  return new KnownFailure('GOB_MALFORMED', `cf's answer is not valid gob: ${what}; ${RUN_AGAIN}`);
}

/** Well-formed so far, but more than a plugin has use for; said before memory is taken for it. */
export function tooLarge(what: string): KnownFailure {
  return new KnownFailure('GOB_TOO_LARGE', `cf's answer is too large: ${what}; ${RUN_AGAIN}`);
}

/** Valid gob of a kind that cf's methods for plugins do not use. */
export function unsupported(what: string): KnownFailure {
  return new KnownFailure(
    'GOB_TYPE',
    `cf's answer has ${what}, which this plugin does not read; ${RUN_AGAIN}`,
  );
}
