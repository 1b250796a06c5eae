import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { CACHED_BUNDLES } from '../../tools/bundle.ts';
import { root } from '../../tools/bootstrap/place.mjs';
import { skip } from '../skip.ts';

interface Earlier {
  readonly commit: string;
  readonly entry: string;
  /** Whether it has `escaped` and acknowledgements. */
  readonly knowsAll: boolean;
}

/** Programs that called themselves 0.1.0. */
export const EARLIER: Readonly<Record<string, Earlier>> = {
  'of the day of that version': {
    commit: '27c3aae1bdf2acbe7079a3a2d9450b1771c9863e',
    entry: 'src/agent/main.ts',
    knowsAll: false,
  },
  'of the last commit of that version': {
    commit: '7f173942339e77e4d9e69a320b1b85b9be2c10ab',
    entry: 'src/cli/main.ts',
    knowsAll: true,
  },
};

/** Under another name than the sources use. */
const REQUIRE =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

/** Builds it with the packages of today, of which it used the same versions. */
export async function earlierProgram(
  context: Mocha.Context,
  { commit, entry }: Earlier,
): Promise<string> {
  const git = (...args: readonly string[]) =>
    spawnSync('git', ['-C', root, ...args], { maxBuffer: 64 * 1024 * 1024 });
  const archive = git('archive', commit, 'src');
  if (archive.status !== 0) skip(context, 'this clone has no history');
  const folder = path.join(CACHED_BUNDLES, commit);
  mkdirSync(folder, { recursive: true });
  spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout });
  const program = path.join(folder, 'rollcall.mjs');
  await build({
    entryPoints: [path.join(folder, entry)],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    define: { ROLLCALL_VERSION: '"0.1.0"' },
    banner: { js: REQUIRE },
  });
  return program;
}
