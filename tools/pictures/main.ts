// `npm run tool -- pictures`: makes docs/pictures from a real agent and commands on a cell in a box.
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { COLOR_NUMBERS } from '../../src/present/color.ts';
import { escapeHtml } from '../../src/present/page/html.ts';
import { root } from '../bootstrap/place.mjs';
import { runInCell, withCell, type Cell } from '../demo-cell/cell/cell.ts';
import { until } from '../demo-cell/cgroups/processes.ts';
import { pageAddress, startAgentOf } from '../demo-cell/kept-cell.ts';
import { rollcallCommand } from '../demo-cell/scenes.ts';
import { breakStoryCell, leakOnStoryCell, startStoryCell } from '../demo-cell/story-cell.ts';
import { print, runTool } from '../tool.ts';
import { startBrowser, type Browser } from './browser.ts';

/** The agent reads the ledgers once a minute, and reports only what it has seen twice. */
const LEDGERS_MILLISECONDS = 180_000;
/** A process with the name of a sensor is enough for a prediction. */
const START_FALCO =
  'cp "$(command -v sleep)" /tmp/falco && /tmp/falco 1d </dev/null >/dev/null 2>&1 &';

/** Needs root and chromium. */
async function takePictures(cell: Cell): Promise<void> {
  const browser = await startBrowser();
  try {
    await startAgentOf(cell);
    await breakStoryCell(cell);
    const url = pageAddress(cell);
    await untilPageSays(url, '3 of 7 containers are untracked');
    await take(browser, 'page', { url, width: 1120, height: 880 });
    await takeCommand(browser, cell, 160, 'check');
    await runInCell(cell, ['sh', '-c', START_FALCO]);
    await leakOnStoryCell(cell);
    await takeCommand(browser, cell, 80, 'ledgers');
    await untilPageSays(url, 'Falco would see');
    await untilPageSays(url, 'Entries that belong to no container');
    await take(browser, 'page-ledgers', { url: `${url}#ledgers`, width: 1120, height: 640 });
  } finally {
    await browser.close();
  }
}

const untilPageSays = (url: string, words: string): Promise<void> =>
  until(async () => {
    await sleep(1000);
    const page = await (await fetch(url)).text();
    return page.includes(words) ? null : `the page does not say: ${words}`;
  }, LEDGERS_MILLISECONDS);

async function takeCommand(
  browser: Browser,
  cell: Cell,
  columns: number,
  command: string,
): Promise<void> {
  const typed = rollcallCommand([command, '--color', 'always']);
  const { stdout, stderr } = await runInCell(cell, typed, { COLUMNS: String(columns) });
  const page = Buffer.from(terminalPage(`rollcall ${command}`, stdout + stderr));
  const url = `data:text/html;base64,${page.toString('base64')}`;
  await take(browser, command, { url, width: 1, height: 1, isWhole: true });
}

interface Shot {
  readonly url: string;
  /** In CSS pixels; the rest is cut off, unless the whole page is taken. */
  readonly width: number;
  readonly height: number;
  readonly isWhole?: boolean;
}

async function take(
  browser: Browser,
  name: string,
  { url, width, height, isWhole = false }: Shot,
): Promise<void> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: 'light' });
  await page.goto(url);
  await page.screenshot({ path: path.join(root, `docs/pictures/${name}.png`), fullPage: isWhole });
  await page.close();
  print(`docs/pictures/${name}.png`);
}

/** The part of Select Graphic Rendition of ECMA-48 that `rollcall` uses. */
const TAG_OF_CODE = new Map([
  ['1', '<span style="font-weight: bold">'],
  ['2', '<span style="color: #8b96a3">'],
  [`38;5;${COLOR_NUMBERS.red}`, '<span style="color: #ff0000">'],
  [`38;5;${COLOR_NUMBERS.green}`, '<span style="color: #008700">'],
  [`38;5;${COLOR_NUMBERS.yellow}`, '<span style="color: #af5f00">'],
  [`38;5;${COLOR_NUMBERS.cyan}`, '<span style="color: #0087af">'],
  [`38;5;${COLOR_NUMBERS.magenta}`, '<span style="color: #af5faf">'],
  ['22', '</span>'],
  ['39', '</span>'],
]);

/**
 * A page that shows a terminal after a command.
 * @throws Error for an unknown sequence, so that none is shown incorrectly
 */
function terminalPage(command: string, output: string): string {
  const text = escapeHtml(output.trimEnd()).replaceAll(/\x1b\[([\d;]+)m/g, (_, code: string) => {
    const tag = TAG_OF_CODE.get(code);
    if (tag === undefined) throw new Error(`unknown sequence ESC[${code}m of a terminal`);
    return tag;
  });
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 16px; width: max-content; background: #14181d; color: #d7dde4 }
pre { margin: 0; font: 12px/17px "DejaVu Sans Mono", monospace }
</style><pre>diego-cell/0:~# <b>${command}</b>\n${text}</pre>`;
}

await runTool({}, () => withCell(startStoryCell('v2'), takePictures));
