// `npm run tool -- operators:check`: tests the alerts and dashboards with real Prometheus and Alertmanager.
import { mochaSteps } from '../checks/mocha-step.ts';
import { runSteps } from '../checks/run-steps.ts';
import { allTests } from '../checks/test-files.ts';
import { runTool } from '../tool.ts';

const OURS = /^test\/(repository\/generated-files|tools\/monitoring\/|live\/operators-)/;

await runTool({}, () => runSteps(mochaSteps(allTests().filter(({ file }) => OURS.test(file)))));
