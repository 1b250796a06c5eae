import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { buildFolder, root, stateFolder } from './place.mjs';
import { say, SetUpFailure } from './say.mjs';

const nodeModules = path.join(root, 'node_modules');
const stampFile = path.join(nodeModules, '.rollcall-stamp');
/** npm writes it at the end of an installation. */
const INSTALLED = '.package-lock.json';
/** On a slow network it takes minutes, and npm itself says nothing meanwhile. */
const SAY_EVERY_SECONDS = 10;

/**
 * Installs the packages of the lockfile, unless the stamp says that they are installed. Each run
 * installs into a folder of its own, so two at once, or a killed one and its npm, harm nothing.
 */
export async function installNpmPackages() {
  const lockfile = fs.readFileSync(path.join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(lockfile).digest('hex');
  const stamp = `${hash} ${process.platform} ${process.arch}\n`;
  const isInstalled = () =>
    fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === stamp;
  if (isInstalled()) return;
  if (npmInstalled(lockfile.toString())) {
    fs.writeFileSync(stampFile, stamp);
    return;
  }
  const startedAt = Date.now();
  say('setting up: npm ci, about 20 seconds, once per version of package-lock.json');
  const folder = buildFolder(stateFolder, 'npm-');
  try {
    for (const file of ['package.json', 'package-lock.json', '.npmrc'])
      fs.cpSync(path.join(root, file), path.join(folder, file));
    await npmCi(folder);
    if (isInstalled()) return;
    putInPlace(folder);
    fs.writeFileSync(stampFile, stamp);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  say(`set up in ${Math.round((Date.now() - startedAt) / 1000)} s`);
}

/**
 * Whether somebody ran npm here, and it installed everything that the lockfile has for this machine.
 * @param {string} lockfile
 */
function npmInstalled(lockfile) {
  const file = path.join(nodeModules, INSTALLED);
  if (!fs.existsSync(file)) return false;
  const installed = packagesIn(fs.readFileSync(file, 'utf8'));
  return Object.entries(packagesIn(lockfile)).every(([name, wanted]) => {
    const found = installed[name];
    if (found !== undefined) return found.integrity === wanted.integrity;
    return name === '' || (wanted.optional === true && !isForHere(wanted));
  });
}

/**
 * @typedef {string | readonly string[]} Names
 * @typedef {{ integrity?: string, optional?: boolean, os?: Names, cpu?: Names, libc?: Names }} Package
 * @param {string} lockfile
 * @returns {Readonly<Record<string, Package>>}
 */
function packagesIn(lockfile) {
  // npm wrote both files.
  // oxlint-disable-next-line typescript/no-unsafe-return, typescript/no-unsafe-member-access
  return JSON.parse(lockfile).packages ?? {};
}

/**
 * Whether an optional package is certainly for this machine: one that names no system may be for a
 * package that is not.
 * @param {Package} wanted
 */
const isForHere = ({ os, cpu, libc }) =>
  os !== undefined &&
  os.includes(process.platform) &&
  cpu !== undefined &&
  cpu.includes(process.arch) &&
  libc === undefined;

/** @param {string} folder that has the new packages */
function putInPlace(folder) {
  const fresh = path.join(folder, 'node_modules');
  try {
    if (fs.existsSync(nodeModules)) fs.renameSync(nodeModules, path.join(folder, 'old'));
    fs.renameSync(fresh, nodeModules);
  } catch {
    // A volume, or a folder in a lower layer of an overlay, cannot be renamed.
    fs.mkdirSync(nodeModules, { recursive: true });
    // A copy may be interrupted.
    fs.rmSync(path.join(fresh, INSTALLED), { force: true });
    for (const name of fs.readdirSync(nodeModules))
      fs.rmSync(path.join(nodeModules, name), { recursive: true, force: true });
    fs.cpSync(fresh, nodeModules, { recursive: true, verbatimSymlinks: true });
  }
}

/**
 * How to start npm: the program and its first arguments. Under pnpm or yarn, npm_execpath names that
 * program; only npm reads package-lock.json.
 * @returns {[string, ...string[]]}
 */
export function npmProgram() {
  const cli = process.env['npm_execpath'] ?? '';
  return path.basename(cli) === 'npm-cli.js' ? [process.execPath, cli] : ['npm'];
}

/**
 * Installs the packages of the lockfile and never changes it.
 * @param {string} folder
 */
async function npmCi(folder) {
  const [file, ...first] = npmProgram();
  // These are options of npm ci, and not only in .npmrc, because the user's configuration or
  // NODE_ENV may differ. Install scripts are off: no package needs one, and the code of 170
  // packages should not run as root. --loglevel=error hides that some require a newer Node than
  // 20: they run on Node 24.
  const options =
    'ci --ignore-scripts --include=dev --include=optional --prefer-offline --fetch-retries=1 ' +
    '--fetch-retry-mintimeout=1000 --no-audit --no-fund --no-progress --loglevel=error';
  const args = [...first, ...options.split(' '), `--prefix=${folder}`];
  if (!cacheIsWritable()) args.push(`--cache=${path.join(folder, 'cache')}`);
  const npm = spawn(file, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  npm.stderr.setEncoding('utf8').on('data', (chunk) => (errors += chunk));
  const startedAt = performance.now();
  const saying = setInterval(
    () => say(`still installing: ${Math.round((performance.now() - startedAt) / 1000)} s`),
    SAY_EVERY_SECONDS * 1000,
  );
  try {
    await once(npm, 'close');
    if (npm.exitCode === 0) return;
  } catch (error) {
    throw new SetUpFailure(`cannot start npm (${messageOf(error)}): install npm`);
  } finally {
    clearInterval(saying);
  }
  // On a usage error npm appends its whole manual to the message.
  process.stderr.write(`${errors.trim().split('\n').slice(0, 12).join('\n')}\n`);
  throw new SetUpFailure(
    'npm ci failed: fix the error above, for example with npm_config_registry=URL for a mirror, ' +
      'and run the command again',
  );
}

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** Without a home directory, or with a read-only one, npm would fail on its own cache. */
function cacheIsWritable() {
  try {
    const cache = process.env['npm_config_cache'] ?? path.join(homedir(), '.npm');
    fs.mkdirSync(cache, { recursive: true });
    fs.accessSync(cache, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
