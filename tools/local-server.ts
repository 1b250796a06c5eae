import { execa } from 'execa';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createInterface } from 'node:readline';

/** A short-lived HTTP server for programs on this machine. */
export interface LocalServer {
  /** Ends with a slash. */
  readonly url: string;
  readonly port: number;
  /** Closes it and every connection. */
  readonly stop: () => Promise<void>;
}

/** Serves on a port of 127.0.0.1, by default any that is free. */
export async function serveLocally(listener: RequestListener, port = 0): Promise<LocalServer> {
  const server = createServer(listener).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Below the ports that Linux gives to whoever asks for any (ip_local_port_range). */
const FREE_PORTS = [20_000, 32_768] as const;

/**
 * A free TCP port of 127.0.0.1, for a program that cannot choose one itself. Nothing gets it by
 * chance before the program does.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...FREE_PORTS);
    const server = await serveLocally(() => undefined, port).catch(() => null);
    await server?.stop();
    if (server !== null) return port;
  }
}

/** A program that serves HTTP on a port that it chose. */
export interface ListeningProgram {
  readonly url: string;
  /** Sends SIGTERM and waits for the program to end. */
  stop(): Promise<void>;
}

const MAX_START_MILLISECONDS = 30_000;
const LINES_SHOWN = 5;

/**
 * The logfmt line of Prometheus 2.53 and Alertmanager 0.28 for --web.listen-address=127.0.0.1:0.
 */
const LISTENS = /msg="Listening on" address=(127\.0\.0\.1:\d+)/;

/**
 * Starts a program as a child of this process, never as a service. Resolves when it listens and, if
 * `ready` is given, has written a line that contains this text.
 * @throws Error with its last lines if it ends before that, or takes longer than 30 seconds
 */
export async function startListening(
  program: string,
  args: readonly string[],
  ready: string | null,
): Promise<ListeningProgram> {
  const child = execa(program, args, {
    buffer: false,
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
    forceKillAfterDelay: 5000,
  });
  const lines: string[] = [];
  const come = new Promise<string>((resolve) => {
    let address: string | null = null;
    let isReady = ready === null;
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > LINES_SHOWN) lines.shift();
      address ??= LISTENS.exec(line)?.[1] ?? null;
      isReady ||= ready !== null && line.includes(ready);
      if (address !== null && isReady) resolve(address);
    });
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await child;
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), MAX_START_MILLISECONDS);
  });
  const address = await Promise.race([come, child.then(() => null), late]);
  clearTimeout(timer);
  if (address !== null) return { url: `http://${address}`, stop };
  await stop();
  throw new Error(`${program} did not start:\n${lines.join('\n')}`);
}

/** Collects items that arrive one by one, and lets callers wait for some of them. */
export class Arrivals<T> {
  readonly #all: T[] = [];
  readonly #waiting = new Set<() => void>();
  #end: Error | null = null;

  get all(): readonly T[] {
    return this.#all;
  }

  add(...arrived: readonly T[]): void {
    this.#all.push(...arrived);
    for (const check of this.#waiting) check();
  }

  /** No more items can arrive, for this reason. */
  end(why: Error): void {
    this.#end = why;
    for (const check of this.#waiting) check();
  }

  /**
   * Resolves with the `count`th item that passes, as soon as it has arrived. Rejects if it can no
   * longer arrive.
   */
  until(passes: (one: T) => boolean, count = 1): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = this.#all.filter(passes)[count - 1];
        if (found === undefined && this.#end === null) return;
        this.#waiting.delete(check);
        if (found !== undefined) resolve(found);
        else if (this.#end !== null) reject(this.#end);
      };
      this.#waiting.add(check);
      check();
    });
  }
}
