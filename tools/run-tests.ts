// `npm test`: arguments select steps; `--all` adds what takes long, `--changed` runs what changed.
import { changedTests } from './checks/changed-tests.ts';
import { mochaSteps } from './checks/mocha-step.ts';
import { runSteps, type Step } from './checks/run-steps.ts';
import { layersStep, staticSteps, typesStep } from './checks/static-steps.ts';
import { allTests, shortTests } from './checks/test-files.ts';
import type { TestFile } from './checks/test-workers.ts';
import { vmStep } from './vm/step.ts';

const OPTIONS = ['--all', '--changed'];
const everyStep = stepsOf(allTests());

const args = process.argv.slice(2);
const names = args.filter((arg) => !OPTIONS.includes(arg));
const unknown = names.find((name) => !everyStep.some((step) => step.name === name));
if (unknown === undefined) {
  const { tests, leftOut } = await chosenTests();
  const steps = stepsOf(tests).filter(isChosen);
  const runsTests = steps.some(({ isSmall }) => isSmall !== true);
  process.exitCode = await runSteps(steps, runsTests ? leftOut : []);
} else {
  const known = [...everyStep.map((step) => `"${step.name}"`), ...OPTIONS].join(', ');
  process.stderr.write(`rollcall: unknown step "${unknown}": use any of ${known}, or none\n`);
  process.exitCode = 2;
}

function stepsOf(tests: readonly TestFile[]): readonly Step[] {
  return [...staticSteps, typesStep, layersStep, ...mochaSteps(tests), vmStep];
}

function isChosen(step: Step): boolean {
  if (names.length > 0) return names.includes(step.name);
  return (step !== vmStep && step !== typesStep) || args.includes('--all');
}

async function chosenTests() {
  if (args.includes('--changed')) {
    const { files, why } = await changedTests();
    process.stdout.write(`     ${why}\n`);
    return { tests: allTests().filter(({ file }) => files?.has(file) ?? true), leftOut: [] };
  }
  return args.includes('--all') ? { tests: allTests(), leftOut: [] } : shortTests();
}
