import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectToCli } from '../rpc/cli-connection.ts';
import { reportFailure } from './failed.ts';
import type { Io } from './io.ts';
import { readArguments } from './options.ts';
import { runRollcallStatus } from './rollcall-status.ts';

/** prom_scraper brings nothing new in less. */
const BETWEEN_ROUNDS = 15_000;

/** This process as the world of the command. */
const processIo: Io = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  isTty: process.stdout.isTTY,
  showsProgress: process.stderr.isTTY,
  columns: process.stdout.columns ?? 80,
  env: process.env,
};

/** `cf rollcall-status` from what was typed to its exit code. */
export async function runAsCommand(port: number, typed: readonly string[]): Promise<number> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  // A reader that has seen enough (`| head`) is no error, and ends --watch.
  process.stdout.on('error', stop);
  process.stderr.on('error', stop);
  let output: 'table' | 'json' = 'table';
  try {
    const args = readArguments(typed);
    output = args.output;
    if (args.watch) process.once('SIGINT', stop).once('SIGTERM', stop);
    const cf = await connectToCli(port);
    try {
      const pause = (signal: AbortSignal): Promise<void> =>
        sleep(BETWEEN_ROUNDS, undefined, { signal }).catch(() => undefined);
      return await runRollcallStatus(args, { cf, io: processIo, stop: stopping.signal, pause });
    } finally {
      cf.close();
    }
  } catch (error) {
    return reportFailure(error, output, processIo);
  }
}
