// `npm run executables`: builds the command rollcall as single executables for Linux, which need
// neither Node nor another file.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { typedOptions } from '../../src/terminal/options.ts';
import { root } from '../bootstrap/place.mjs';
import { fillFolder } from './folder.ts';
import { rollcallProgram } from './rollcall-program.ts';
import { HERE } from './single-executables.ts';

const FOLDER = path.join(root, 'src/dist/executables');

async function makeRollcall(): Promise<number> {
  const { here } = typedOptions({ here: { type: 'boolean', default: false } });
  // Files of an earlier version would have no checksum.
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const work = mkdtempSync(path.join(tmpdir(), 'rollcall-bundle-'));
  try {
    const { program, licences } = await rollcallProgram(work);
    writeFileSync(path.join(FOLDER, 'LICENCES.txt'), licences);
    const platforms = program.platforms.filter(({ platform }) => !here || platform === HERE);
    return await fillFolder(FOLDER, { ...program, platforms }, []);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

process.exitCode = await finish(makeRollcall, processIo);
