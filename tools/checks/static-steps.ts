import { runTool } from './run-tool.ts';
import { sourceFiles } from './source-files.ts';
import { oneTest, type Step } from './step.ts';

const lint: Step = {
  name: 'lint',
  async run(stop) {
    const { succeeded, output } = await runTool('node_modules/oxlint/bin/oxlint', [], stop);
    const linted = fileCount(output);
    const expected = sourceFiles('src', 'tools', 'test', 'spec').length;
    return linted >= expected
      ? oneTest(succeeded, `${linted} files`, output)
      : oneTest(false, `looked at ${linted} of at least ${expected} files`, output);
  },
};

const format: Step = {
  name: 'format',
  async run(stop) {
    const script = 'node_modules/oxfmt/bin/oxfmt';
    const { succeeded, output } = await runTool(script, ['--check', '.'], stop);
    const hint = succeeded ? '' : '\n`npm run format` mends this.';
    return oneTest(succeeded, `${fileCount(output)} files`, output + hint);
  },
};

const types: Step = {
  name: 'types',
  async run(stop) {
    const { succeeded, output } = await runTool(
      'node_modules/typescript/bin/tsc',
      ['-p', '.'],
      stop,
    );
    return oneTest(succeeded, 'tsc, strict', output);
  },
};

const unused: Step = {
  name: 'unused',
  async run(stop) {
    const args = ['--config', '.knip.mjs', '--no-progress', '--no-config-hints'];
    const { succeeded, output } = await runTool('node_modules/knip/bin/knip.js', args, stop);
    return oneTest(succeeded, 'files, exports, dependencies', output);
  },
};

export const staticSteps: readonly Step[] = [lint, format, types, unused];

/** Both tools end with "… on 95 files …". */
function fileCount(output: string): number {
  return Number(/ on (\d+) files?\b/.exec(output)?.[1] ?? 0);
}
