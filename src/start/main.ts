// Starts the program on a cell, with the code that V8 compiled when the package was made
// (keep-code.ts) where that is there. Code is looked for beside this file alone, in a folder that
// only root can write.
import fs from 'node:fs';
import process from 'node:process';
import { codeFile, compiled, run } from './program.ts';

function keptCode(): Buffer | undefined {
  try {
    return fs.readFileSync(codeFile(process.argv[2] === 'agent'));
  } catch {
    return undefined;
  }
}

run(compiled(keptCode()));
