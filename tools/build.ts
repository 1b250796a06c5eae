// `npm run tool -- build`: makes the package for a cell; its rollcall.cjs also runs alone with Node 24,
// but without the names' socket.
import { copyFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/place.mjs';
import { print, runTool } from './tool.ts';
import { bundledLicences, bundleFor, NAMES_PART, withoutNamesPart } from './bundle.ts';

/** BOSH packages can take files only from src/ and blobs/, so the build goes below src/. */
const DIST = path.join(root, 'src/dist');
const PACKAGE = path.join(DIST, 'rollcall');

/** On a cell neither Node nor the program is on the operators' PATH. */
const commandOnCell = `#!/bin/sh
exec /var/vcap/packages/nodejs-24/bin/node /var/vcap/packages/rollcall/start.cjs "$@"
`;

await runTool({}, async () => {
  // The release includes every file in the folder, so the build replaces the whole folder.
  const built = path.join(DIST, `.rollcall-${process.pid}`);
  try {
    mkdirSync(path.join(built, 'bin'), { recursive: true });
    const at = (file: string): string => path.join(built, file);
    const inputs = [
      ...(await bundleFor('src/cli/main.ts', at('rollcall.cjs'), {}, withoutNamesPart)),
      ...(await bundleFor(NAMES_PART.entry, at(NAMES_PART.file))),
      ...(await bundleFor('src/start/main.ts', at('start.cjs'))),
      ...(await bundleFor('src/start/keep-code.ts', at('keep-code.cjs'))),
    ];
    writeFileSync(path.join(built, 'LICENCES.txt'), bundledLicences(inputs));
    writeFileSync(path.join(built, 'bin/rollcall'), commandOnCell, { mode: 0o755 });
    copyFileSync(path.join(root, 'docs/runbook.md'), path.join(built, 'runbook.md'));
    rmSync(PACKAGE, { recursive: true, force: true });
    renameSync(built, PACKAGE);
  } finally {
    rmSync(built, { recursive: true, force: true });
  }
  const size = Math.round(statSync(path.join(PACKAGE, 'rollcall.cjs')).size / 1024);
  print(`src/dist/rollcall/rollcall.cjs: ${size} KiB`);
});
