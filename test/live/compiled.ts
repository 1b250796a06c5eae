import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { skip } from '../skip.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** A program of this folder that runs in any root; skips the test where it cannot be made. */
export async function compiled(context: Mocha.Context, source: string): Promise<string> {
  const program = join(temporaryFolder(), 'program');
  const path = fileURLToPath(new URL(source, import.meta.url));
  const command = ['-static', '-pthread', '-o', program, path];
  const { exitCode } = await execa('gcc', command, { reject: false });
  if (exitCode !== 0) skip(context, 'needs gcc and a static libc');
  return program;
}
