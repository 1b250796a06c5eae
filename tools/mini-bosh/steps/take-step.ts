import { KnownFailure } from '../../../src/model/failure.ts';
import type { Stage } from '../stage.ts';
import type { Step } from './step.ts';

const LAST_LINES = 5;

/** @throws KnownFailure MINI_BOSH_FAILED that says which step failed and why, with the last lines of the agent's log */
export async function takeStep({ title, take }: Step, stage: Stage): Promise<void> {
  try {
    await take(stage);
  } catch (error) {
    if (!(error instanceof KnownFailure)) throw error;
    const log = stage.job.lastLines(LAST_LINES).map((line) => `\n  its log: ${line}`);
    const message = `${title}: ${error.message}${log.join('')}`;
    throw new KnownFailure('MINI_BOSH_FAILED', message, { cause: error });
  }
}
