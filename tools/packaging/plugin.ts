// `npm run plugin`: builds the cf CLI plugin as a script, and as executables without Node.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/place.mjs';
import { runTool } from '../tool.ts';
import { emptied, makeExecutables, sayMade, writeChecksums } from './executables.ts';
import { NODE_PACKAGES } from './node-packages.ts';
import { makePluginScript } from './scripts.ts';

const NAME = 'rollcall-cf-plugin';

const options = { script: { type: 'boolean', default: false } } as const;

await runTool(options, async ({ script: isScriptOnly }) => {
  const folder = emptied(path.join(root, 'src/dist/plugin'));
  const { file, licences } = await makePluginScript(path.join(folder, NAME));
  sayMade(file);
  writeFileSync(path.join(folder, 'LICENCES.txt'), licences);
  await writeChecksums(folder, [file]);
  if (isScriptOnly) return 0;
  const program = {
    name: NAME,
    script: file,
    platforms: NODE_PACKAGES,
    // Somebody may start it this way by mistake.
    trial: [],
    isRight: (output: string) => output.includes('not intended to be run on its own'),
  };
  return makeExecutables(program, folder, [file]);
});
