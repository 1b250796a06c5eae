import { createRequire } from 'node:module';

declare const ROLLCALL_VERSION: string | undefined;

/** Written into a bundle when it is built; from a clone it comes from package.json. */
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
