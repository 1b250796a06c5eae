import { setTimeout as sleep } from 'node:timers/promises';
import { KnownFailure } from '../../src/model/failure.ts';
import { processIo } from '../../src/terminal/io.ts';
import { root } from '../bootstrap/place.mjs';
import { writeFiles } from '../generated-files.ts';
import { proofFiles, type Proved } from './page.ts';

const PROGRESS_MILLISECONDS = 5000;
const WRITE_MILLISECONDS = 60_000;

export const say = (what: string): void => processIo.stderr(`rollcall: ${what}\n`);

/** Says now and then how far a search is, and keeps what it has shown. */
export function keeper(proved: () => Proved, progress: () => string) {
  const write = (): void => writeFiles(proofFiles(proved()), root);
  const [writes, says] = [
    every(WRITE_MILLISECONDS, write),
    every(PROGRESS_MILLISECONDS, () => say(progress())),
  ];
  return {
    write,
    /** A search itself never waits, so signals would not be seen. */
    pause: async (): Promise<void> => {
      writes();
      says();
      await sleep(0);
    },
  };
}

function every(milliseconds: number, act: () => void): () => void {
  let last = performance.now();
  return () => {
    if (performance.now() - last < milliseconds) return;
    last = performance.now();
    act();
  };
}

/** @throws KnownFailure USAGE */
export function countIn(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new KnownFailure('USAGE', `${text} is not a whole number from 1`);
}
