import { execa } from 'execa';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/place.mjs';

/** Includes the compiled code that packaging stores. */
export async function makeCellPackage(folder: string, checkout = root): Promise<void> {
  await execa(process.execPath, [path.join(checkout, 'tools/build.ts')]);
  cpSync(path.join(checkout, 'src/dist/rollcall'), folder, { recursive: true });
  const keepCode = path.join(folder, 'keep-code.cjs');
  await execa(process.execPath, [keepCode, 'commands']);
  await execa(process.execPath, [...AGENT_FLAGS, keepCode, 'agent']);
}

/** docs/decisions/agent-flags.md: memory matters more than speed. */
export const AGENT_FLAGS: readonly string[] = [
  '--lite-mode',
  '--single-threaded-gc',
  '--max-semi-space-size=2',
  '--max-old-space-size=128',
];
