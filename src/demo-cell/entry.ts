import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The argument that makes a bundle be gdn; see `gdnCommand`. */
export const GDN_ARGUMENT = '__gdn';

const HERE = fileURLToPath(import.meta.url);
const IS_SOURCE = HERE.endsWith('.ts');

/**
 * How a node process becomes the cell's gdn. The only place that knows whether this code runs from its sources or from
 * one bundled file: a bundle's main hands over to `runGdn` when its first argument is GDN_ARGUMENT.
 */
export const gdnCommand = (configuration: string): readonly string[] =>
  IS_SOURCE
    ? [process.execPath, fileURLToPath(new URL('./gdn-main.ts', import.meta.url)), configuration]
    : [process.execPath, HERE, GDN_ARGUMENT, configuration];

/** Directories that must be visible in the cell, for gdn and for what is run in it: this project and its node. */
export function directoriesToKeep(): readonly string[] {
  const project = IS_SOURCE ? fileURLToPath(new URL('../..', import.meta.url)) : dirname(HERE);
  const own = project.replace(/\/$/, '');
  const node = dirname(process.execPath);
  return node === own || node.startsWith(`${own}/`) ? [own] : [own, node];
}
