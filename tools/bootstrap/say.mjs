/** A problem that the user can fix: one line, no stack trace, exit code 2. */
export class SetUpFailure extends Error {}

/**
 * Writes to stderr, so that `npm run --silent rollcall -- check --format json | jq` works on a
 * fresh clone too.
 * @param {string} message
 */
export function say(message) {
  process.stderr.write(`rollcall: ${message}\n`);
}
