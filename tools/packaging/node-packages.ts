import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { ToolFailure, whyFailed } from '../failure.ts';
import { root } from '../bootstrap/place.mjs';

/** The version of Node in all executables, and of the one that prepares their blob. */
export const NODE_VERSION = '24.21.0';

/** By platform, as in `process.platform` and `process.arch`: the package's integrity as npm publishes it. */
const INTEGRITIES = {
  'linux-x64':
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'linux-arm64':
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  'win32-x64':
    'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
};

/** The npm packages with the Node of each platform that has an executable. */
export const NODE_PACKAGES = Object.entries(INTEGRITIES).map(([platform, integrity]) => ({
  platform,
  package: `node-${platform.replace('win32', 'win')}`,
  program: platform.startsWith('win') ? 'bin/node.exe' : 'bin/node',
  /** A download must match. */
  integrity,
}));
export type NodePackage = Readonly<(typeof NODE_PACKAGES)[number]>;

/** The program that npm installed; null for platforms other than this machine's. */
export function installedProgram(node: NodePackage): string | null {
  const program = path.join(root, 'node_modules', node.package, node.program);
  return existsSync(program) ? program : null;
}

/**
 * Downloads the package with npm, from the registry in npm's configuration, and unpacks it.
 * @param folder for the package; the program is overwritten by that of the next one
 * @throws ToolFailure EXECUTABLE_BUILD
 */
export async function downloadedProgram(node: NodePackage, folder: string): Promise<string> {
  const wanted = `${node.package}@${NODE_VERSION}`;
  // Runs in the checkout, so that an .npmrc there applies.
  const pack = ['pack', wanted, '--ignore-scripts', '--pack-destination', folder];
  const packed = await execa('npm', pack, { cwd: root, reject: false, timeout: 5 * 60_000 });
  const tarball = path.join(folder, `${node.package}-${NODE_VERSION}.tgz`);
  if (packed.failed || !existsSync(tarball))
    throw new ToolFailure(
      'EXECUTABLE_BUILD',
      `npm cannot download ${wanted} (${whyFailed(packed, firstError(packed.stderr))}): run this where npm can reach a registry with this package`,
    );
  const digest = createHash('sha512').update(readFileSync(tarball)).digest('base64');
  if (`sha512-${digest}` !== node.integrity)
    throw new ToolFailure(
      'EXECUTABLE_BUILD',
      `${wanted} is not the verified package: its digest is sha512-${digest}. Do not use it; find out where npm got it`,
    );
  const program = `package/${node.program}`;
  const unpacked = await execa('tar', ['-xzf', tarball, '-C', folder, program], { reject: false });
  if (unpacked.failed)
    throw new ToolFailure(
      'EXECUTABLE_BUILD',
      `tar cannot unpack ${wanted} (${whyFailed(unpacked, unpacked.stderr)})`,
    );
  return path.join(folder, program);
}

/** npm prints codes first, then a sentence. */
const firstError = (output: string): string =>
  /^npm (?:error|ERR!) (?!code|errno|syscall)(.+)$/m.exec(output)?.[1] ?? '';
