import { KnownFailure } from '../model/failure.ts';

const OLDEST_MAJOR = 24;

/**
 * The bundle starts on an older Node too, and would then fail somewhere in the middle. `version`: as process.versions.node.
 * @throws KnownFailure NODE_VERSION
 */
export function needNode(version: string): void {
  if (Number.parseInt(version, 10) >= OLDEST_MAJOR) return;
  throw new KnownFailure(
    'NODE_VERSION',
    `rollcall needs Node ${OLDEST_MAJOR} or newer, and this is Node ${version}: start it with another one. ` +
      'On a cell that has the release: /var/vcap/packages/rollcall/bin/rollcall.',
  );
}
