import { cruise } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/place.mjs';
import { oneTest, type Step } from './run-steps.ts';
import { sourceFiles } from './source-files.ts';

/** For the Go program that finds types for oxlint: a third less CPU time, and 2.6 GB. */
const LINT_ENV = process.availableMemory() > 6e9 ? { GOGC: 'off' } : {};

/** What the compiler remembers of its last run; npm removes it with the packages. */
const BUILD_INFO = 'node_modules/.cache/rollcall.tsbuildinfo';

const lint: Step = {
  name: 'lint',
  isSmall: true,
  async run(stop) {
    const script = 'node_modules/oxlint/bin/oxlint';
    const { succeeded, output } = await runTool(script, ['--type-check'], stop, LINT_ENV);
    const linted = fileCount(output);
    const expected = sourceFiles('src', 'tools', 'test', 'spec').length;
    return linted >= expected
      ? oneTest(succeeded, `${linted} files`, output)
      : oneTest(false, `checked ${linted} of at least ${expected} files`, output);
  },
};

const format: Step = {
  name: 'format',
  isSmall: true,
  async run(stop) {
    const script = 'node_modules/oxfmt/bin/oxfmt';
    const { succeeded, output } = await runTool(script, ['--check', '.'], stop);
    const hint = succeeded ? '' : '\nRun `npm run format`.';
    return oneTest(succeeded, `${fileCount(output)} files`, output + hint);
  },
};

/** Lint finds the same errors for a quarter of the CPU time; this also reads all declarations. */
export const typesStep: Step = {
  name: 'types',
  isSmall: true,
  async run(stop) {
    const { succeeded, output } = await runTool(
      'node_modules/typescript/bin/tsc',
      ['-p', '.', '--incremental', '--tsBuildInfoFile', BUILD_INFO],
      stop,
    );
    return oneTest(succeeded, 'tsc, strict', output);
  },
};

const unused: Step = {
  name: 'unused',
  isSmall: true,
  async run(stop) {
    const args = ['--config', '.knip.mjs', '--no-progress', '--no-config-hints'];
    const { succeeded, output } = await runTool('node_modules/knip/bin/knip.js', args, stop);
    return oneTest(succeeded, 'files, exports, dependencies', output);
  },
};

export const staticSteps: readonly Step[] = [lint, format, unused];

/** The output of both tools ends with "… on 95 files …". */
function fileCount(output: string): number {
  return Number(/ on (\d+) files?\b/.exec(output)?.[1] ?? 0);
}

/** With an unsupported TypeScript, dependency-cruiser finds no modules and no violations. */
export const layersStep: Step = {
  name: 'layers',
  isSmall: true,
  async run() {
    const { violations, modules } = await cruiseSources(root);
    const cruised = new Set(modules);
    const missed = sourceFiles('src', 'tools').filter((file) => !cruised.has(file));
    const complaints = [
      ...violations.map(({ rule, from, to }) => `${rule}: ${from} → ${to}`),
      ...missed.map((file) => `not checked: ${file}`),
    ];
    return oneTest(complaints.length === 0, `${modules.length} modules`, complaints.join('\n'));
  },
};

type Violation = { readonly rule: string; readonly from: string; readonly to: string };

export interface Cruise {
  readonly violations: readonly Violation[];
  /** The files below src/ and tools/ that were read, as paths from the folder. */
  readonly modules: readonly string[];
}

/**
 * Checks the imports of every file below src/ and tools/ of `folder` against
 * .dependency-cruiser.mjs.
 * @param folder the checkout, or a folder with the same layout
 */
export async function cruiseSources(folder: string): Promise<Cruise> {
  const options = await extractDepcruiseOptions(path.join(root, '.dependency-cruiser.mjs'));
  const { output } = await cruise(
    ['src', 'tools'].filter((top) => existsSync(path.join(folder, top))),
    { ...options, baseDir: folder },
    options.enhancedResolveOptions,
    { tsConfig: extractTSConfig(path.join(root, 'tsconfig.json')) },
  );
  if (typeof output === 'string') throw new TypeError(`expected a result, got: ${output}`);
  return {
    violations: output.summary.violations.map(({ rule, from, to }) => ({
      rule: rule.name,
      from,
      to,
    })),
    modules: output.modules
      .map((module) => module.source)
      .filter((source) => /^(src|tools)\//.test(source)),
  };
}

const MINUTES = 10;

type ToolRun = { readonly succeeded: boolean; readonly output: string };

/** With the current node, at the top of the checkout; stopped, and failed, after `MINUTES`. */
async function runTool(
  script: string,
  args: readonly string[],
  stop: AbortSignal,
  env: Readonly<Record<string, string>> = {},
): Promise<ToolRun> {
  const result = await execa(process.execPath, [script, ...args], {
    cwd: root,
    env,
    all: true,
    stdin: 'ignore',
    reject: false,
    cancelSignal: stop,
    timeout: MINUTES * 60_000,
  });
  const output = result.timedOut
    ? `${result.all}\nstopped: still running after ${MINUTES} minutes`
    : result.all;
  return { succeeded: !result.failed, output };
}
