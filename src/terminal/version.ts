import { createRequire } from 'node:module';
import { KnownFailure } from '../model/failure.ts';

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

/**
 * The bundle starts on an older Node too, and would fail later. `version`: as
 * process.versions.node.
 * @throws KnownFailure NODE_VERSION
 */
export function needNode(version: string): void {
  if (Number.parseInt(version, 10) >= MIN_NODE_MAJOR) return;
  throw new KnownFailure(
    'NODE_VERSION',
    `rollcall needs Node ${MIN_NODE_MAJOR} or newer, and this is Node ${version}: start it with another one. ` +
      'On a cell that has the release: /var/vcap/packages/rollcall/bin/rollcall.',
  );
}
