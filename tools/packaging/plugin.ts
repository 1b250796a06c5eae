// `npm run plugin`: builds the cf CLI plugin as one script, and as executables for machines without
// Node.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { root } from '../bootstrap/place.mjs';
import { typedOptions } from '../../src/terminal/options.ts';
import { fillFolder, sayMade, writeChecksums } from '../executables/folder.ts';
import { NODE_PACKAGES } from '../executables/node-packages.ts';
import { makePluginScript } from './plugin-script.ts';

const FOLDER = path.join(root, 'src/dist/plugin');

async function makePlugin(): Promise<number> {
  const options = typedOptions({ script: { type: 'boolean', default: false } });
  // Files of an earlier version would have no checksum.
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const script = await makePluginScript(path.join(FOLDER, 'rollcall-cf-plugin'));
  sayMade(script.file);
  writeFileSync(path.join(FOLDER, 'LICENCES.txt'), script.licences);
  await writeChecksums(FOLDER, [script.file]);
  return options.script ? 0 : makePrograms(script.file);
}

const makePrograms = (script: string): Promise<number> =>
  fillFolder(
    FOLDER,
    {
      name: 'rollcall-cf-plugin',
      script,
      platforms: NODE_PACKAGES,
      // Somebody may start it this way by mistake.
      trial: [],
      isRight: (output) => output.includes('not intended to be run on its own'),
    },
    [script],
  );

process.exitCode = await finish(makePlugin, processIo);
