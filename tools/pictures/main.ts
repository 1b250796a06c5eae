// `npm run pictures`: makes docs/pictures from real agents and commands on cells in a box.
import { mkdirSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { type Cell, runInCell, withCell } from '../demo-cell/cell/cell.ts';
import { instanceHandle } from '../demo-cell/cgroups/container-spec.ts';
import { startCell } from '../demo-cell/cell/start-cell.ts';
import { inParallel } from '../demo-cell/in-parallel.ts';
import {
  BREAKS,
  breakStoryCell,
  leakOnStoryCell,
  startStoryCell,
} from '../demo-cell/story-cell.ts';
import { root } from '../bootstrap/place.mjs';
import { runTool } from '../tool.ts';
import { RunningAgent, STATUS_SOCKET } from '../../test/live/running-agent.ts';
import { serveLocally } from '../local-server.ts';
import { startBrowser, type ColorScheme } from './browser.ts';
import { terminalPage } from './terminal-page.ts';

const PICTURES = path.join(root, 'docs/pictures');
const MAIN = path.join(root, 'src/cli/main.ts');
/** A name that a cell of a foundation could have. */
const NAMED = ['unshare', '--uts', 'sh', '-c', 'hostname diego-cell-7; exec "$@"', 'sh'];
const GROUNDS = ['light', 'dark'] as const;

const CHECK = ['check'];
/** The agent's socket, which is where the commands look for it on a cell. */
const AGENT = ['--status-socket', STATUS_SOCKET];
const WIDTHS = [80, 160] as const;

const DESKTOP = { width: 1120, height: 880 } as const;
const SECTION = { width: 1120, height: 640 } as const;
const PHONE = { width: 390, height: 844 } as const;

/** Needs root and chromium. */
async function takePictures(): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await withCell(startStoryCell('v2'), async (cell) => {
    const agent = await picturesOfPage(cell);
    for (const columns of WIDTHS) await picturesOfCommand(cell, `check-${columns}`, CHECK, columns);
    await picturesOfLedgers(cell, agent);
  });
  await withCell(startCell({ mode: 'v2', layout: 'plain', label: 'demo' }), pictureOfMany);
}

async function picturesOfPage(cell: Cell): Promise<RunningAgent> {
  const agent = await startAgent(cell);
  await breakStoryCell(cell);
  await agent.until('container.untracked', BREAKS.length);
  await withPage(agent, async (url) => {
    await take('page', { url, ...DESKTOP, ground: 'light' });
    await take('page-dark', { url, ...DESKTOP, ground: 'dark' });
    await take('page-phone', { url, ...PHONE, ground: 'light' });
  });
  return agent;
}

/** A process with the name of a sensor is enough for a prediction. */
const START_FALCO =
  'cp "$(command -v sleep)" /tmp/falco && /tmp/falco 1d </dev/null >/dev/null 2>&1 &';

const isLeakShown = (page: string): boolean =>
  /Falco would see/.test(page) && page.includes('Table of entries');

/** A leak, with a sensor. The agent shows both a minute or two later. */
async function picturesOfLedgers(cell: Cell, agent: RunningAgent): Promise<void> {
  await runInCell(cell, ['sh', '-c', START_FALCO]);
  await leakOnStoryCell(cell);
  await picturesOfCommand(cell, 'ledgers', ['ledgers'], WIDTHS[0]);
  for (let left = 60; !isLeakShown(await agent.get('/')); left--) {
    if (left === 0) throw new Error('the page does not show the leak');
    await sleep(3000);
  }
  await withPage(agent, async (url) => {
    const prepare = "document.querySelector('#ledgers').scrollIntoView()";
    for (const ground of GROUNDS)
      await take(`page-ledgers-${ground}`, { url, ...SECTION, ground, prepare });
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
  const agent = await startAgent(cell);
  await cell.forget(instanceHandle('checkout 7'));
  await agent.until('container.untracked');
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

/** The agent ends with the cell. */
async function startAgent(cell: Cell): Promise<RunningAgent> {
  const agent = new RunningAgent(cell, NAMED);
  await agent.prepare({ reconcile: { intervalSeconds: 1, gracePeriodSeconds: 2 } });
  agent.start();
  await agent.until('mounts.chosen');
  return agent;
}

/** Serves the page as the agent shows it now. */
async function withPage(agent: RunningAgent, use: (url: string) => Promise<void>): Promise<void> {
  const page = await agent.get('/');
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  const server = await serveLocally((_, response) => response.writeHead(200, headers).end(page));
  try {
    await use(server.url);
  } finally {
    await server.stop();
  }
}

/** The story has broken this cell, so that each command finds something. */
async function picturesOfCommand(
  cell: Cell,
  name: string,
  typed: readonly string[],
  columns: number,
): Promise<void> {
  const command = [process.execPath, MAIN, ...typed, ...AGENT, '--color', 'always'];
  const env = { COLUMNS: String(columns) };
  const { exitCode, stdout, stderr } = await runInCell(cell, command, env);
  if (exitCode !== 1) throw new Error(`${name} exited with ${exitCode}, not 1: ${stderr}`);
  for (const ground of GROUNDS) {
    const shown = ['rollcall', ...typed].join(' ');
    const run = { prompt: 'diego-cell-7:~#', command: shown, output: stdout, ground };
    const url = `data:text/html;base64,${Buffer.from(terminalPage(run)).toString('base64')}`;
    await take(`${name}-${ground}`, { url, width: 1, height: 1, ground, isWhole: true });
  }
}

interface Shot {
  readonly url: string;
  /** In CSS pixels; the rest is cut off, unless the whole page is taken. */
  readonly width: number;
  readonly height: number;
  readonly isWhole?: boolean;
  readonly ground: ColorScheme;
  /** Evaluated in the page before the picture is taken. */
  readonly prepare?: string;
}

/** Takes a picture of a window with a page, once the page has been drawn. */
async function take(name: string, shot: Shot): Promise<void> {
  const { url, width, height, ground, prepare, isWhole = false } = shot;
  const file = path.join(PICTURES, `${name}.png`);
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: ground });
    await page.goto(url);
    if (prepare !== undefined) await page.evaluate(prepare);
    await page.screenshot({ path: file, fullPage: isWhole });
  } finally {
    await browser.close();
  }
  process.stdout.write(`docs/pictures/${name}.png: ${statSync(file).size} bytes\n`);
}

await runTool({}, takePictures);
