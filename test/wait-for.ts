import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than a busy machine needs for anything, and shorter than what mocha gives a test. */
export const MAX_WAIT = 30_000;

const SHORTEST_PAUSE = 20;
const LONGEST_PAUSE = 100;

/**
 * Asks until it is so; otherwise the test fails with what it waited for. Asks less often the longer
 * it takes: an answer costs the agent, too.
 */
export async function waitFor(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const start = performance.now();
  while (!(await isSo())) {
    const waited = performance.now() - start;
    if (waited > MAX_WAIT) throw new Error(`waited ${MAX_WAIT} ms in vain for ${what}`);
    await sleep(Math.min(Math.max(waited / 10, SHORTEST_PAUSE), LONGEST_PAUSE));
  }
}
