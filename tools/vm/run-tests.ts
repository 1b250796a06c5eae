// Each file is a step, so that its result appears at once: emulated, it may take minutes.
import path from 'node:path';
import { runMocha } from '../checks/mocha-step.ts';
import { runSteps } from '../checks/run-steps.ts';

process.exitCode = await runSteps(
  process.argv.slice(2).map((file) => ({
    name: path.basename(file, '.test.ts'),
    run: (stop, say) => runMocha([file], stop, say),
  })),
);
