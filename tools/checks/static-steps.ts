import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/place.mjs';
import { oneTest, type Step } from './run-steps.ts';
import { sourceFiles } from './test-files.ts';

/** For the Go program that finds types for oxlint: a third less CPU time, and 2.6 GB. */
const ENV = process.availableMemory() > 6e9 ? { GOGC: 'off' } : {};

/** What the compiler remembers of its last run; npm removes it with the packages. */
const BUILD_INFO = 'node_modules/.cache/rollcall.tsbuildinfo';
const MINUTES = 10;

/**
 * A program of a package, run with the current node, at the top of the checkout.
 * @param detail not given: the program says at the end how many files it has read, and must have read all sources
 */
const step = (name: string, command: string, detail?: string): Step => ({
  name,
  isSmall: true,
  async run(cancelSignal) {
    const [script = '', ...args] = command.split(' ');
    const ran = await execa(process.execPath, [`node_modules/${script}`, ...args], {
      cwd: root,
      env: ENV,
      all: true,
      stdin: 'ignore',
      reject: false,
      cancelSignal,
      timeout: MINUTES * 60_000,
    });
    const late = ran.timedOut ? `\nstopped: still running after ${MINUTES} minutes` : '';
    const output = ran.all + late;
    if (detail !== undefined) return oneTest(!ran.failed, detail, output);
    // "… on 95 files …"
    const read = Number(/ on (\d+) files?\b/.exec(output)?.[1] ?? 0);
    const expected = sourceFiles('src', 'tools', 'test', 'spec').length;
    return read >= expected
      ? oneTest(!ran.failed, `${read} files`, output)
      : oneTest(false, `checked ${read} of at least ${expected} files`, output);
  },
});

export const staticSteps: readonly Step[] = [
  step('lint', 'oxlint/bin/oxlint --type-check'),
  step('format', 'oxfmt/bin/oxfmt --check .'),
  step(
    'unused',
    'knip/bin/knip.js --config .knip.mjs --no-progress --no-config-hints',
    'files, exports, dependencies',
  ),
];

/** Lint finds the same errors for a quarter of the CPU time; this also reads all declarations. */
export const typesStep = step(
  'types',
  `typescript/bin/tsc -p . --incremental --tsBuildInfoFile ${BUILD_INFO}`,
  'tsc, strict',
);

/** With an unsupported TypeScript, dependency-cruiser finds no modules and no violations. */
export const layersStep: Step = {
  name: 'layers',
  isSmall: true,
  async run() {
    const { summary, modules } = await cruiseSources(root);
    const cruised = new Set(modules.map(({ source }) => source));
    const sources = sourceFiles('src', 'tools');
    const complaints = [
      ...summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
      ...sources.filter((file) => !cruised.has(file)).map((file) => `not checked: ${file}`),
    ];
    return oneTest(complaints.length === 0, `${sources.length} modules`, complaints.join('\n'));
  },
};

/**
 * Checks the imports of every file below src/ and tools/ against .dependency-cruiser.mjs.
 * @param folder the checkout, or a folder with the same layout
 */
export async function cruiseSources(folder: string): Promise<ICruiseResult> {
  const options = await extractDepcruiseOptions(path.join(root, '.dependency-cruiser.mjs'));
  const { output } = await cruise(
    ['src', 'tools'].filter((top) => existsSync(path.join(folder, top))),
    { ...options, baseDir: folder },
    options.enhancedResolveOptions,
    { tsConfig: extractTSConfig(path.join(root, 'tsconfig.json')) },
  );
  if (typeof output === 'string') throw new TypeError(`expected a result, got: ${output}`);
  return output;
}
