// `npm run plugin`: the cf CLI plugin as one script, and as programs for machines without Node.
// `--script` makes only the script.
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EXIT_FAILED, finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { root } from '../bootstrap/place.mjs';
import { typedOptions } from '../../src/terminal/options.ts';
import { makeExecutables } from './executables.ts';
import { makePluginScript } from './plugin-script.ts';
import { sha256OfFile } from '../artifact.ts';

const FOLDER = path.join(root, 'src/dist/plugin');

async function makePlugin(): Promise<number> {
  const options = typedOptions({ script: { type: 'boolean', default: false } });
  // Files of an earlier version would lack a checksum.
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const script = await makePluginScript(path.join(FOLDER, 'rollcall-cf-plugin'));
  say(script.file);
  writeFileSync(path.join(FOLDER, 'LICENCES.txt'), script.licences);
  await writeChecksums([script.file]);
  return options.script ? 0 : makePrograms(script.file);
}

async function makePrograms(script: string): Promise<number> {
  const made = [script];
  let exit = 0;
  for await (const result of makeExecutables(script, FOLDER)) {
    if (result.kind === 'failed') {
      processIo.stderr(`no program for ${result.platform}: ${result.why.message}\n`);
      exit = EXIT_FAILED;
    } else {
      made.push(result.file);
      say(result.file, result.isTested ? ', started once' : ', untested: it cannot run here');
    }
  }
  await writeChecksums(made);
  return exit;
}

/** For `sha256sum --check` in that folder. */
async function writeChecksums(files: readonly string[]): Promise<void> {
  const lines = files.map(async (file) => `${await sha256OfFile(file)}  ${path.basename(file)}\n`);
  writeFileSync(path.join(FOLDER, 'SHA256SUMS'), (await Promise.all(lines)).join(''));
}

function say(file: string, more = ''): void {
  const kibibytes = statSync(file).size / 1024;
  const size =
    kibibytes < 10_240 ? `${Math.round(kibibytes)} KiB` : `${Math.round(kibibytes / 1024)} MiB`;
  processIo.stdout(`${path.relative(root, file)}: ${size}${more}\n`);
}

process.exitCode = await finish(makePlugin, processIo);
