import fs from 'node:fs';

const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;

const REP_LOG = '/var/vcap/sys/log/rep/rep.stdout.log';
const MAX_BYTES = 16 * 1024 * 1024;

/** The end of rep's log; null if there is none that may be read. */
export function endOfRepLog(path = REP_LOG): string | null {
  let fd: number | null = null;
  try {
    fd = fs.openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    const stat = fs.fstatSync(fd);
    if (!stat.isFile()) return null;
    const buffer = Buffer.alloc(Math.min(stat.size, MAX_BYTES));
    const read = fs.readSync(fd, buffer, 0, buffer.length, stat.size - buffer.length);
    return buffer.toString('utf8', 0, read);
  } catch {
    return null;
  } finally {
    if (fd !== null) fs.closeSync(fd);
  }
}
