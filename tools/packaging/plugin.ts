// `npm run plugin`: builds the cf CLI plugin as one script, and as executables for machines without
// Node.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { typedOptions } from '../../src/terminal/options.ts';
import { root } from '../bootstrap/place.mjs';
import { emptied, makeExecutables, sayMade, writeChecksums } from './executables.ts';
import { NODE_PACKAGES } from './node-packages.ts';
import { makePluginScript } from './plugin-script.ts';

const NAME = 'rollcall-cf-plugin';

async function makePlugin(): Promise<number> {
  const { script: isScriptOnly } = typedOptions({ script: { type: 'boolean', default: false } });
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
}

process.exitCode = await finish(makePlugin, processIo);
