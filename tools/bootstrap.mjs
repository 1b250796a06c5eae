// Every npm script starts here. It sets up the checkout once, then runs a program on Node 24.
// Because it installs everything else, it is plain JavaScript that runs on Node 20 with nothing
// installed.
import { endLike, runChild, say, SetUpFailure, StoppedBySignal } from './bootstrap/child.mjs';
import { helpAskedFor } from './bootstrap/help.mjs';
import { folderFor, needsNoSystemPackage, programOf, programs } from './bootstrap/commands.mjs';
import { nodeForPrograms } from './bootstrap/node-24.mjs';
import { installNpmPackages } from './bootstrap/npm-packages.mjs';
import { installSystemPackages } from './bootstrap/system-packages.mjs';

const [name = '', ...args] = process.argv.slice(2);
const program = programOf(name, args);

try {
  if (program === null) {
    throw new SetUpFailure(
      `unknown command "${name}": use one of ${[...programs.keys()].join(', ')}`,
    );
  }
  const help = helpAskedFor(name, args);
  if (help === null) await setUpAndRun(program);
  else process.stdout.write(help);
} catch (error) {
  if (error instanceof StoppedBySignal) endLike({ code: null, signal: error.signal });
  else if (error instanceof SetUpFailure) {
    say(error.message);
    process.exitCode = 2;
  } else if (error instanceof Error && 'code' in error) {
    // A system error that the code above does not handle, such as a full disk or a removed folder.
    say(`set-up failed: ${error.message}`);
    process.exitCode = 2;
  } else throw error;
}

/** @param {readonly string[]} command the program and its arguments */
async function setUpAndRun(command) {
  await installNpmPackages();
  const node = nodeForPrograms();
  if (!needsNoSystemPackage(name, args)) await installSystemPackages(name);
  const ended = await runChild(node, command, {
    cwd: folderFor(name),
    stdio: 'inherit',
    whenStopped: 'pass on',
  });
  endLike(ended);
}
