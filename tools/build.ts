// `npm run build`: the command as one file, for a machine that has Node 24 and nothing else.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { EXIT_FAILED, finish } from '../src/terminal/failing.ts';
import { processIo } from '../src/terminal/io.ts';
import { root } from './bootstrap/place.mjs';
import { bundledLicences } from './bundled-licences.ts';
import { packageVersion } from './package-version.ts';
import { typedOptions } from '../src/terminal/options.ts';

/** BOSH packages can take files from src/ and blobs/ only, so the bundle lies below src/. */
const outfile = path.join(root, 'src/dist/rollcall.mjs');
const licences = path.join(root, 'src/dist/LICENCES.txt');

/** On a cell neither Node nor the bundle is on the PATH of operators, so the command names both. */
const commandOnCell = `#!/bin/sh
exec /var/vcap/packages/nodejs-24/bin/node /var/vcap/packages/rollcall/rollcall.mjs "$@"
`;

async function makeBundle(): Promise<number> {
  typedOptions({});
  const built = await build({
    absWorkingDir: root,
    entryPoints: [path.join(root, 'src/cli/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Names stay, so that a stack trace from a cell says what the source says; they cost 0.1 MB and no time.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    define: { ROLLCALL_VERSION: JSON.stringify(packageVersion(root)) },
    // yargs and winston bring CommonJS, whose require() an ES module does not have. Imported under
    // another name, because the sources import createRequire themselves.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    logLevel: 'warning',
  }).catch(() => null);

  // What went wrong esbuild has printed already.
  if (built === null) return EXIT_FAILED;
  const command = path.join(root, 'src/dist/bin/rollcall');
  mkdirSync(path.dirname(command), { recursive: true });
  writeFileSync(command, commandOnCell, { mode: 0o755 });
  writeFileSync(licences, bundledLicences(Object.keys(built.metafile.inputs)));
  const size = Math.round(statSync(outfile).size / 1024);
  processIo.stdout(`${path.relative(root, outfile)}: ${size} KiB\n`);
  return 0;
}

process.exitCode = await finish(makeBundle, processIo);
