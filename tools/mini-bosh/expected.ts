import { setTimeout as sleep } from 'node:timers/promises';
import { KnownFailure } from '../../src/model/failure.ts';

const POLL_MILLISECONDS = 50;

/** @throws KnownFailure MINI_BOSH_FAILED with this sentence, which says what is the case instead. */
export function expected(isSo: boolean, sentence: string): asserts isSo {
  if (!isSo) throw new KnownFailure('MINI_BOSH_FAILED', sentence);
}

/** Asks until there is an answer that is not null. @throws KnownFailure MINI_BOSH_FAILED when there is none in time. */
export async function waitFor<T>(
  what: string,
  seconds: number,
  ask: () => T | null | Promise<T | null>,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(POLL_MILLISECONDS);
  }
  throw new KnownFailure('MINI_BOSH_FAILED', `waited ${seconds} seconds in vain for ${what}`);
}
