// `npm test`: runs every check of the project. Arguments select steps by name.
import { layersStep, staticSteps } from './checks/static-steps.ts';
import { mochaSteps } from './checks/mocha-step.ts';
import { vmStep } from './checks/vm-step.ts';
import { runSteps, type Step } from './checks/run-steps.ts';

const allSteps: readonly Step[] = [...staticSteps, layersStep, ...mochaSteps, vmStep];

const steps = chosenSteps(process.argv.slice(2));
process.exitCode = steps === null ? 2 : await runSteps(steps);

function chosenSteps(names: readonly string[]): readonly Step[] | null {
  const unknown = names.find((name) => !allSteps.some((step) => step.name === name));
  if (unknown === undefined) {
    return names.length === 0 ? allSteps : allSteps.filter((step) => names.includes(step.name));
  }
  const known = allSteps.map((step) => `"${step.name}"`).join(', ');
  process.stderr.write(
    `rollcall: unknown step "${unknown}": use any of ${known}, or none for all\n`,
  );
  return null;
}
