// What no program and no test reaches is unused, and so is an export that no other file imports: `npm run check`.
import path from 'node:path';
import { scripts, tools } from './tools/bootstrap/commands.mjs';
import { root } from './tools/bootstrap/place.mjs';

const programs = [...scripts.values(), ...tools.values()]
  .flat()
  .filter((file) => path.isAbsolute(file))
  .map((file) => path.relative(root, file).replaceAll('\\', '/'))
  .filter((file) => !file.startsWith('node_modules/'));

/** @type {import('knip').KnipConfig} */
export default {
  entry: [
    ...programs,
    'src/cf-plugin/main.ts',
    'tools/demo-cell/gdn/main.ts',
    'tools/demo-cell/page/main.ts',
    'tools/demo-cell/rep/main.ts',
    'src/start/{main,keep-code}.ts',
    '{test,spec}/**/*.test.ts',
    'test/cf-plugin/standin/main.ts',
    'test/worker.ts',
    'tools/bench/in-cell.ts',
    'tools/prove/mutants.ts',
    'tools/vm/run-tests.ts',
  ],
  project: ['{src,tools,test,spec}/**/*.{ts,mjs}', '!src/dist/**'],
  // Programs of the system: bosh, ruby, unshare and so on. Who needs one says so where it is missing.
  exclude: ['binaries'],
  // Started by the path of their program; oxlint loads oxlint-tsgolint itself.
  ignoreDependencies: ['c8', 'oxfmt', 'oxlint', 'oxlint-tsgolint', 'postject'],
};
