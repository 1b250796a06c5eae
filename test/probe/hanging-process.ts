import fs from 'node:fs';
import { watchStandstill } from '../../src/probe/standstill.ts';
import { TimedReads } from '../../src/probe/timed-reads.ts';

/*
 * A process whose main thread hangs: `read`, `write` or `open`, and the path of a pipe. With
 * another path, a read of that one hangs on another thread before. ROLLCALL_TEST_NOTE names the
 * note that the process leaves.
 */

const [does = '', pipe = '', other] = process.argv.slice(2);

const hang = {
  open: () => void fs.openSync(pipe, 'r'),
  read: () => void fs.readSync(fs.openSync(pipe, 'r+'), Buffer.alloc(1)),
  write: () => {
    const both = fs.openSync(pipe, 'r+');
    for (;;) fs.writeSync(both, Buffer.alloc(65_536));
  },
}[does];

const quick = { beatMilliseconds: 40, watchMilliseconds: 50 };
const note = process.env['ROLLCALL_TEST_NOTE'] ?? null;
watchStandstill({ note, end: 'The end.', exits: true }, quick);
if (other !== undefined) await new TimedReads().text(other, 1);
hang?.();
