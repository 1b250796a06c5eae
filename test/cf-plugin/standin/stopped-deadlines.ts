import { mock } from 'node:test';
import type { StandInOptions } from './foundation.ts';

/** The deadlines of the plugin: it sets one for each request as it begins. */
export interface StoppedDeadlines {
  /** Those that were set so far, in milliseconds. */
  readonly set: () => readonly number[];
  /** All of them are over. */
  readonly pass: () => void;
}

let current: StoppedDeadlines | null = null;

/**
 * Runs while no deadline of the plugin passes by itself. A real one also ends what the stand-in has
 * not even seen, where the machine stalls for so long. Inside of another call, the deadlines are
 * those of that one.
 */
export async function withStoppedDeadlines<T>(
  use: (deadlines: StoppedDeadlines) => Promise<T>,
): Promise<T> {
  if (current !== null) return use(current);
  const stopped: { readonly milliseconds: number; readonly over: AbortController }[] = [];
  const timeout = mock.method(AbortSignal, 'timeout', (milliseconds: number) => {
    const over = new AbortController();
    stopped.push({ milliseconds, over });
    return over.signal;
  });
  current = {
    set: () => stopped.map(({ milliseconds }) => milliseconds),
    pass: () => {
      for (const { over } of stopped) over.abort();
    },
  };
  try {
    return await use(current);
  } finally {
    current = null;
    timeout.mock.restore();
  }
}

/**
 * A Log Cache that never answers: the time of all requests is over as soon as they all are there.
 */
export const hanging = ({
  set,
  pass,
}: StoppedDeadlines): Required<Pick<StandInOptions, 'begun' | 'fault'>> => ({
  begun: () => set().length,
  fault: ({ pathname }) => {
    if (!pathname.startsWith('/api/')) return null;
    pass();
    return { kind: 'hang' };
  },
});
