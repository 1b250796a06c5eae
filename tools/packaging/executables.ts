import fs from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { EXIT_FAILED } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { inTemporaryFolder, sha256OfFile } from '../artifact.ts';
import { ToolFailure, whyFailed } from '../failure.ts';
import { root } from '../bootstrap/place.mjs';
import {
  downloadedProgram,
  installedProgram,
  NODE_PACKAGES,
  NODE_VERSION,
  type NodePackage,
} from './node-packages.ts';

/** This machine, in the form of the platform names. */
export const HERE = `${process.platform}-${process.arch}`;

/** A script that becomes an executable for each of several platforms. */
export interface Program {
  /** The executables are named NAME-PLATFORM. */
  readonly name: string;
  /** The script: a single file, not a module. */
  readonly script: string;
  readonly platforms: readonly NodePackage[];
  readonly trial: readonly string[];
  /** Whether the output of the trial run is correct. */
  readonly isRight: (output: string) => boolean;
}

/**
 * Makes the executables of a program, with Node's licence and the checksums of all files beside
 * them, and reports each. If one platform's Node cannot be downloaded, or its executable does not
 * start, the others are still made.
 * @param folder the target folder
 * @param files other files in it, for the checksums
 * @returns the exit code
 * @throws ToolFailure EXECUTABLE_BUILD if none can be made
 */
export async function makeExecutables(
  program: Program,
  folder: string,
  files: readonly string[],
): Promise<number> {
  const made = [...files];
  let exit = 0;
  await inTemporaryFolder(async (work) => {
    const here = nodeOfThatVersion();
    const blob = await prepareBlob(here, program.script, work);
    // Each executable includes Node. The package for Windows lacks the licence.
    fs.copyFileSync(path.resolve(here, '../../LICENSE'), path.join(folder, 'LICENCES-node.txt'));
    for (const node of program.platforms) {
      const suffix = node.platform.replace('win32', 'windows');
      const file = path.join(folder, `${program.name}-${suffix}${path.extname(node.program)}`);
      try {
        const nodeProgram = installedProgram(node) ?? (await downloadedProgram(node, work));
        await makeExecutable(nodeProgram, blob, file);
        const isTested = node.platform === HERE;
        if (isTested) await checkItStarts(program, file);
        made.push(file);
        sayMade(file, isTested ? ', started once' : ', untested: it cannot run here');
      } catch (error) {
        fs.rmSync(file, { force: true });
        if (!(error instanceof ToolFailure)) throw error;
        processIo.stderr(`no executable for ${node.platform}: ${error.message}\n`);
        exit = EXIT_FAILED;
      }
    }
  });
  await writeChecksums(folder, made);
  return exit;
}

/** Empties a target folder: what an earlier run left would have no checksum. */
export function emptied(folder: string): string {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

/** For `sha256sum --check` in that folder. */
export async function writeChecksums(folder: string, files: readonly string[]): Promise<void> {
  const lines = files.map(async (file) => `${await sha256OfFile(file)}  ${path.basename(file)}\n`);
  fs.writeFileSync(path.join(folder, 'SHA256SUMS'), (await Promise.all(lines)).join(''));
}

export function sayMade(file: string, more = ''): void {
  const kibibytes = fs.statSync(file).size / 1024;
  const size =
    kibibytes < 10_240 ? `${Math.round(kibibytes)} KiB` : `${Math.round(kibibytes / 1024)} MiB`;
  processIo.stdout(`${path.relative(root, file)}: ${size}${more}\n`);
}

/**
 * This machine's own Node, in the version of all executables: each version has its own blob format.
 * @throws ToolFailure EXECUTABLE_BUILD
 */
function nodeOfThatVersion(): string {
  const own = NODE_PACKAGES.find((node) => node.platform === HERE);
  const installed = own === undefined ? null : installedProgram(own);
  if (installed !== null) return installed;
  throw new ToolFailure(
    'EXECUTABLE_BUILD',
    `executables can be built only on Linux, with the Node ${NODE_VERSION} that npm installs there`,
  );
}

/** A marker in every Node that can become a single executable; postject flips it with the blob. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * Prepares the blob of all executables from the script, with a Node of the same version.
 * @param node the program of that Node
 * @param folder for the files of this step
 * @throws ToolFailure EXECUTABLE_BUILD with Node's message
 */
async function prepareBlob(node: string, script: string, folder: string): Promise<string> {
  const [main, output, config] = ['main.cjs', 'sea.blob', 'sea.json'];
  // The script becomes a function body, where `#!` is a syntax error.
  const text = fs.readFileSync(script, 'utf8').replace(/^#!.*\n/, '');
  fs.writeFileSync(path.join(folder, main), text);
  fs.writeFileSync(
    path.join(folder, config),
    JSON.stringify({
      // The blob contains this path, so it must be the same in every build.
      main,
      output,
      disableExperimentalSEAWarning: true,
      // Both contain machine code of the preparing Node, which other platforms cannot load.
      useSnapshot: false,
      useCodeCache: false,
    }),
  );
  const command = ['--experimental-sea-config', config];
  const made = await execa(node, command, {
    cwd: folder,
    all: true,
    reject: false,
    timeout: 60_000,
  });
  if (made.failed) throw broken(script, `Node cannot prepare it: ${whyFailed(made, made.all)}`);
  return path.join(folder, output);
}

/**
 * Copies a Node so that it runs the blob instead of its command line.
 * @throws ToolFailure EXECUTABLE_BUILD with postject's message
 */
async function makeExecutable(node: string, blob: string, file: string): Promise<void> {
  fs.copyFileSync(node, file);
  fs.chmodSync(file, 0o755);
  const postject = path.join(root, 'node_modules/postject/dist/cli.js');
  const args = [postject, file, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE];
  const added = await execa(process.execPath, args, {
    all: true,
    reject: false,
    timeout: 5 * 60_000,
  });
  if (added.failed) {
    throw broken(file, `postject cannot add the script: ${whyFailed(added, added.all)}`);
  }
}

/** @throws ToolFailure EXECUTABLE_BUILD if an executable does not print the expected output */
async function checkItStarts({ trial, isRight }: Program, file: string): Promise<void> {
  const ran = await execa(file, trial, { all: true, reject: false, timeout: 20_000 });
  if (!isRight(ran.all)) throw broken(file, `it does not start: ${whyFailed(ran, ran.all)}`);
}

function broken(file: string, what: string): ToolFailure {
  return new ToolFailure('EXECUTABLE_BUILD', `${path.basename(file)}: ${what}`);
}
