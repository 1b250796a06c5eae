// Starts the program on a cell, with the code that V8 compiled when the package was built
// (keep-code.ts), if it is there. That code lies beside this file, where only root can write.
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
