// `npm run executables`: builds rollcall as single executables for Linux, without Node.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { inTemporaryFolder } from '../artifact.ts';
import { root } from '../bootstrap/place.mjs';
import { runTool } from '../tool.ts';
import { emptied, HERE, makeExecutables } from './executables.ts';
import { rollcallProgram } from './scripts.ts';

const options = { here: { type: 'boolean', default: false } } as const;

await runTool(options, ({ here }) => {
  const folder = emptied(path.join(root, 'src/dist/executables'));
  return inTemporaryFolder(async (work) => {
    const { program, licences } = await rollcallProgram(work);
    writeFileSync(path.join(folder, 'LICENCES.txt'), licences);
    const platforms = program.platforms.filter(({ platform }) => !here || platform === HERE);
    return makeExecutables({ ...program, platforms }, folder, []);
  });
});
