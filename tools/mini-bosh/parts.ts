import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { root } from '../bootstrap/place.mjs';
import { KnownFailure } from '../../src/model/failure.ts';

const NODE_BLOBS = join(root, 'blobs/nodejs-24');

/** Makes what the packages are made of: the bundle always, because it may be older than its sources, and the blob if there is none. */
export async function makeParts(): Promise<void> {
  await run('tools/build.ts');
  if (!existsSync(NODE_BLOBS)) await run('tools/release/blobs.ts');
}

async function run(program: string): Promise<void> {
  const made = await execa(process.execPath, [join(root, program)], { reject: false, all: true });
  if (!made.failed) return;
  throw new KnownFailure('MINI_BOSH_FAILED', `${program} failed: ${made.all.trim().slice(-500)}`);
}
