import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { skip } from '../skip.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/**
 * A program that runs in any root; skips the test where it cannot be made.
 * @param source its path, or its name in this folder
 */
export async function compiled(context: Mocha.Context, source: string): Promise<string> {
  const program = join(temporaryFolder(), 'program');
  const path = resolve(import.meta.dirname, source);
  const command = ['-static', '-pthread', '-o', program, path];
  const { exitCode } = await execa('gcc', command, { reject: false });
  if (exitCode !== 0) skip(context, 'needs gcc and a static libc');
  return program;
}
