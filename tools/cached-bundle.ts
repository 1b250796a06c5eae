import { mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/place.mjs';
import { bundleFor } from './bundle.ts';

/** Always the same, because Node keeps compiled code by its path. */
export const CACHED_BUNDLES = path.join(root, 'node_modules/.cache/rollcall');

/** Only a module can wait at its top level. */
const AS_MODULE = {
  format: 'esm',
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
} as const;

/**
 * Bundles a program that tests start.
 * @param entry absolute, or relative to the top of the checkout
 * @param name of the file in `CACHED_BUNDLES`; one that ends with `.mjs` becomes a module
 * @returns its path
 */
export async function cachedBundle(entry: string, name: string): Promise<string> {
  mkdirSync(CACHED_BUNDLES, { recursive: true });
  const file = path.join(CACHED_BUNDLES, name);
  // Another run in this checkout may be starting it.
  const built = `${file}.${process.pid}`;
  await bundleFor(entry, built, {}, name.endsWith('.mjs') ? AS_MODULE : {});
  renameSync(built, file);
  return file;
}
