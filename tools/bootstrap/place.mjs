import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Locks and a spare npm cache; not below node_modules, because `npm ci` removes that. Ignored by git. */
export const stateFolder = path.join(root, '.rollcall');
