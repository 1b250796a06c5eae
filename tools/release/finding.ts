import { oneLine } from '../../src/model/one-line.ts';

/** One thing of a release that bosh or the Director would reject, or accept although it breaks later. */
export interface ReleaseFinding {
  /** Where it stands, relative to the top of the release. */
  readonly file: string;
  readonly what: string;
  readonly todo: string;
}

/** Names of files and texts of specs are in it, so nothing of it steers a terminal. */
export const findingLine = ({ file, what, todo }: ReleaseFinding): string =>
  oneLine(`${file}: ${what}: ${todo}`, 1000);
