import { chmodSync, readFileSync } from 'node:fs';
import { root } from '../bootstrap/place.mjs';
import { bundledLicences, bundleFor } from '../bundle.ts';
import { packageVersion } from '../artifact.ts';
import path from 'node:path';
import { NODE_PACKAGES } from './node-packages.ts';
import type { Program } from './executables.ts';

/** An older Node must still parse the script, to report that Node is too old. */
const TARGET = 'node20.16';

// cf installs the file without an extension. The nearest package.json above the plugin folder
// therefore decides whether Node runs it as a classic script or as a module, and only a classic
// script has `require`. This line is valid in both. The bundle itself is not a module, because
// `import` is valid only in modules.
const REQUIRE =
  'var require=typeof require=="function"?require:function(name){return process.getBuiltinModule(name)};';

/**
 * Builds the plugin as one executable script.
 * @throws ToolFailure RELEASE_BUILD if esbuild fails; esbuild has printed the reason
 */
export async function makePluginScript(file: string) {
  const inputs = await bundleFor(
    'src/cf-plugin/main.ts',
    file,
    {},
    {
      target: TARGET,
      // One function, because top-level declarations of a classic script are global.
      format: 'iife',
      banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
      define: { ROLLCALL_VERSION: JSON.stringify(packageVersion(root)) },
      // terminal/version.ts reads package.json only in a clone; here `define` removes that branch.
      logOverride: { 'empty-import-meta': 'silent' },
    },
  );
  chmodSync(file, 0o755);
  return { file, licences: bundledLicences(inputs) };
}

/**
 * The command rollcall for executables. It includes the runbook, because an executable has no files
 * beside it.
 * @param folder for its script
 */
export async function rollcallProgram(
  folder: string,
): Promise<{ readonly program: Program; readonly licences: string }> {
  const script = path.join(folder, 'rollcall.cjs');
  const runbook = readFileSync(path.join(root, 'docs/runbook.md'), 'utf8');
  const inputs = await bundleFor('src/cli/main.ts', script, { ROLLCALL_RUNBOOK: runbook });
  const version = packageVersion(root);
  return {
    licences: bundledLicences(inputs),
    program: {
      name: 'rollcall',
      script,
      // The Windows cells of Diego have no cgroups.
      platforms: NODE_PACKAGES.filter(({ platform }) => platform.startsWith('linux-')),
      trial: ['--version'],
      isRight: (output) => output.trim() === version,
    },
  };
}
