import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { searchRepLog } from '../../src/probe/rep-log.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const HANDLE = asHandle('96b4ab9e-65ad-49f0-6547-619b');
const APP = '81eb59a1-dcbe-41c3-78a9-cdd4c2ce4da6';
const MB = 1024 * 1024;

const lineAt = (minute: number, message: string, data: object = {}): string =>
  `${JSON.stringify({ timestamp: `2026-03-02T10:0${minute}:00Z`, message, data })}\n`;
const aboutOthers = (minute: number): string => lineAt(minute, 'rep.tick');
const created = (minute: number): string =>
  lineAt(minute, 'rep.allocated', { guid: HANDLE, 'process-guid': `${APP}-b1c2` });
const kept = (minute: number): string => lineAt(minute, 'rep.kept', { guid: HANDLE });

/** The files of a log, by what follows its name; those that end in gz are compressed. */
function logWith(files: Readonly<Record<string, string | Buffer>>): string {
  const file = path.join(temporaryFolder(), 'rep.stdout.log');
  for (const [suffix, content] of Object.entries(files)) {
    const isText = typeof content === 'string' && suffix.endsWith('.gz');
    fs.writeFileSync(file + suffix, isText ? gzipSync(content) : content);
  }
  return file;
}
const messagesIn = (log: Awaited<ReturnType<typeof searchRepLog>>): readonly string[] | undefined =>
  log?.lines.map(({ message }) => message);

describe("the search of rep's log for a container", () => {
  it('finds its app in a rotated file, compressed or not', async () => {
    for (const rotated of ['.1', '.1.gz', '.7.gz']) {
      const file = logWith({ '': aboutOthers(5), [rotated]: aboutOthers(1) + created(2) });
      const log = await searchRepLog(HANDLE, file);
      expect(log, rotated).to.include({ appId: APP, since: '2026-03-02T10:01:00Z' });
    }
  });

  it('reads the files newest first, as far as the one that names its app', async () => {
    const file = logWith({
      '': kept(5),
      '.1': kept(4),
      '.2.gz': created(3) + lineAt(3, 'rep.started', { guid: HANDLE }),
      '.3.gz': lineAt(1, 'rep.older', { guid: HANDLE }),
    });
    const log = await searchRepLog(HANDLE, file);
    expect(messagesIn(log)).to.deep.equal(['rep.kept', 'rep.kept', 'rep.started', 'rep.allocated']);
  });

  it('says since when the log reaches back if no file names it', async () => {
    const file = logWith({
      '': aboutOthers(5),
      '.1.gz': aboutOthers(3) + aboutOthers(4),
      '.2.gz': aboutOthers(1) + aboutOthers(2),
    });
    expect(await searchRepLog(HANDLE, file)).to.deep.equal({
      appId: null,
      explanation: null,
      lines: [],
      since: '2026-03-02T10:01:00Z',
    });
  });

  it('reads a file that is being compressed only once', async () => {
    const half = gzipSync(kept(4)).subarray(0, 12);
    const file = logWith({ '': kept(5), '.1': kept(4), '.1.gz': half, '.2.gz': created(3) });
    const log = await searchRepLog(HANDLE, file);
    expect(messagesIn(log)).to.deep.equal(['rep.kept', 'rep.kept', 'rep.allocated']);
  });

  it('ends at a damaged file, and says only of newer ones since when they reach back', async () => {
    const whole = gzipSync(aboutOthers(3) + 'x'.repeat(MB));
    const damaged = whole.subarray(0, whole.length - 20);
    const file = logWith({ '': aboutOthers(5), '.1.gz': damaged, '.2.gz': created(2) });
    expect(await searchRepLog(HANDLE, file)).to.include({
      appId: null,
      since: '2026-03-02T10:05:00Z',
    });
  });

  it('ends a gzip bomb at the bound for what is expanded', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * MB, `${'x'.repeat(99)}\n`));
    const file = logWith({ '': kept(5), '.1.gz': bomb, '.2.gz': created(2) });
    const bounds = { read: 8 * MB, expanded: MB };
    const log = await searchRepLog(HANDLE, file, bounds);
    expect(log).to.include({ appId: null, since: '2026-03-02T10:05:00Z' });
  });

  it('reads the end of a log that is larger than the bound, and no older file', async () => {
    const file = logWith({
      '': created(1) + aboutOthers(2).repeat(100) + aboutOthers(3) + kept(4),
      '.1.gz': created(1),
    });
    const size = aboutOthers(3).length + kept(4).length + 10;
    const log = await searchRepLog(HANDLE, file, { read: size, expanded: MB });
    expect(log).to.include({ appId: null, since: '2026-03-02T10:03:00Z' });
    expect(messagesIn(log)).to.deep.equal(['rep.kept']);
  });

  it('finds it in lines of any length up to 1 MiB, in whatever pieces they are read', async () => {
    const long = lineAt(3, 'rep.long', { guid: HANDLE, command: 'x'.repeat(900_000) });
    const tooLong = lineAt(4, 'rep.too-long', { command: 'x'.repeat(3 * MB), guid: HANDLE });
    const file = logWith({ '': '', '.1.gz': aboutOthers(1) + long + tooLong + kept(5) });
    const log = await searchRepLog(HANDLE, file);
    expect(messagesIn(log)).to.deep.equal(['rep.kept', 'rep.long']);
  });

  it('is nothing of a file that is missing, a directory, a link or a pipe', async () => {
    const folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'log'), 'x');
    fs.symlinkSync('log', path.join(folder, 'link'));
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    for (const name of ['missing', 'link', 'pipe', '.'])
      expect(await searchRepLog(HANDLE, path.join(folder, name)), name).to.equal(null);
  });
});
