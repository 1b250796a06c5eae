// Runs in the virtual machine, from the top of the checkout, with test files as its arguments. Each
// file is a step of its own, because results must appear as soon as they exist: on an emulated
// processor a file may take minutes.
import path from 'node:path';
import { testStep } from '../checks/mocha-step.ts';
import { runSteps } from '../checks/run-steps.ts';

process.exitCode = await runSteps(
  process.argv
    .slice(2)
    .map((file) =>
      testStep(path.basename(file, '.test.ts'), { files: [{ file, story: null }], jobs: 1 }),
    ),
);
