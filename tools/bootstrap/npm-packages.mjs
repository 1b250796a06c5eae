import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { checkInstalledNode } from './node-24.mjs';
import { npmCi, spareCache } from './npm-ci.mjs';
import { checkPins } from './pins.mjs';
import { root, stateFolder } from './place.mjs';
import { say, SetUpFailure } from './say.mjs';

const stampFile = path.join(root, 'node_modules/.rollcall-stamp');

/** Installs exactly what the lockfile says, unless the stamp says that it is installed. Several runs may come here at once. */
export async function installNpmPackages() {
  const stamp = wantedStamp();
  if (isStamped(stamp)) return;
  try {
    await withLock(
      path.join(stateFolder, 'set-up'),
      (pid) => say(`another run (process ${pid}) is setting this checkout up; waiting for it`),
      async (alsoHeldBy) => {
        if (isStamped(stamp)) return;
        // A stamp that outlives a half-done installation would be a lie.
        rmSync(stampFile, { force: true });
        const startedAt = Date.now();
        say('setting up: npm ci, about 20 seconds, once for each state of package-lock.json');
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
