import { startCell } from '../../tools/demo-cell/cell/start-cell.ts';

// A driver for tests that kill it: builds a cell with one container and says `<run id> <pid of the
// cell's pid 1>`.
const cell = await startCell({ label: 'to-be-killed' });
await cell.create({ handle: 'left-alone', kind: 'app' });
if (process.argv[2] === 'keep') cell.keep();
process.stdout.write(`${cell.runId} ${cell.rootPid}\n`);
