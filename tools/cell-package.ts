import { execa } from 'execa';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/place.mjs';

/**
 * Fills a folder with a cell's package `rollcall`, including the compiled code that packaging
 * stores.
 * @param checkout whose package
 */
export async function makeCellPackage(folder: string, checkout = root): Promise<void> {
  await execa(process.execPath, [path.join(checkout, 'tools/build.ts')]);
  cpSync(path.join(checkout, 'src/dist/rollcall'), folder, { recursive: true });
  const keepCode = path.join(folder, 'keep-code.cjs');
  await execa(process.execPath, [keepCode, 'commands']);
  await execa(process.execPath, [...AGENT_FLAGS, keepCode, 'agent']);
}

/**
 * Node's flags for the agent (docs/decisions/agent-flags.md). The agent waits for 15 seconds and
 * works for a tenth of a second, so memory matters more than speed.
 */
export const AGENT_FLAGS: readonly string[] = [
  '--lite-mode',
  '--single-threaded-gc',
  '--max-semi-space-size=2',
  '--max-old-space-size=128',
];
