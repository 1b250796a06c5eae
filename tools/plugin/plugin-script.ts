import { chmodSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { KnownFailure } from '../../src/model/failure.ts';
import { root } from '../bootstrap/place.mjs';
import { bundledLicences } from '../bundled-licences.ts';
import { packageVersion } from '../package-version.ts';

/** The first Node whose `process.getBuiltinModule` works is 20.16. */
const TARGET = 'node20.16';

/*
 * cf installs the file under a name without an extension, so that Node takes it for what the nearest package.json above the
 * plugin folder says. As a classic script it has `require`, as a module it has not: this line is valid in both. A module
 * would not be: a classic script has no `import`.
 */
const REQUIRE =
  'var require=typeof require=="function"?require:function(name){return process.getBuiltinModule(name)};';

export interface PluginScript {
  readonly file: string;
  /** Of the packages in it. */
  readonly licences: string;
}

/**
 * Makes the plugin as one executable script.
 * @throws KnownFailure PLUGIN_BUILD for what esbuild cannot bundle, after esbuild has printed it
 */
export async function makePluginScript(file: string): Promise<PluginScript> {
  const version = packageVersion(root);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [path.join(root, 'src/cf-plugin/main.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: TARGET,
    // All in one function: what is declared at the top of a classic script would be global.
    format: 'iife',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    define: { ROLLCALL_VERSION: JSON.stringify(version) },
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
    logLevel: 'warning',
    // terminal/version.ts asks package.json only in a clone; here the version is a constant and that branch is gone.
    logOverride: { 'empty-import-meta': 'silent' },
  }).catch((cause: unknown) => {
    const what = 'esbuild cannot bundle the plugin: correct what it says above';
    throw new KnownFailure('PLUGIN_BUILD', what, { cause });
  });
  chmodSync(file, 0o755);
  return { file, licences: bundledLicences(Object.keys(metafile.inputs)) };
}
