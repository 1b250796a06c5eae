import type { Io } from '../terminal/io.ts';

/** Words and paths, such as `sudo /var/vcap/jobs/rollcall/bin/rollcall`. */
const PLAIN = /^[\w.@/-]+(?: [\w.@/-]+){0,9}$/;
const MAX_LENGTH = 200;

/**
 * How the caller types the program, for the commands that it prints. A wrapper says it in
 * ROLLCALL_TYPED_AS; `rollcall` without one, or where it holds more than words and paths.
 */
export function typedAs({ env }: Pick<Io, 'env'>): string {
  const text = env['ROLLCALL_TYPED_AS'] ?? '';
  return text.length <= MAX_LENGTH && PLAIN.test(text) ? text : 'rollcall';
}
