import { pathToFileURL } from 'node:url';

/*
 * The clocks of a program, loaded before it: they are ahead by the milliseconds in CLOCK_AHEAD, and each SIGUSR2 moves
 * them a minute further. So a test need not wait for what takes a minute or more.
 */
export const MINUTE = 60_000;
const VARIABLE = 'CLOCK_AHEAD';

/** The environment of a node whose clocks are this much ahead. */
export const clockAhead = (minutes: number): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${pathToFileURL(import.meta.filename).href}`,
  [VARIABLE]: `${minutes * MINUTE}`,
});

function moveClocks(start: number): void {
  let ahead = start;
  process.on('SIGUSR2', () => (ahead += MINUTE));
  const { now } = Date;
  const bigint = process.hrtime.bigint.bind(process.hrtime);
  Date.now = () => now() + ahead;
  process.hrtime.bigint = () => bigint() + BigInt(ahead) * 1_000_000n;
  globalThis.Date = new Proxy(Date, {
    construct: (target, values: readonly unknown[], newTarget) =>
      Reflect.construct(target, values.length === 0 ? [Date.now()] : values, newTarget) as Date,
  });
}

const given = process.env[VARIABLE];
if (given !== undefined) moveClocks(Number(given));
