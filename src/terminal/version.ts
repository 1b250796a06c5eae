import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { KnownFailure } from '../model/failure.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';

declare const ROLLCALL_VERSION: string | undefined;

/** The build writes it into a bundle; in a clone it comes from package.json. */
export const VERSION: string =
  typeof ROLLCALL_VERSION === 'string' ? ROLLCALL_VERSION : versionOfClone();

function versionOfClone(): string {
  const manifest: unknown = createRequire(import.meta.url)('../../package.json');
  return typeof manifest === 'object' &&
    manifest !== null &&
    'version' in manifest &&
    typeof manifest.version === 'string'
    ? manifest.version
    : '0.0.0';
}

const MIN_NODE_MAJOR = 24;

/** The template of the job, which runs on the Node of the release. */
const ON_CELL = '/var/vcap/jobs/rollcall/bin/rollcall';

/**
 * Checks the version of Node: the bundle also starts on an older one, and would fail later.
 * @param version as in process.versions.node
 * @param folder of the program: in a clone, Node 24 is in node_modules above it
 * @throws KnownFailure NODE_VERSION
 */
export function needNode(version: string, folder: string): void {
  if (Number.parseInt(version, 10) >= MIN_NODE_MAJOR) return;
  throw new KnownFailure(
    'NODE_VERSION',
    `Node ${MIN_NODE_MAJOR} or newer is needed; this is Node ${version}. ${howToStart(folder)}`,
  );
}

function howToStart(folder: string): string {
  const node = nodeOfClone(folder);
  if (node !== null)
    return `Run npm run --silent rollcall -- COMMAND in the clone, which brings its own: ${node}.`;
  return fs.existsSync(ON_CELL)
    ? `Run ${TYPED_ON_CELL}, which brings its own.`
    : `Start it with a newer one; on a cell that has the release: ${TYPED_ON_CELL}.`;
}

/** The Node that set-up installs (tools/bootstrap/node-24.mjs); null outside a clone. */
function nodeOfClone(folder: string): string | null {
  const file = `node_modules/node-${process.platform}-${process.arch}/bin/node`;
  const parent = path.dirname(folder);
  if (fs.existsSync(path.join(folder, file))) return path.join(folder, file);
  return parent === folder ? null : nodeOfClone(parent);
}
