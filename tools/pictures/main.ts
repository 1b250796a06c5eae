// `npm run pictures`: the pictures of the README, from the real thing: an agent and a command on the cell of the story.
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { type Cell, runInCell } from '../../src/demo-cell/cell/cell.ts';
import { BREAKS, breakStoryCell, startStoryCell } from '../../src/demo-cell/story-cell.ts';
import { root } from '../bootstrap/place.mjs';
import { typedOptions } from '../../src/terminal/options.ts';
import { takePicture } from './browser.ts';
import { startCellAgent, proxyTo } from './cell-agent.ts';
import { terminalPage, terminalSize } from './terminal-page.ts';

const PICTURES = path.join(root, 'docs/pictures');
const MAIN = path.join(root, 'src/cli/main.ts');

/** Long enough for `no-cgroup`, the slowest of the reasons. */
const CHECK = ['check', '--settle', '30s'];
const COLUMNS = 112;

/** Needs root and chromium. */
async function takePictures(): Promise<number> {
  typedOptions({});
  const cell = await startStoryCell();
  const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-'));
  try {
    mkdirSync(PICTURES, { recursive: true });
    await pictureOfPage(cell, folder);
    await pictureOfCheck(cell, folder);
  } finally {
    await cell.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

async function pictureOfPage(cell: Cell, folder: string): Promise<void> {
  const agent = await startCellAgent(cell, MAIN);
  await agent.logged('rollcall.mounts.chosen', 1);
  await breakStoryCell(cell);
  await agent.logged('rollcall.container.untracked', BREAKS.length);
  const proxy = await proxyTo(agent.socketPath);
  try {
    await take({ name: 'page.png', url: proxy.url, width: 1120, height: 734, folder });
  } finally {
    await proxy.stop();
  }
}

async function pictureOfCheck(cell: Cell, folder: string): Promise<void> {
  const command = [process.execPath, MAIN, ...CHECK, '--color', 'always'];
  const { stdout } = await runInCell(cell, command, { COLUMNS: String(COLUMNS) });
  const file = path.join(folder, 'terminal.html');
  const run = {
    prompt: 'diego-cell-7:~#',
    command: ['rollcall', ...CHECK].join(' '),
    output: stdout,
  };
  writeFileSync(file, terminalPage(run));
  const url = pathToFileURL(file).href;
  await take({ name: 'check.png', url, ...terminalSize(run, COLUMNS), folder });
}

async function take(picture: {
  readonly name: string;
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly folder: string;
}): Promise<void> {
  const file = path.join(PICTURES, picture.name);
  await takePicture({ ...picture, file });
  process.stdout.write(`docs/pictures/${picture.name}: ${statSync(file).size} bytes\n`);
}

process.exitCode = await finish(takePictures, processIo);
