import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from './place.mjs';
import { SetUpFailure } from './child.mjs';

const neededMajor = 24;

/** The platforms for which package.json has a Node 24, as optional dependencies. */
const broughtFor = ['linux-x64', 'linux-arm64'];
const here = `${process.platform}-${process.arch}`;

/**
 * The programs are TypeScript: Node 24 strips the types, Node 20 cannot. The project includes its
 * own Node 24 as an npm package, but uses the running Node if that is new enough.
 * @returns {string} the path of a node binary
 */
export function nodeForPrograms() {
  if (majorOf(process.version) >= neededMajor) return process.execPath;
  const installed = installedNode();
  if (installed !== null) return installed;
  throw new SetUpFailure(
    broughtFor.includes(here)
      ? `node_modules lacks node-${here}, which npm may leave out: remove node_modules and run the command again`
      : `Node ${neededMajor} is required, this is ${process.version}, and the project includes its own only for ` +
          `${broughtFor.join(' and ')} (here: ${here}): install Node ${neededMajor} or newer and run the command again`,
  );
}

/**
 * Checks that the binary starts. One for another C library (as on Alpine) exists but does not
 * start.
 */
export function checkInstalledNode() {
  const node = nodeForPrograms();
  if (node === process.execPath) return;
  const { stdout, error } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (error === undefined && majorOf(stdout) >= neededMajor) return;
  throw new SetUpFailure(
    `${path.relative(root, node)} does not run here (a system without glibc?): ` +
      `install Node ${neededMajor} or newer and run the command again`,
  );
}

function installedNode() {
  const node = path.join(root, 'node_modules', `node-${here}`, 'bin/node');
  return existsSync(node) ? node : null;
}

/** @param {string} version as process.version has it: v24.21.0 */
function majorOf(version) {
  return Number.parseInt(version.slice(1), 10);
}
