import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Holds locks and a spare npm cache; ignored by git. It is not in node_modules, which `npm ci`
 * removes.
 */
export const stateFolder = path.join(root, '.rollcall');
