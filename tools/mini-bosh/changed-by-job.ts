import { gardenDirectory, ownershipText } from './garden-directory.ts';
import type { RollcallJob } from './rollcall-job.ts';

/** Restarts the job. Null if Garden's directory and socket have kept owner and mode; else what has become of them. */
export async function changedByJob(job: RollcallJob): Promise<string | null> {
  const before = ownershipText(gardenDirectory(job.vm));
  await job.restart();
  const after = ownershipText(gardenDirectory(job.vm));
  return before === after ? null : `The start of the job made "${before}" into "${after}".`;
}
