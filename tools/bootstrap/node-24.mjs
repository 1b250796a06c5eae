import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from './place.mjs';
import { SetUpFailure } from './say.mjs';

const neededMajor = 24;

/** Where package.json brings a Node 24 along, as an optional dependency for each. */
const broughtFor = ['linux-x64', 'linux-arm64'];
const here = `${process.platform}-${process.arch}`;

/**
 * The programs are TypeScript that Node runs by stripping types, which Node 20 cannot. The project brings its own Node 24 as an
 * npm package; a running Node that is new enough is used as it is.
 * @returns {string} the path of a node binary
 */
export function nodeForPrograms() {
  if (majorOf(process.version) >= neededMajor) return process.execPath;
  const installed = installedNode();
  if (installed !== null) return installed;
  throw new SetUpFailure(
    broughtFor.includes(here)
      ? `node_modules lacks node-${here}, which npm may leave out: remove node_modules and run the command again`
      : `needs Node ${neededMajor}, this is ${process.version}, and the project brings its own only for ` +
          `${broughtFor.join(' and ')} (here: ${here}): install Node ${neededMajor} or newer and run the command again`,
  );
}

/** Run once, by set-up: a binary for another C library (Alpine) is there but does not start. */
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
