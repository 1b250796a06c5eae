import { serveMetrics, type MetricsOptions } from './metrics-server.ts';

/** Shorter than the interval of a scrape (15 s): a port that is free again costs one scrape at most. */
export const SERVED_AGAIN_AFTER_MILLISECONDS = 5000;

export interface KeptMetricsServer {
  /** Why it does not serve, or null. */
  readonly error: () => string | null;
  close(): Promise<void>;
}

export type KeptMetricsOptions = MetricsOptions & {
  /** Called when it cannot serve, and when it can again; not after a first try that succeeds. */
  readonly onChange: (error: string | null) => void;
  readonly againAfterMilliseconds: number;
};

/**
 * The metrics server, tried again as long as it cannot be had. Another job on the port, or a certificate that is no certificate, must not
 * end the process: an instance whose process does not run stops the deploy of every other job on it.
 */
export async function keepServingMetrics(options: KeptMetricsOptions): Promise<KeptMetricsServer> {
  let server: { close(): Promise<void> } | null = null;
  let error: string | null = null;
  let attempt: Promise<void> = Promise.resolve();
  const report = (now: string | null): void => {
    if (now !== error) options.onChange(now);
    error = now;
  };
  const attemptToServe = async (): Promise<void> => {
    if (server !== null) return;
    try {
      server = await serveMetrics(options);
      clearInterval(timer);
      report(null);
    } catch (failed) {
      // Whatever it is: it must not end the process.
      report(failed instanceof Error ? failed.message : String(failed));
    }
  };
  const timer = setInterval(() => {
    attempt = attempt.then(attemptToServe);
  }, options.againAfterMilliseconds).unref();
  await attemptToServe();
  return {
    error: () => error,
    close: async () => {
      clearInterval(timer);
      await attempt;
      await server?.close();
    },
  };
}
