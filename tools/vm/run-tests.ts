// Runs in the virtual machine, from the top of the checkout: the test files that its arguments
// name. Each file is a step of its own, because results must appear as they come: where the
// processor is emulated, a file may take minutes.
import { globSync } from 'node:fs';
import path from 'node:path';
import { runMocha } from '../checks/mocha-step.ts';
import { runSteps } from '../checks/run-steps.ts';

const files = new Set(process.argv.slice(2).flatMap((glob) => globSync(glob).toSorted()));

process.exitCode = await runSteps(
  [...files].map((file) => ({
    name: path.basename(file, '.test.ts'),
    run: (stop, say) => runMocha([file], stop, say),
  })),
);
