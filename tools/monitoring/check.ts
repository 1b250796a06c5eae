// `npm run operators:check`: tests the alerts and dashboards with real Prometheus and Alertmanager.
import { execa } from 'execa';
import { root } from '../bootstrap/place.mjs';
import { runMocha } from '../checks/mocha-step.ts';
import { oneTest, runSteps, type Step, type StepResult } from '../checks/run-steps.ts';
import { sourceFiles } from '../checks/source-files.ts';
import { generatedFiles, staleFiles } from '../generated-files.ts';
import { runTool } from '../tool.ts';

const testFiles = (folder: string, begin: string): readonly string[] =>
  sourceFiles(folder).filter(
    (file) => file.startsWith(`${folder}/${begin}`) && file.endsWith('.test.ts'),
  );

function generatedStep(): StepResult {
  const files = generatedFiles(null);
  const stale = staleFiles(files, root);
  const hint = `stale: ${stale.join(', ')}\nRun \`npm run generate\`.`;
  return oneTest(stale.length === 0, `${files.size} files, ${stale.length} stale`, hint);
}

/** The programs that the tests use; a test without its program is skipped. */
async function programsStep(): Promise<StepResult> {
  const said = await Promise.all(
    ['promtool', 'prometheus', 'prometheus-alertmanager'].map(async (program) => {
      const { stdout, stderr, failed } = await execa(program, ['--version'], { reject: false });
      const version = /version (\S+)/.exec(`${stdout}${stderr}`)?.[1] ?? 'of an unknown version';
      return failed ? `no ${program}` : `${program} ${version}`;
    }),
  );
  return { passed: 0, failed: 0, skipped: [], detail: said.join(', '), output: '' };
}

const STEPS: readonly Step[] = [
  { name: 'programs', run: programsStep },
  { name: 'generated', run: () => Promise.resolve(generatedStep()) },
  {
    name: 'tests',
    run: (stop, say) => runMocha(testFiles('test/tools/monitoring', ''), stop, say),
  },
  {
    // Prometheus, Alertmanager and agents in a cell in a box.
    name: 'live tests',
    run: (stop, say) => runMocha(testFiles('test/live', 'operators-'), stop, say),
  },
];

await runTool({}, () => runSteps(STEPS));
