import { KnownFailure } from '../model/failure.ts';
import { runGdn } from './gdn.ts';

// The program that `gdnCommand` starts in the cell from the sources; its one argument is the configuration.
const configuration = process.argv[2];
if (configuration === undefined) {
  throw new KnownFailure('USAGE', 'this is a part of the cell in a box: run rollcall demo');
}
await runGdn(configuration);
