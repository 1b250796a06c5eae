import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageVersion } from '../artifact.ts';
import { root } from '../bootstrap/place.mjs';
import { bundledLicences, bundleFor } from '../bundle.ts';
import { NODE_PACKAGES } from './node-packages.ts';
import type { Program } from './executables.ts';

export interface RollcallProgram {
  readonly program: Program;
  readonly licences: string;
}

/**
 * The command rollcall for executables. It includes the runbook, because an executable has no files
 * beside it.
 * @param folder for its script
 */
export async function rollcallProgram(folder: string): Promise<RollcallProgram> {
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
