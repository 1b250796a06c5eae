import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const fileBeside = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** How a node process becomes the cell's gdn. */
export const gdnCommand = (configuration: string): readonly string[] => [
  process.execPath,
  fileBeside('./gdn-main.ts'),
  configuration,
];

/** The product's own command, as the demo and the cell's visitors call it. */
export const rollcallCommand = (args: readonly string[]): readonly string[] => [
  process.execPath,
  fileBeside('../cli/main.ts'),
  ...args,
];

/** Directories that must be visible in the cell, for gdn and for what is run in it: this project and its node. */
export function directoriesToKeep(): readonly string[] {
  const project = fileBeside('../..').replace(/\/$/, '');
  const node = dirname(process.execPath);
  return node === project || node.startsWith(`${project}/`) ? [project] : [project, node];
}
