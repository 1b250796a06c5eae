// `npm run executables`: builds the command rollcall as single executables for Linux, which need
// neither Node nor another file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { typedOptions } from '../../src/terminal/options.ts';
import { root } from '../bootstrap/place.mjs';
import { emptied, HERE, makeExecutables } from './executables.ts';
import { rollcallProgram } from './rollcall-program.ts';

async function makeRollcall(): Promise<number> {
  const { here } = typedOptions({ here: { type: 'boolean', default: false } });
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
}

process.exitCode = await finish(makeRollcall, processIo);
