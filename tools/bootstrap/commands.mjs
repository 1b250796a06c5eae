import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './place.mjs';
import { SetUpFailure } from './say.mjs';

/** @param {string} file */
const at = (file) => path.join(root, file);

const tests = at('tools/run-tests.ts');

/** How rollcall is typed in a clone, for the commands that it prints. */
export const TYPED_IN_CLONE = 'npm run -s rollcall --';

const HELP = new Set(['--help', '-h']);

/**
 * The npm scripts, and the program that Node 24 runs for each.
 * @type {ReadonlyMap<string, readonly string[]>}
 */
export const scripts = new Map([
  ['demo', [at('tools/demo-cell/main.ts')]],
  ['rollcall', [at('src/cli/main.ts')]],
  ['test', [tests]],
  ['format', [at('node_modules/oxfmt/bin/oxfmt'), '--write', '.']],
  ['generate', [at('tools/generate.ts')]],
  ['bench', [at('tools/bench/main.ts')]],
  ['prove', [at('tools/prove/main.ts')]],
  ['release', [at('tools/release/make-release.ts')]],
  ['executables', [at('tools/packaging/rollcall.ts')]],
  ['plugin', [at('tools/packaging/plugin.ts')]],
  ['tile', [at('tools/packaging/tile.ts')]],
]);

/**
 * What few type, as `npm run tool -- NAME`, and the program that Node 24 runs for each.
 * @type {ReadonlyMap<string, readonly string[]>}
 */
export const tools = new Map([
  ['mocha', [at('node_modules/mocha/bin/mocha.js')]],
  ['coverage', [at('node_modules/c8/bin/c8.js'), 'node', tests]],
  ['build', [at('tools/build.ts')]],
  ['blobs', [at('tools/release/blobs.ts')]],
  ['release:check', [at('tools/release/check-release.ts')]],
  ['runtime-config', [at('tools/runtime-config/main.ts')]],
  ['sbom', [at('tools/release/sbom.ts')]],
  ['mini-bosh', [at('tools/mini-bosh/main.ts')]],
  ['vm', [at('tools/vm/main.ts')]],
  ['operators:check', [at('tools/monitoring/check.ts')]],
  ['pictures', [at('tools/pictures/main.ts')]],
  ['record-story', [at('tools/record-story.ts')]],
]);

/**
 * What was typed: the name of a script or, behind the script `tool`, of a tool; `tool` alone if
 * none is named. The program for cells contains no demo, so `rollcall demo` is the one of the clone.
 * @param {readonly string[]} typed
 */
export function commandOf([name = '', ...args]) {
  const [first = '', ...others] = args;
  if (name === 'rollcall' && first === 'demo') return { name: 'demo', args: others };
  if (name === 'tool' && first !== '' && !HELP.has(first)) return { name: first, args: others };
  return { name, args };
}

/**
 * The program and arguments that Node 24 runs for a script or a tool.
 * @param {string} name
 * @param {readonly string[]} args
 * @throws SetUpFailure for an unknown one
 */
export function programOf(name, args) {
  const program = scripts.get(name) ?? tools.get(name);
  if (program !== undefined) return [...program, ...args];
  throw new SetUpFailure(
    `there is no tool "${name}": it is one of ${[...tools.keys()].join(', ')}`,
  );
}

/**
 * The help that was asked for; null if none was, or if the program answers itself. The texts are
 * not in the programs, because these import packages.
 * @param {string} name `tool` has a list of all tools, and does nothing else
 * @param {readonly string[]} args
 */
export function helpAskedFor(name, args) {
  if (name !== 'tool' && !args.some((arg) => HELP.has(arg))) return null;
  const helps = readFileSync(new URL('help.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n\n');
  const command = tools.has(name) ? `tool -- ${name}` : name;
  const help = helps.find((text) => `${text.split('\n')[0]} `.startsWith(`npm run ${command} `));
  return help === undefined ? null : `${help}\n`;
}

/**
 * Whether these are steps of `npm test` that need no system package.
 * @param {string} name
 * @param {readonly string[]} args
 */
export const onlyReadsSources = (name, args) =>
  name === 'test' &&
  args.length > 0 &&
  args.every((step) =>
    ['lint', 'format', 'types', 'unused', 'layers', 'repository'].includes(step),
  );

/** The product's own commands run in the user's folder, tools in the checkout. */
const productCommands = new Set(['demo', 'rollcall']);

/**
 * The folder for relative paths in the arguments of a script. npm runs every script at the top of
 * the checkout and keeps the user's folder in INIT_CWD.
 * @param {string} name
 */
export function folderFor(name) {
  if (!productCommands.has(name)) return root;
  const startedByNpm = process.env['npm_lifecycle_event'] !== undefined && process.cwd() === root;
  return startedByNpm ? (process.env['INIT_CWD'] ?? root) : process.cwd();
}
