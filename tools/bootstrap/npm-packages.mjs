import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { runChild, say, SetUpFailure, StoppedBySignal } from './child.mjs';
import { withLock } from './lock.mjs';
import { checkInstalledNode } from './node-24.mjs';
import { root, stateFolder } from './place.mjs';

const stampFile = path.join(root, 'node_modules/.rollcall-stamp');

/**
 * Installs the packages of the lockfile, unless the stamp says that they are installed. Safe for
 * concurrent runs.
 */
export async function installNpmPackages() {
  const stamp = wantedStamp();
  if (isStamped(stamp)) return;
  try {
    await withLock(
      path.join(stateFolder, 'set-up'),
      (pid) => say(`another run (process ${pid}) is setting up this checkout; waiting for it`),
      async (alsoHeldBy) => {
        if (isStamped(stamp)) return;
        // The stamp must not survive an interrupted installation.
        rmSync(stampFile, { force: true });
        const startedAt = Date.now();
        say('setting up: npm ci, about 20 seconds, once per version of package-lock.json');
        await npmCi(alsoHeldBy);
        checkPins();
        checkInstalledNode();
        writeFileSync(stampFile, stamp);
        rmSync(spareCache, { recursive: true, force: true });
        say(`set up in ${Math.round((Date.now() - startedAt) / 1000)} s`);
      },
    );
  } catch (error) {
    if (isErrno(error) && ['EACCES', 'EPERM', 'EROFS'].includes(error.code)) {
      throw new SetUpFailure(
        `cannot write to ${error.path ?? root}: run it in a checkout that you own`,
      );
    }
    throw error;
  }
}

function wantedStamp() {
  const lockfile = readFileSync(path.join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(lockfile).digest('hex');
  return `${hash} ${process.platform} ${process.arch}\n`;
}

/** @param {string} stamp */
function isStamped(stamp) {
  try {
    return readFileSync(stampFile, 'utf8') === stamp;
  } catch {
    return false;
  }
}

/**
 * @param {unknown} error
 * @returns {error is NodeJS.ErrnoException & { code: string }}
 */
function isErrno(error) {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** Used only if the user's own npm cache is not writable. */
const spareCache = path.join(stateFolder, 'npm-cache');

const unreachable =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/;

/**
 * Installs the packages of the lockfile and never changes it.
 * @param {(pid: number) => void} onStart gets the process id of npm
 */
async function npmCi(onStart) {
  const npm = npmCommand();
  // These are options of npm ci, and not only in .npmrc, because the user's configuration or
  // NODE_ENV may differ. Install scripts are off: no package needs one, and the code of 170
  // packages should not run as root.
  const args = [
    ...npm.args,
    'ci',
    `--prefix=${root}`,
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--prefer-offline',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=1000',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    // Some packages require a newer Node than 20; they run on Node 24. Only errors matter here.
    '--loglevel=error',
    ...(cacheIsWritable() ? [] : [`--cache=${spareCache}`]),
  ];
  const result = await runChild(npm.file, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm finishes its work on any other signal. A partial installation has no stamp and does no
    // harm.
    whenStopped: 'kill',
    onStart,
  }).catch((/** @type {unknown} */ error) => {
    throw new SetUpFailure(
      `cannot start npm (${String(error)}): install npm, which comes with Node`,
    );
  });
  if (result.stoppedBy !== null) throw new StoppedBySignal(result.stoppedBy);
  if (result.code === 0) return;
  const cause = unreachable.exec(result.output)?.[0];
  if (cause !== undefined) {
    throw new SetUpFailure(
      `cannot reach the npm registry (${cause}): connect to the network, or set a mirror with npm_config_registry=URL, ` +
        'and run the command again',
    );
  }
  // On a usage error npm appends its whole manual to the message.
  process.stderr.write(`${result.output.trim().split('\n').slice(0, 12).join('\n')}\n`);
  throw new SetUpFailure('npm ci failed: fix the error above and run the command again');
}

function npmCommand() {
  const cli = process.env['npm_execpath'];
  // Under pnpm or yarn, npm_execpath names that program; only npm reads package-lock.json.
  if (cli !== undefined && path.basename(cli) === 'npm-cli.js') {
    return { file: process.execPath, args: [cli] };
  }
  return { file: 'npm', args: [] };
}

/** Without a home directory, or with a read-only one, npm would fail on its own cache. */
function cacheIsWritable() {
  try {
    const cache = process.env['npm_config_cache'] ?? path.join(homedir(), '.npm');
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * npm silently installs an older major version if the running Node is too old for the newest, so
 * this compares the installed versions with the pinned ones.
 */
function checkPins() {
  const { dependencies, devDependencies, optionalDependencies = {} } = readManifest(root);
  const wanted = { ...dependencies, ...devDependencies, ...optionalDependencies };
  const wrong = [];
  for (const [name, version] of Object.entries(wanted)) {
    const installed = installedVersion(name);
    if (installed === version) continue;
    if (installed === null && name in optionalDependencies) continue;
    wrong.push(`${name} ${installed ?? 'missing'} instead of ${version}`);
  }
  if (wrong.length === 0) return;
  throw new SetUpFailure(
    `npm ci did not install the versions that package.json pins: ${wrong.join(', ')}`,
  );
}

/** @param {string} name */
function installedVersion(name) {
  try {
    // npm, too, reads v1.2.3 in a manifest as 1.2.3.
    return readManifest(path.join(root, 'node_modules', name)).version?.replace(/^v/, '') ?? null;
  } catch {
    return null;
  }
}

/**
 * @typedef {Readonly<Record<string, string>>} Versions
 * @typedef {{ version?: string, dependencies?: Versions, devDependencies?: Versions, optionalDependencies?: Versions }} Manifest
 * @param {string} folder
 * @returns {Manifest}
 */
function readManifest(folder) {
  // npm has just read these files, and no schema library is installed yet.
  // oxlint-disable-next-line typescript/no-unsafe-return
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}
