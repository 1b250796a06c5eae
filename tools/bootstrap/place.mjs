import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** What tools keep between runs; ignored by git. */
export const stateFolder = path.join(root, '.rollcall');

const day = 86_400_000;

/**
 * A new folder for something that is renamed into place when it is complete, so that nobody sees a
 * part of it, also if two runs make it at once. Removes those that a killed run left a day ago.
 * @param {string} parent on the same filesystem
 * @param {string} prefix
 */
export function buildFolder(parent, prefix) {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const old = path.join(parent, name);
    const madeAt = statSync(old, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (name.startsWith(prefix) && madeAt < Date.now() - day)
      rmSync(old, { recursive: true, force: true });
  }
  return mkdtempSync(path.join(parent, prefix));
}
