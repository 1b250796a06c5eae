import { cpSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { AGENT_FLAGS } from './agent-flags.ts';
import { root } from './bootstrap/place.mjs';

/** Makes a folder the package `rollcall` as a cell has it: built, and with the code that packaging keeps. */
export async function makeCellPackage(folder: string): Promise<void> {
  await execa(process.execPath, [path.join(root, 'tools/build.ts')]);
  cpSync(path.join(root, 'src/dist/rollcall'), folder, { recursive: true });
  const keepCode = path.join(folder, 'keep-code.cjs');
  await execa(process.execPath, [keepCode, 'commands']);
  await execa(process.execPath, [...AGENT_FLAGS, keepCode, 'agent']);
}
