import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KnownFailure } from '../../src/model/failure.ts';
import {
  downloadedProgram,
  installedProgram,
  NODE_PACKAGES,
  NODE_VERSION,
  type NodePackage,
} from './node-packages.ts';
import { checkItStarts, makeExecutable, prepareBlob } from './single-executable.ts';

const HERE = `${process.platform}-${process.arch}`;

export type MadeExecutable =
  | { readonly kind: 'made'; readonly file: string; readonly isTested: boolean }
  | { readonly kind: 'failed'; readonly platform: string; readonly why: KnownFailure };

/**
 * Makes the plugin as a program for each platform, and Node's licence beside them. One that
 * cannot be had or does not start does not keep the others from being made.
 * @param script the plugin as one file
 * @param folder where the programs go
 * @throws KnownFailure PLUGIN_BUILD where none can be made
 */
export async function* makeExecutables(
  script: string,
  folder: string,
): AsyncGenerator<MadeExecutable> {
  const work = mkdtempSync(path.join(tmpdir(), 'rollcall-plugin-'));
  try {
    const here = nodeOfThatVersion();
    const blob = await prepareBlob(here, script, work);
    // Each program has Node in it. The package for Windows comes without the text.
    copyFileSync(path.resolve(here, '../../LICENSE'), path.join(folder, 'LICENCES-node.txt'));
    for (const node of NODE_PACKAGES) yield await makeOne(node, blob, folder, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function makeOne(
  node: NodePackage,
  blob: string,
  folder: string,
  work: string,
): Promise<MadeExecutable> {
  const suffix = node.platform.replace('win32', 'windows');
  const file = path.join(folder, `rollcall-cf-plugin-${suffix}${path.extname(node.program)}`);
  const download = mkdtempSync(path.join(work, 'node-'));
  try {
    const program = installedProgram(node) ?? (await downloadedProgram(node, download));
    await makeExecutable(program, blob, file);
    if (node.platform === HERE) await checkItStarts(file);
    return { kind: 'made', file, isTested: node.platform === HERE };
  } catch (error) {
    rmSync(file, { force: true });
    if (!(error instanceof KnownFailure)) throw error;
    return { kind: 'failed', platform: node.platform, why: error };
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
}

/**
 * The Node of this machine, of the version that all executables have: the format of a blob belongs to a version.
 * @throws KnownFailure PLUGIN_BUILD
 */
function nodeOfThatVersion(): string {
  const own = NODE_PACKAGES.find((node) => node.platform === HERE);
  const installed = own === undefined ? null : installedProgram(own);
  if (installed !== null) return installed;
  throw new KnownFailure(
    'PLUGIN_BUILD',
    `programs are made on Linux, with the Node ${NODE_VERSION} that npm installs there: make them on such a machine, or only the script with --script`,
  );
}
