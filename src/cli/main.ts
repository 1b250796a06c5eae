// The program's entry.
import process from 'node:process';
import { EXIT_FAILED, finish } from '../terminal/failing.ts';
import { handleOutputErrors, processIo as io } from '../terminal/io.ts';
import { needNode } from '../terminal/version.ts';
import { rollcall } from './commands.ts';

async function main(): Promise<void> {
  // A promise that never settles must not end as "all tracked".
  process.exitCode = EXIT_FAILED;
  process.exitCode = await finish(() => {
    needNode(process.versions.node, import.meta.dirname);
    return rollcall(process.argv.slice(2), io);
  }, io);
}

handleOutputErrors(process, process.argv[2] === 'agent');
// The bundle is a classic script, which allows no `await` at the top level.
void main();
