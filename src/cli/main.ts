// The program's entry.
import process from 'node:process';
import { EXIT_FAILED, finish } from '../terminal/failing.ts';
import { handleOutputErrors, processIo as io } from '../terminal/io.ts';
import { needNode } from '../terminal/version.ts';
import { exitNow } from '../probe/exit-now.ts';
import { isReading } from '../probe/timed-reads.ts';
import { rollcall } from './commands.ts';

/** While a read hangs, this process does not end by itself. */
const MAX_FLUSH_MILLISECONDS = 1000;

async function main(): Promise<void> {
  // A promise that never settles must not end as "all tracked".
  process.exitCode = EXIT_FAILED;
  process.exitCode = await finish(() => {
    needNode(process.versions.node, import.meta.dirname);
    return rollcall(process.argv.slice(2), io);
  }, io);
  if (isReading()) await written(exitNow);
}

/** Calls it once all output is written, or after a while if nobody reads it. */
async function written(then: () => void): Promise<void> {
  const timer = setTimeout(then, MAX_FLUSH_MILLISECONDS);
  for (const stream of [process.stdout, process.stderr])
    await new Promise((resolve) => stream.write('', resolve));
  clearTimeout(timer);
  then();
}

handleOutputErrors(process, process.argv[2] === 'agent');
// The bundle is a classic script, which allows no `await` at the top level.
void main();
