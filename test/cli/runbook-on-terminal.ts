import process from 'node:process';
import { runRunbook } from '../../src/cli/runbook-command.ts';
import { processIo } from '../../src/terminal/io.ts';

/* A program that shows a section of the runbook as on a terminal: `runbook-on-terminal.ts SECTION`. */

const io = { ...processIo, isTty: true, columns: 80 };
process.exitCode = runRunbook({ section: process.argv[2], color: 'never' }, io);
