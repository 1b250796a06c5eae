import { once } from 'node:events';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { inTemporaryFolder } from '../temporary-folder.ts';

const WRITER = fileURLToPath(new URL('log-writer.ts', import.meta.url));

const numbersIn = (text: string): readonly unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { readonly data: { readonly n: unknown } }).data.n);

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

function writtenToFile(level: string, count: number): Promise<string> {
  return inTemporaryFolder(async (folder) => {
    const file = join(folder, 'log');
    const fd = openSync(file, 'a');
    const child = spawn(process.execPath, [WRITER, level, String(count)], {
      stdio: ['ignore', fd, 'inherit'],
    });
    expect((await once(child, 'exit'))[0]).to.equal(0);
    closeSync(fd);
    return readFileSync(file, 'utf8');
  });
}

describe('the log', () => {
  it('loses nothing in a file when the program ends, and keeps errors in order with the other lines', async () => {
    expect(numbersIn(await writtenToFile('info', 5000))).to.deep.equal(upTo(5000));
  });

  it('loses nothing in a pipe whose reader is slow', async () => {
    const child = spawn(process.execPath, [WRITER, 'info', '5000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    await sleep(300);
    let text = '';
    child.stdout.setEncoding('utf8');
    for await (const chunk of child.stdout) text += String(chunk);
    expect((await ended)[0]).to.equal(0);
    expect(numbersIn(text)).to.deep.equal(upTo(5000));
  });

  it('writes only lines of its level or above', async () => {
    expect(numbersIn(await writtenToFile('error', 6))).to.deep.equal([1, 3, 5]);
    expect(numbersIn(await writtenToFile('debug', 4))).to.deep.equal([0, 1, 2, 3]);
    expect(numbersIn(await writtenToFile('fatal', 4))).to.deep.equal([]);
  });

  it("has lager's fields, with who and why first in data", async () => {
    const [line = ''] = (await writtenToFile('info', 1)).split('\n');
    const parsed = JSON.parse(line) as Record<string, unknown>;
    expect(Object.keys(parsed)).to.deep.equal(['timestamp', 'level', 'source', 'message', 'data']);
    expect(parsed).to.include({ level: 'info', source: 'rollcall' });
  });
});
