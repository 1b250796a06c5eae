import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than a busy machine needs for anything, and shorter than what mocha gives a test. */
export const MAX_WAIT = 30_000;

/** Asks until it is so; otherwise the test fails with what it waited for. */
export async function waitFor(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + MAX_WAIT;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited ${MAX_WAIT} ms in vain for ${what}`);
    await sleep(20);
  }
}
