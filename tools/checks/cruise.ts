import { existsSync } from 'node:fs';
import path from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { root } from '../bootstrap/place.mjs';

interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

export interface Cruise {
  readonly violations: readonly Violation[];
  /** The files below src/ and tools/ that were read, relative to the folder. */
  readonly modules: readonly string[];
}

/**
 * Judges the imports of every file below src/ and tools/ of `folder` by the rules of .dependency-cruiser.mjs.
 * @param folder the checkout, or a folder laid out like it
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
