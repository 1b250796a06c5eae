import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './place.mjs';

/** @param {string} file */
const at = (file) => path.join(root, file);

const rollcall = at('src/cli/main.ts');
const demo = at('tools/demo-cell/main.ts');
const mocha = at('node_modules/mocha/bin/mocha.js');
const tests = at('tools/run-tests.ts');

/**
 * The npm scripts, and the program that Node 24 runs for each.
 * @type {ReadonlyMap<string, readonly string[]>}
 */
export const programs = new Map([
  ['demo', [demo]],
  ['rollcall', [rollcall]],
  ['test', [tests]],
  ['bench', [at('tools/bench/main.ts')]],
  ['generate', [at('tools/generate.ts')]],
  ['prove', [at('tools/prove/main.ts')]],
  ['fetch-mount-tables', [at('tools/rule-comparison/main.ts')]],
  ['record-story', [at('tools/record-story.ts')]],
  ['build', [at('tools/build.ts')]],
  ['blobs', [at('tools/release/blobs.ts')]],
  ['release', [at('tools/release/make-release.ts')]],
  ['release:check', [at('tools/release/check-release.ts')]],
  ['runtime-config', [at('tools/runtime-config/main.ts')]],
  ['tile', [at('tools/packaging/tile.ts')]],
  ['sbom', [at('tools/release/sbom.ts')]],
  ['mini-bosh', [at('tools/mini-bosh/main.ts')]],
  ['vm', [at('tools/vm/main.ts')]],
  ['operators:check', [at('tools/monitoring/check.ts')]],
  ['executables', [at('tools/packaging/rollcall.ts')]],
  ['plugin', [at('tools/packaging/plugin.ts')]],
  ['pictures', [at('tools/pictures/main.ts')]],
  ['mocha', [mocha]],
  ['coverage', [at('node_modules/c8/bin/c8.js'), 'node', tests]],
  ['format', [at('node_modules/oxfmt/bin/oxfmt'), '--write', '.']],
]);

/**
 * The program and arguments that Node 24 runs for a script; null for an unknown script. The program
 * for cells contains no demo, so `rollcall demo` runs the one of the clone.
 * @param {string} name
 * @param {readonly string[]} args
 */
export const programOf = (name, args) =>
  name === 'rollcall' && args[0] === 'demo'
    ? [demo, ...args.slice(1)]
    : programs.has(name)
      ? [...(programs.get(name) ?? []), ...args]
      : null;

/**
 * The help that was asked for; null if none was, or if the program answers itself. The texts are
 * not in the programs, because these import packages.
 * @param {string} name
 * @param {readonly string[]} args
 */
export function helpAskedFor(name, args) {
  if (!args.some((arg) => arg === '--help' || arg === '-h')) return null;
  const script = name === 'rollcall' && args[0] === 'demo' ? 'demo' : name;
  const helps = readFileSync(new URL('help.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n\n');
  const help = helps.find((text) => text.split(/\s/, 3)[2] === script);
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
