import process from 'node:process';
import { runRunbook } from '../../src/cli/runbook-command.ts';
import { processIo } from '../../src/terminal/io.ts';

/* Shows a section of the runbook as on a terminal: `runbook-on-terminal.ts SECTION PAGER`. */

const [, , section, PAGER] = process.argv;
const io = { ...processIo, isTty: true, columns: 80, env: { PATH: process.env['PATH'], PAGER } };
process.exitCode = await runRunbook({ section, color: 'never', statusSocket: '/nowhere' }, io);
