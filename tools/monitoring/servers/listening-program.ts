import { execa } from 'execa';
import { createInterface } from 'node:readline';

/** A program that serves HTTP on a port of its own choice. */
export interface ListeningProgram {
  readonly url: string;
  /** Ends it, and waits for its end. */
  stop(): Promise<void>;
}

const MAX_START_MILLISECONDS = 30_000;
const LINES_SHOWN = 5;

/** What both Prometheus 2.53 and Alertmanager 0.28 write for --web.listen-address=127.0.0.1:0, in logfmt. */
const LISTENS = /msg="Listening on" address=(127\.0\.0\.1:\d+)/;

/**
 * Starts it as a child of this process, never as a service. Resolves when it listens and, if `ready` is given, when it
 * has written a line that holds this text.
 * @throws Error with its last lines if it ends before, or does not come up
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
  throw new Error(`${program} did not come up:\n${lines.join('\n')}`);
}
