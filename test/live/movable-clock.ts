import { pathToFileURL } from 'node:url';

/*
 * The clocks of a program, loaded before it: they are ahead by the milliseconds in CLOCK_AHEAD, and
 * each SIGUSR2 moves them a minute further. So a test need not wait for what takes a minute or
 * more. Each SIGWINCH moves its wall clock alone by a day, on and back: no namespace lets a cell in
 * a box set that of the kernel.
 */
export const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const VARIABLE = 'CLOCK_AHEAD';

/** The environment of a node whose clocks are this much ahead. */
export const clockAhead = (minutes: number): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${pathToFileURL(import.meta.filename).href}`,
  [VARIABLE]: `${minutes * MINUTE}`,
});

/** Before a command whose clocks `SIGUSR2` moves. */
export const MOVABLE_CLOCK: readonly string[] = [
  'env',
  ...Object.entries(clockAhead(0)).map(([name, value]) => `${name}=${value}`),
];

function moveClocks(start: number): void {
  let ahead = start;
  let set = 0;
  process.on('SIGUSR2', () => (ahead += MINUTE));
  process.on('SIGWINCH', () => (set = DAY - set));
  const { now } = Date;
  const bigint = process.hrtime.bigint.bind(process.hrtime);
  Date.now = () => now() + ahead + set;
  process.hrtime.bigint = () => bigint() + BigInt(ahead) * 1_000_000n;
  globalThis.Date = new Proxy(Date, {
    construct: (target, values: readonly unknown[], newTarget) =>
      Reflect.construct(target, values.length === 0 ? [Date.now()] : values, newTarget) as Date,
  });
}

const given = process.env[VARIABLE];
if (given !== undefined) moveClocks(Number(given));
