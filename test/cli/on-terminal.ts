import process from 'node:process';
import { rollcall } from '../../src/cli/commands.ts';
import { processIo } from '../../src/terminal/io.ts';

/* A command as on a terminal of 80 × 24: `on-terminal.ts PAGER COMMAND …`; PAGER unset if it is `-`. */

const [, , pager, ...typed] = process.argv;
const { PATH, TERM } = process.env;
const env = { PATH, TERM, ...(pager === '-' ? {} : { PAGER: pager }) };
const io = { ...processIo, isTty: true, columns: 80, rows: 24, env };
process.exitCode = await rollcall(typed, io);
