/**
 * @typedef {object} Command
 * @property {readonly string[]} program what Node 24 runs, relative paths from the top of the checkout
 * @property {boolean} runsWhereTheUserIs whether a relative path in its arguments means the user's directory
 */
import path from 'node:path';
import { root } from './place.mjs';

/** @param {string} file */
const at = (file) => path.join(root, file);

const rollcall = at('src/cli/main.ts');
const mocha = at('node_modules/mocha/bin/mocha.js');

/** @type {ReadonlyMap<string, Command>} */
export const commands = new Map([
  ['demo', { program: [rollcall, 'demo'], runsWhereTheUserIs: true }],
  ['rollcall', { program: [rollcall], runsWhereTheUserIs: true }],
  ['test', { program: [at('src/tooling/run-tests.ts')], runsWhereTheUserIs: false }],
  ['bench', { program: [at('src/tooling/bench/main.ts')], runsWhereTheUserIs: false }],
  ['generate', { program: [at('src/tooling/generate.ts')], runsWhereTheUserIs: false }],
  ['build', { program: [at('src/tooling/build.ts')], runsWhereTheUserIs: false }],
  ['mocha', { program: [mocha], runsWhereTheUserIs: false }],
  ['coverage', { program: [at('node_modules/c8/bin/c8.js'), mocha], runsWhereTheUserIs: false }],
  [
    'format',
    { program: [at('node_modules/oxfmt/bin/oxfmt'), '--write', '.'], runsWhereTheUserIs: false },
  ],
]);
