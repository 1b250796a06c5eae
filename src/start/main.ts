// Starts the program on a cell, with the code that keep-code.ts left here, where only root writes.
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
