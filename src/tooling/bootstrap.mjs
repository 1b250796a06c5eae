// Every npm script starts here. Plain JavaScript that runs on Node 20 with nothing installed, because it is what installs the rest:
// it sets the checkout up (a no-op once done), then hands over to a program that only Node 24 can run.
import { commands } from './bootstrap/commands.mjs';
import { endLike, runChild } from './bootstrap/child.mjs';
import { nodeForPrograms } from './bootstrap/node-24.mjs';
import { installNpmPackages } from './bootstrap/npm-packages.mjs';
import { root, userDirectory } from './bootstrap/place.mjs';
import { say, SetUpFailure, StoppedBySignal } from './bootstrap/say.mjs';
import { installSystemPackages } from './bootstrap/system-packages.mjs';

const [name = '', ...args] = process.argv.slice(2);
const command = commands.get(name);

try {
  if (command === undefined) {
    throw new SetUpFailure(
      `unknown command "${name}": use one of ${[...commands.keys()].join(', ')}`,
    );
  }
  await installNpmPackages();
  const node = nodeForPrograms();
  await installSystemPackages(name);
  const ended = await runChild(node, [...command.program, ...args], {
    cwd: command.runsWhereTheUserIs ? userDirectory() : root,
    stdio: 'inherit',
    whenStopped: 'pass on',
  });
  endLike(ended);
} catch (error) {
  if (error instanceof StoppedBySignal) endLike({ code: null, signal: error.signal });
  else if (error instanceof SetUpFailure) {
    say(error.message);
    process.exitCode = 2;
  } else throw error;
}
