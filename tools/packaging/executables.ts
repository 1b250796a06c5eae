import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { ToolFailure } from '../failure.ts';
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
  /** The arguments of a trial run of an executable, on a machine that can run it. */
  readonly trial: readonly string[];
  /** Whether the output of the trial run is correct. */
  readonly isRight: (output: string) => boolean;
}

export type MadeExecutable =
  | { readonly kind: 'made'; readonly file: string; readonly isTested: boolean }
  | { readonly kind: 'failed'; readonly platform: string; readonly why: ToolFailure };

/**
 * Makes the executables of a program, with Node's licence beside them. If one platform's Node
 * cannot be downloaded, or its executable does not start, the others are still made.
 * @param folder the target folder
 * @throws ToolFailure EXECUTABLE_BUILD if none can be made
 */
export async function* makeExecutables(
  program: Program,
  folder: string,
): AsyncGenerator<MadeExecutable> {
  const work = mkdtempSync(path.join(tmpdir(), 'rollcall-executables-'));
  try {
    const here = nodeOfThatVersion();
    const blob = await prepareBlob(here, program.script, work);
    // Each executable includes Node. The package for Windows lacks the licence.
    copyFileSync(path.resolve(here, '../../LICENSE'), path.join(folder, 'LICENCES-node.txt'));
    for (const node of program.platforms)
      yield await makeOne(program, node, { blob, folder, work });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

interface Place {
  readonly blob: string;
  readonly folder: string;
  readonly work: string;
}

async function makeOne(
  program: Program,
  node: NodePackage,
  { blob, folder, work }: Place,
): Promise<MadeExecutable> {
  const suffix = node.platform.replace('win32', 'windows');
  const file = path.join(folder, `${program.name}-${suffix}${path.extname(node.program)}`);
  const download = mkdtempSync(path.join(work, 'node-'));
  try {
    const nodeProgram = installedProgram(node) ?? (await downloadedProgram(node, download));
    await makeExecutable(nodeProgram, blob, file);
    if (node.platform === HERE) await checkItStarts(program, file);
    return { kind: 'made', file, isTested: node.platform === HERE };
  } catch (error) {
    rmSync(file, { force: true });
    if (!(error instanceof ToolFailure)) throw error;
    return { kind: 'failed', platform: node.platform, why: error };
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
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

/**
 * A marker in every Node that can become a single executable; postject flips it when it adds a
 * blob.
 */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * Prepares the blob of all executables from the script, with a Node of the same version.
 * @param node the program of that Node
 * @param folder for the files of this step
 */
async function prepareBlob(node: string, script: string, folder: string): Promise<string> {
  const main = path.join(folder, 'main.cjs');
  const blob = path.join(folder, 'sea.blob');
  const config = path.join(folder, 'sea.json');
  // The script becomes a function body, where `#!` is a syntax error.
  writeFileSync(main, readFileSync(script, 'utf8').replace(/^#!.*\n/, ''));
  writeFileSync(
    config,
    JSON.stringify({
      main,
      output: blob,
      disableExperimentalSEAWarning: true,
      // Both contain machine code of the preparing Node, which other platforms cannot load.
      useSnapshot: false,
      useCodeCache: false,
    }),
  );
  await execa(node, ['--experimental-sea-config', config], { timeout: 60_000 });
  return blob;
}

/**
 * Copies a Node so that it runs the blob instead of its command line.
 * @throws ToolFailure EXECUTABLE_BUILD with postject's message
 */
async function makeExecutable(node: string, blob: string, file: string): Promise<void> {
  copyFileSync(node, file);
  chmodSync(file, 0o755);
  const postject = path.join(root, 'node_modules/postject/dist/cli.js');
  const args = [postject, file, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE];
  const { failed, all } = await execa(process.execPath, args, {
    all: true,
    reject: false,
    timeout: 5 * 60_000,
  });
  if (failed) throw broken(file, `postject cannot add the script: ${all}`);
}

/** @throws ToolFailure EXECUTABLE_BUILD if an executable does not print the expected output */
async function checkItStarts({ trial, isRight }: Program, file: string): Promise<void> {
  const { all } = await execa(file, trial, { all: true, reject: false, timeout: 20_000 });
  if (!isRight(all ?? '')) throw broken(file, `it does not start: ${all}`);
}

function broken(file: string, what: string): ToolFailure {
  return new ToolFailure('EXECUTABLE_BUILD', `${path.basename(file)}: ${what}`);
}
