import { execa } from 'execa';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/place.mjs';

/** Builds this checkout, and fills a folder with a cell's package `rollcall`. */
export async function makeCellPackage(folder: string): Promise<void> {
  await execa(process.execPath, [path.join(root, 'tools/build.ts')]);
  await fillCellPackage(folder, path.join(root, 'src/dist/rollcall'));
}

/**
 * Fills a folder as packaging does on a cell: it adds the compiled code.
 * @param built the content of src/dist/rollcall of any checkout
 */
export async function fillCellPackage(folder: string, built: string): Promise<void> {
  cpSync(built, folder, { recursive: true });
  const keepCode = path.join(folder, 'keep-code.cjs');
  await execa(process.execPath, [keepCode, 'commands']);
  await execa(process.execPath, [...AGENT_FLAGS, keepCode, 'agent']);
}

/**
 * Node's flags for the agent (docs/decisions/agent-flags.md). The agent waits for 15 seconds and
 * works for some 30 milliseconds, so memory matters more than speed.
 */
export const AGENT_FLAGS: readonly string[] = [
  '--lite-mode',
  '--single-threaded-gc',
  '--max-semi-space-size=2',
  '--max-old-space-size=128',
];
