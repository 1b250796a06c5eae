import { once } from 'node:events';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { temporaryFolder } from '../temporary-folder.ts';

const WRITER = fileURLToPath(new URL('log-writer.ts', import.meta.url));

interface Line {
  readonly level: string;
  readonly source: string;
  readonly data: { readonly n: number; readonly logged: string };
}

const linesIn = (text: string): readonly Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const numbersIn = (lines: readonly Line[]): readonly number[] => lines.map(({ data }) => data.n);

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

async function writtenToFile(
  count: number,
  ...levels: readonly string[]
): Promise<readonly Line[]> {
  const folder = temporaryFolder();
  const file = join(folder, 'log');
  const fd = openSync(file, 'a');
  const child = spawn(process.execPath, [WRITER, String(count), ...levels], {
    stdio: ['ignore', fd, 'inherit'],
  });
  expect((await once(child, 'exit'))[0]).to.equal(0);
  closeSync(fd);
  return linesIn(readFileSync(file, 'utf8'));
}

describe('the log', () => {
  it("loses nothing in a file when the program ends, keeps errors in order, and has lager's fields", async () => {
    const lines = await writtenToFile(5000, 'info');
    expect(numbersIn(lines)).to.deep.equal(upTo(5000));
    expect(Object.keys(lines[0] ?? {}).join(' ')).to.equal('timestamp level source message data');
    expect(lines[0]).to.include({ level: 'info', source: 'rollcall' });
  });

  it('loses nothing in a pipe whose reader is slow', async () => {
    const child = spawn(process.execPath, [WRITER, '5000', 'info'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    await sleep(300);
    let text = '';
    child.stdout.setEncoding('utf8');
    for await (const chunk of child.stdout) text += String(chunk);
    expect((await ended)[0]).to.equal(0);
    expect(numbersIn(linesIn(text))).to.deep.equal(upTo(5000));
  });

  it('writes only lines of its level or above', async () => {
    const byLevel = Map.groupBy(
      await writtenToFile(4, 'error', 'debug', 'fatal'),
      ({ data }) => data.logged,
    );
    expect(
      Object.fromEntries([...byLevel].map(([of, lines]) => [of, numbersIn(lines)])),
    ).to.deep.equal({ error: [1, 3], debug: [0, 1, 2, 3] });
  });
});
