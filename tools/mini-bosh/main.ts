// `npm run tool -- mini-bosh`: installs and starts the release on a cell in a box, as a Director and its
// agents would, and runs test/live/mini-bosh.test.ts for one cgroup mode. Exits with 1 if a test
// fails, and with 2 if this machine cannot run them.
import { testStep } from '../checks/mocha-step.ts';
import { runSteps } from '../checks/run-steps.ts';
import { ToolFailure } from '../failure.ts';
import { print, runTool } from '../tool.ts';
import { whyStandIn, whyNoMiniBosh } from './bpm.ts';

await runTool({ v2: { type: 'boolean', default: false } }, ({ v2 }) => {
  const mode = v2 ? 'v2' : 'auto';
  const obstacle = whyNoMiniBosh(mode);
  if (obstacle !== null) throw new ToolFailure('MINI_BOSH_FAILED', obstacle);
  const why = whyStandIn();
  print(`The job is started by ${why === null ? 'bpm itself' : `a stand-in for bpm: ${why}`}.`);
  const file = { file: 'test/live/mini-bosh.test.ts', story: `cgroup mode ${mode}` };
  return runSteps([testStep('mini-bosh', { files: [file], jobs: 1 })]);
});
