/** Something the user can act on: one line, no stack trace, exit code 2. */
export class SetUpFailure extends Error {}

/** The user or the system told us to stop during set-up. */
export class StoppedBySignal extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

/**
 * Set-up speaks on stderr only, so that `npm run --silent rollcall -- check --format json | jq` works on a fresh clone too.
 * @param {string} message
 */
export function say(message) {
  process.stderr.write(`rollcall: ${message}\n`);
}
