import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root } from './place.mjs';
import { SetUpFailure } from './say.mjs';

const needed = 24;

/**
 * The programs are TypeScript: Node 24 strips the types, Node 20 cannot. For Linux on x64 and arm64
 * package.json has a Node 24 as an optional dependency; it is used if the running Node is too old.
 * @returns {string} the path of a node binary
 */
export function nodeForPrograms() {
  if (majorOf(process.version) >= needed) return process.execPath;
  const here = `${process.platform}-${process.arch}`;
  const node = path.join(root, 'node_modules', `node-${here}`, 'bin/node');
  // One for another C library (as on Alpine) exists but does not start.
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (majorOf(stdout ?? '') >= needed) return node;
  throw new SetUpFailure(
    `Node ${needed} is required, this is ${process.version}, and the project's own does not run ` +
      `here (${here}): install Node ${needed} or newer and run the command again`,
  );
}

/** @param {string} version as process.version has it: v24.21.0 */
function majorOf(version) {
  return Number.parseInt(version.slice(1), 10);
}
