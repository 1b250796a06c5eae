import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './place.mjs';
import { SetUpFailure } from './say.mjs';

/**
 * npm picks an older major in silence where the running Node is too old for the newest one,
 * so what came is compared with what is pinned.
 */
export function checkPins() {
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
  throw new SetUpFailure(`npm ci did not install what package.json pins: ${wrong.join(', ')}`);
}

/** @param {string} name */
function installedVersion(name) {
  try {
    // npm takes a manifest that says v1.2.3 for 1.2.3, and so do we.
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
  // npm itself has just read these files; no schema library is there yet to check them with.
  // oxlint-disable-next-line typescript/no-unsafe-return
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}
