// Every npm script starts here. It sets up the checkout once, then runs a program on Node 24.
// Because it installs everything else, it is plain JavaScript that runs on Node 20 with nothing
// installed.
import { runProgram } from './bootstrap/child.mjs';
import {
  commandOf,
  folderFor,
  helpAskedFor,
  onlyReadsSources,
  programOf,
  TYPED_IN_CLONE,
} from './bootstrap/commands.mjs';
import { nodeForPrograms } from './bootstrap/node-24.mjs';
import { installNpmPackages } from './bootstrap/npm-packages.mjs';
import { say, SetUpFailure } from './bootstrap/say.mjs';
import { installSystemPackages } from './bootstrap/system-packages.mjs';

const { name, args } = commandOf(process.argv.slice(2));

try {
  const help = helpAskedFor(name, args);
  if (help === null) {
    const program = programOf(name, args);
    await installNpmPackages();
    const node = nodeForPrograms();
    if (!onlyReadsSources(name, args)) installSystemPackages(name);
    if (name === 'rollcall') process.env['ROLLCALL_TYPED_AS'] ??= TYPED_IN_CLONE;
    await runProgram(node, program, folderFor(name));
  } else process.stdout.write(help);
} catch (error) {
  // One with a code is of the system, such as a full disk or a folder that is not the user's.
  if (!(error instanceof Error && (error instanceof SetUpFailure || 'code' in error))) throw error;
  say(error.message);
  process.exitCode = 2;
}
