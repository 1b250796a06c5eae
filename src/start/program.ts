import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';

/** The program as one file, beside this one in the package. */
const PROGRAM = path.join(import.meta.dirname, 'rollcall.cjs');

/** The wrapper that Node puts around a classic script. */
const HEAD = '(function (require, module, exports, __filename, __dirname) {';

/** V8 accepts compiled code only with the flags it was compiled with, and the agent has its own. */
export const codeFile = (isAgent: boolean): string =>
  path.join(import.meta.dirname, 'code', isAgent ? 'agent' : 'commands');

/** @param code from an earlier run; V8 ignores it if another Node or other flags made it */
export const compiled = (code: Buffer | undefined): vm.Script =>
  // The build writes ASCII, which V8 stores as it is, with one byte per character.
  new vm.Script(`${HEAD}${fs.readFileSync(PROGRAM, 'latin1')}\n})`, {
    filename: PROGRAM,
    columnOffset: -HEAD.length,
    cachedData: code,
  });

export function run(script: vm.Script): void {
  const program: unknown = script.runInThisContext();
  if (typeof program !== 'function') throw new TypeError(`${PROGRAM} is not a program`);
  const exports = {};
  const given = [createRequire(PROGRAM), { exports }, exports, PROGRAM, import.meta.dirname];
  Reflect.apply(program, undefined, given);
}
