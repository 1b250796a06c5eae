// `npm run pictures`: makes docs/pictures from real agents and commands on cells in a box.
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { type Cell, runInCell, withCell } from '../../src/demo-cell/cell/cell.ts';
import { instanceHandle } from '../../src/demo-cell/cgroups/container-spec.ts';
import { startCell } from '../../src/demo-cell/cell/start-cell.ts';
import { inParallel } from '../../src/demo-cell/in-parallel.ts';
import { BREAKS, breakStoryCell, startStoryCell } from '../../src/demo-cell/story-cell.ts';
import { root } from '../bootstrap/place.mjs';
import { typedOptions } from '../../src/terminal/options.ts';
import { type Shot, takePicture } from './browser.ts';
import { type CellAgent, startCellAgent, proxyTo } from './cell-agent.ts';
import { terminalPage, terminalSize } from './terminal-page.ts';

const PICTURES = path.join(root, 'docs/pictures');
const MAIN = path.join(root, 'src/cli/main.ts');
const GROUNDS = ['light', 'dark'] as const;

/** Long enough for `no-cgroup`, the slowest reason. */
const CHECK = ['check', '--settle', '30s'];
const WIDTHS = [80, 160] as const;

const DESKTOP = { width: 1120, height: 880 } as const;
const PHONE = { width: 390, height: 844 } as const;

/** Needs root and chromium. */
async function takePictures(): Promise<number> {
  typedOptions({});
  mkdirSync(PICTURES, { recursive: true });
  await withCell(startStoryCell('v2'), async (cell) => {
    await picturesOfPage(cell);
    await picturesOfCheck(cell);
  });
  await withCell(startCell({ mode: 'v2', layout: 'plain', label: 'demo' }), pictureOfMany);
  return 0;
}

async function picturesOfPage(cell: Cell): Promise<void> {
  const agent = await startCellAgent(cell, MAIN);
  await agent.logged('rollcall.mounts.chosen', 1);
  await breakStoryCell(cell);
  await agent.logged('rollcall.container.untracked', BREAKS.length);
  await withPage(agent, async (url) => {
    await take('page', { url, ...DESKTOP, ground: 'light' });
    await take('page-dark', { url, ...DESKTOP, ground: 'dark' });
    await take('page-phone', { url, ...PHONE, ground: 'light' });
  });
}

const APPS = ['billing', 'catalogue', 'checkout', 'invoices', 'login', 'search'] as const;
const MANY = 300;
const AT_ONCE = 4;

/** A full cell with one untracked container, with the table in view and searched. */
async function pictureOfMany(cell: Cell): Promise<void> {
  const specs = Array.from({ length: MANY }, (_, number) => {
    const name = APPS[number % APPS.length] ?? APPS[0];
    const index = Math.floor(number / APPS.length);
    return {
      handle: instanceHandle(`${name} ${index}`),
      kind: 'app',
      app: { name, index, organizationName: 'retail', spaceName: 'shop' },
      cheap: true,
    } as const;
  });
  await inParallel(specs, AT_ONCE, (spec) => cell.create(spec));
  const agent = await startCellAgent(cell, MAIN);
  await agent.logged('rollcall.mounts.chosen', 1);
  await cell.forget(instanceHandle('checkout 7'));
  await agent.logged('rollcall.container.untracked', 1);
  await withPage(agent, (url) =>
    take('page-300-containers', {
      url,
      ...DESKTOP,
      ground: 'light',
      prepare: `(() => {
        const text = document.querySelector('#filter-text');
        text.value = 'checkout';
        text.dispatchEvent(new Event('input', { bubbles: true }));
        document.querySelector('#containers').scrollIntoView();
      })()`,
    }),
  );
}

async function withPage(agent: CellAgent, use: (url: string) => Promise<void>): Promise<void> {
  const proxy = await proxyTo(agent.socketPath);
  try {
    await use(proxy.url);
  } finally {
    await proxy.stop();
  }
}

async function picturesOfCheck(cell: Cell): Promise<void> {
  const command = [process.execPath, MAIN, ...CHECK, '--color', 'always'];
  for (const columns of WIDTHS) {
    const env = { COLUMNS: String(columns) };
    const { exitCode, stdout, stderr } = await runInCell(cell, command, env);
    // The story has broken this cell.
    if (exitCode !== 1) throw new Error(`check exited with ${exitCode}, not 1: ${stderr}`);
    for (const ground of GROUNDS) {
      const run = {
        prompt: 'diego-cell-7:~#',
        command: ['rollcall', ...CHECK].join(' '),
        output: stdout,
        ground,
      };
      const size = terminalSize(run, columns);
      await inFile(terminalPage(run), (url) =>
        take(`check-${columns}-${ground}`, { url, ...size, ground }),
      );
    }
  }
}

async function inFile(page: string, use: (url: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-'));
  try {
    const file = path.join(folder, 'terminal.html');
    writeFileSync(file, page);
    await use(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function take(name: string, shot: Omit<Shot, 'file'>): Promise<void> {
  const file = path.join(PICTURES, `${name}.png`);
  await takePicture({ ...shot, file });
  process.stdout.write(`docs/pictures/${name}.png: ${statSync(file).size} bytes\n`);
}

process.exitCode = await finish(takePictures, processIo);
