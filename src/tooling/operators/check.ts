// `npm run operators:check`: everything that operators look at, tried with the programs that they use.
import { execa } from 'execa';
import { root } from '../bootstrap/place.mjs';
import { runMocha } from '../checks/mocha-step.ts';
import { sourceFiles } from '../checks/source-files.ts';
import { oneTest, type Step, type StepResult } from '../checks/step.ts';
import { generatedFiles, staleFiles } from '../generated-files.ts';
import { alertFiles } from './alerts/alert-files.ts';

const testFiles = (folder: string, begin: string): readonly string[] =>
  sourceFiles(folder).filter(
    (file) => file.startsWith(`${folder}/${begin}`) && file.endsWith('.test.ts'),
  );

const STEPS: readonly Step[] = [
  { name: 'generated', run: () => Promise.resolve(generatedStep()) },
  { name: 'rules', run: rulesStep },
  { name: 'tests', run: (stop) => runMocha(testFiles('test/tooling/operators', ''), stop) },
  {
    // Prometheus, Alertmanager and agents in a cell in a box.
    name: 'live tests',
    run: (stop) => runMocha(testFiles('test/live', 'operators-'), stop, ['--timeout', '60000']),
  },
];

function generatedStep(): StepResult {
  // Of docs/mount-rules.md, which needs the recordings, `npm run generate` speaks.
  const files = generatedFiles({ recordings: null, runbookUrl: null });
  const stale = staleFiles(files, root);
  const hint = `stale: ${stale.join(', ')}\n\`npm run generate\` mends this.`;
  return oneTest(stale.length === 0, `${files.size} files, ${stale.length} stale`, hint);
}

async function rulesStep(stop: AbortSignal): Promise<StepResult> {
  const files = [...alertFiles(null).keys()];
  const { failed, code, all } = await execa('promtool', ['check', 'rules', ...files], {
    cwd: root,
    all: true,
    reject: false,
    cancelSignal: stop,
  });
  if (code !== 'ENOENT') return oneTest(!failed, `promtool took ${files.length} files`, all);
  const reason = 'no promtool (Debian: prometheus)';
  return {
    passed: 0,
    failed: 0,
    skipped: [{ title: 'promtool check rules', reason }],
    detail: `skipped, ${reason}`,
    output: '',
  };
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => stop.abort());
}

const results: StepResult[] = [];
for (const { name, run } of STEPS) {
  const result = await run(stop.signal);
  if (stop.signal.aborted) break;
  results.push(result);
  console.log(`${result.failed === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${result.detail}`);
  if (result.failed > 0) console.log(result.output.trimEnd());
}
const skipped = results.flatMap((result) => result.skipped);
for (const { title, reason } of skipped) console.log(`skipped, ${reason}: ${title}`);
const sum = (what: 'passed' | 'failed'): number =>
  results.reduce((total, result) => total + result[what], 0);
if (stop.signal.aborted || sum('failed') > 0) process.exitCode = 1;
console.log(
  stop.signal.aborted
    ? 'stopped before its end'
    : `${sum('passed')} passed, ${sum('failed')} failed, ${skipped.length} skipped`,
);
