import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { runChild } from './child.mjs';
import { root, stateFolder } from './place.mjs';
import { SetUpFailure, StoppedBySignal } from './say.mjs';

/** Used only where the user's own npm cache cannot be written to. */
export const spareCache = path.join(stateFolder, 'npm-cache');

const unreachable =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/;

/**
 * Installs what the lockfile says and never changes it.
 * @param {(pid: number) => void} onStart gets the process id of npm
 */
export async function npmCi(onStart) {
  const npm = npmCommand();
  // Said here and not only in .npmrc, because the user's own configuration or NODE_ENV could say otherwise.
  // No install scripts: nothing we install needs one, and code of 170 packages need not run as root.
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
    // Node 20 is older than some packages ask for; they run on Node 24. Only errors matter here.
    '--loglevel=error',
    ...(cacheIsWritable() ? [] : [`--cache=${spareCache}`]),
  ];
  const result = await runChild(npm.file, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm first finishes what it does, whatever the signal. Half an installation has no stamp and harms nobody.
    whenStopped: 'kill',
    onStart,
  }).catch((/** @type {unknown} */ error) => {
    throw new SetUpFailure(
      `npm cannot be started (${String(error)}): install npm, it comes with Node`,
    );
  });
  if (result.stoppedBy !== null) throw new StoppedBySignal(result.stoppedBy);
  if (result.code === 0) return;
  const cause = unreachable.exec(result.output)?.[0];
  if (cause !== undefined) {
    throw new SetUpFailure(
      `the npm registry cannot be reached (${cause}): connect to the network, or name a mirror with npm_config_registry=URL, ` +
        'and run the command again',
    );
  }
  // On a misuse npm appends its whole manual; what is wrong stands first.
  process.stderr.write(`${result.output.trim().split('\n').slice(0, 12).join('\n')}\n`);
  throw new SetUpFailure(
    'npm ci failed, its own words are above; mend that and run the command again',
  );
}

function npmCommand() {
  const cli = process.env['npm_execpath'];
  // Under pnpm or yarn npm_execpath names those; only npm reads package-lock.json.
  if (cli !== undefined && path.basename(cli) === 'npm-cli.js') {
    return { file: process.execPath, args: [cli] };
  }
  return { file: 'npm', args: [] };
}

/** Without a home, or with one that cannot be written to, npm would fail on its own cache. */
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
