import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectToCli } from '../rpc/cli-connection.ts';
import { processIo } from './process-io.ts';
import { runRollcallStatus } from './rollcall-status.ts';
import { withArguments } from './with-arguments.ts';

/** prom_scraper brings nothing new in less. */
const BETWEEN_ROUNDS = 15_000;

/** `cf rollcall-status` from what was typed to its exit code. */
export function runAsCommand(port: number, typed: readonly string[]): Promise<number> {
  const io = processIo();
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  // A reader that has seen enough (`| head`) is no error, and ends --watch.
  process.stdout.on('error', stop);
  process.stderr.on('error', stop);
  return withArguments(typed, io, async (args) => {
    if (args.watch) process.once('SIGINT', stop).once('SIGTERM', stop);
    const cf = await connectToCli(port);
    try {
      const pause = (signal: AbortSignal): Promise<void> =>
        sleep(BETWEEN_ROUNDS, undefined, { signal }).catch(() => undefined);
      return await runRollcallStatus(args, { cf, io, stop: stopping.signal, pause });
    } finally {
      cf.close();
    }
  });
}
