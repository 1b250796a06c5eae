import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { KnownFailure } from '../../src/model/failure.ts';
import { root } from '../bootstrap/place.mjs';

/** In every Node that can be a single executable: here postject notes that there is something to run. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * What is put into each executable: the script, prepared by a Node of the same version.
 * @param node the program of that Node
 * @param folder for the files of this step
 */
export async function prepareBlob(node: string, script: string, folder: string): Promise<string> {
  const main = path.join(folder, 'main.cjs');
  const blob = path.join(folder, 'sea.blob');
  const config = path.join(folder, 'sea.json');
  // It becomes the body of a function, where `#!` is no comment.
  writeFileSync(main, readFileSync(script, 'utf8').replace(/^#!.*\n/, ''));
  writeFileSync(
    config,
    JSON.stringify({
      main,
      output: blob,
      disableExperimentalSEAWarning: true,
      // Both are machine code of the Node that prepares it, which another platform cannot load.
      useSnapshot: false,
      useCodeCache: false,
    }),
  );
  await execa(node, ['--experimental-sea-config', config], { timeout: 60_000 });
  return blob;
}

/**
 * A copy of a Node that runs the blob instead of what its command line says.
 * @throws KnownFailure PLUGIN_BUILD with what postject says
 */
export async function makeExecutable(node: string, blob: string, file: string): Promise<void> {
  copyFileSync(node, file);
  chmodSync(file, 0o755);
  const postject = path.join(root, 'node_modules/postject/dist/cli.js');
  const args = [postject, file, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE];
  const { failed, all } = await execa(process.execPath, args, {
    all: true,
    reject: false,
    timeout: 5 * 60_000,
  });
  if (failed) throw broken(file, `postject cannot put the script into it: ${all}`);
}

/**
 * Starts it the way a person does who takes it for a program.
 * @throws KnownFailure PLUGIN_BUILD where it does not answer as the plugin does
 */
export async function checkItStarts(file: string): Promise<void> {
  const { all } = await execa(file, [], { all: true, reject: false, timeout: 20_000 });
  if (!all?.includes('not intended to be run on its own'))
    throw broken(file, `it does not start: ${all}`);
}

function broken(file: string, what: string): KnownFailure {
  return new KnownFailure('PLUGIN_BUILD', `${path.basename(file)}: ${what}`);
}
