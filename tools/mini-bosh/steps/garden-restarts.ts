import { GARDEN_SOCKET } from '../../../src/demo-cell/gdn-config.ts';
import { expected } from '../expected.ts';
import { asGreenskeeper, asRep, gardenDirectory, ownershipText } from '../garden-directory.ts';
import { changedByJob } from '../changed-by-job.ts';
import type { Step } from './step.ts';

export const gardenRestarts: Step = {
  title:
    "Garden restarts with a new socket, and the agent goes on; what is Garden's stays as it is",
  take: async ({ vm, job, say }) => {
    const before = gardenDirectory(vm).socket;
    await vm.cell.garden.stop();
    const gone = await job.until('that Garden is gone', ({ garden }) => garden.state !== 'known');
    say(`the agent says: ${gone.why}`);
    await vm.cell.garden.start();
    asGreenskeeper(vm);
    const after = gardenDirectory(vm).socket;
    expected(after !== null && after.inode !== before?.inode, 'Garden has its old socket');
    const back = await job.until('Garden again', ({ garden }) => garden.state === 'known');
    say(`${GARDEN_SOCKET} is a new inode, and the agent says: ${back.why}`);
    expected(job.alarms() === 1, `the alarm was raised ${job.alarms()} times`);
    for (const leave of [asGreenskeeper, asRep]) {
      leave(vm);
      const why = await changedByJob(job);
      expected(why === null, why ?? '');
      say(`after a start of the job as before: ${ownershipText(gardenDirectory(vm))}`);
      await job.until('Garden through that directory', ({ garden }) => garden.state === 'known');
    }
  },
};
