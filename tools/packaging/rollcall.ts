// `npm run executables`: builds the command rollcall as single executables for Linux, which need
// neither Node nor another file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../bootstrap/place.mjs';
import { runTool } from '../tool.ts';
import { emptied, HERE, makeExecutables } from './executables.ts';
import { rollcallProgram } from './scripts.ts';

const options = { here: { type: 'boolean', default: false } } as const;

await runTool(options, async ({ here }) => {
  const folder = emptied(path.join(root, 'src/dist/executables'));
  const work = mkdtempSync(path.join(tmpdir(), 'rollcall-bundle-'));
  try {
    const { program, licences } = await rollcallProgram(work);
    writeFileSync(path.join(folder, 'LICENCES.txt'), licences);
    const platforms = program.platforms.filter(({ platform }) => !here || platform === HERE);
    return await makeExecutables({ ...program, platforms }, folder, []);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
