// `npm run tool -- pictures`: makes docs/pictures from a real agent and commands on a cell in a box. With
// `--all FOLDER`, it also puts every screen there, at each width, light and dark, to be looked at.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { COLOR_NUMBERS } from '../../src/present/color.ts';
import { escapeHtml } from '../../src/present/page/html.ts';
import { root } from '../bootstrap/place.mjs';
import { runInCell, withCell, type Cell } from '../demo-cell/cell/cell.ts';
import { until } from '../demo-cell/cgroups/processes.ts';
import { pageAddress, startAgentOf } from '../demo-cell/kept-cell.ts';
import { rollcallCommand } from '../demo-cell/scenes.ts';
import {
  BREAKS,
  breakStoryCell,
  leakOnStoryCell,
  startStoryCell,
} from '../demo-cell/story-cell.ts';
import { print, runTool } from '../tool.ts';
import { startBrowser, type Browser, type ColorScheme } from './browser.ts';

/** The agent reads the ledgers once a minute, and reports only what it has seen twice. */
const LEDGERS_MILLISECONDS = 180_000;
/** A process with the name of a sensor is enough for a prediction. `/tmp` belongs to all cells of the machine. */
const START_FALCO =
  'cp "$(command -v sleep)" /var/vcap/falco && /var/vcap/falco 1d </dev/null >/dev/null 2>&1 &';

const DOCS = path.join(root, 'docs/pictures');
const COLUMNS = [80, 160] as const;
const SCHEMES: readonly ColorScheme[] = ['light', 'dark'];
/** In CSS pixels: a desk, and a phone. */
const PAGE_WIDTHS = [1300, 400] as const;

/** Of a cell with three findings and a leak. */
const SCREENS: readonly (readonly string[])[] = [
  ['check'],
  ['status'],
  ['ledgers'],
  ['sensors'],
  ['mounts'],
  ['preflight'],
  ['events'],
  ...BREAKS.map(({ handle }) => ['explain', handle]),
  ['whose', ...BREAKS.map(({ handle }) => handle)],
];

/** Needs root and chromium. */
async function takePictures(cell: Cell, all: string | undefined): Promise<void> {
  const browser = await startBrowser();
  try {
    await startAgentOf(cell);
    await breakStoryCell(cell);
    const url = pageAddress(cell);
    await untilPageSays(url, '3 of 7 containers are untracked');
    const terminal = await terminalOf(cell, 160, ['check']);
    await take(browser, `${DOCS}/check.png`, terminal('dark'));
    await runInCell(cell, ['sh', '-c', START_FALCO]);
    await leakOnStoryCell(cell);
    await take(browser, `${DOCS}/ledgers.png`, (await terminalOf(cell, 80, ['ledgers']))('dark'));
    await untilPageSays(url, 'Falco would see');
    await untilPageSays(url, 'Entries that belong to no container');
    const page = { width: 1120, height: 640, scheme: 'light' } as const;
    await take(browser, `${DOCS}/page-ledgers.png`, { ...page, url: `${url}#ledgers` });
    if (all !== undefined) await takeAll(browser, cell, path.resolve(all));
  } finally {
    await browser.close();
  }
}

async function takeAll(browser: Browser, cell: Cell, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const columns of COLUMNS)
    for (const words of SCREENS) {
      const terminal = await terminalOf(cell, columns, words);
      for (const scheme of SCHEMES) {
        const name = `${words.join('-').slice(0, 20)}-${columns}-${scheme}`;
        await take(browser, `${folder}/${name}.png`, terminal(scheme));
      }
    }
  for (const width of PAGE_WIDTHS)
    for (const scheme of SCHEMES) {
      const shot = { url: pageAddress(cell), width, height: 900, isWhole: true, scheme };
      await take(browser, `${folder}/page-${width}-${scheme}.png`, shot);
    }
}

const untilPageSays = (url: string, words: string): Promise<void> =>
  until(async () => {
    await sleep(1000);
    const page = await (await fetch(url)).text();
    return page.includes(words) ? null : `the page does not say: ${words}`;
  }, LEDGERS_MILLISECONDS);

interface Shot {
  readonly url: string;
  /** In CSS pixels; the rest is cut off, unless the whole page is taken. */
  readonly width: number;
  readonly height: number;
  readonly isWhole?: boolean;
  readonly scheme: ColorScheme;
}

/** What a command prints, as a terminal of this width shows it on a light or a dark ground. */
async function terminalOf(
  cell: Cell,
  columns: number,
  words: readonly string[],
): Promise<(scheme: ColorScheme) => Shot> {
  const typed = rollcallCommand([...words, '--color', 'always']);
  const { stdout, stderr } = await runInCell(cell, typed, { COLUMNS: String(columns) });
  return (scheme) => {
    const html = terminalPage(`rollcall ${words.join(' ')}`, stdout + stderr, scheme);
    const url = `data:text/html;base64,${Buffer.from(html).toString('base64')}`;
    return { url, width: 1, height: 1, isWhole: true, scheme };
  };
}

async function take(
  browser: Browser,
  file: string,
  { url, width, height, isWhole = false, scheme }: Shot,
): Promise<void> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(url);
  await page.screenshot({ path: file, fullPage: isWhole });
  await page.close();
  print(path.relative(root, file));
}

/** The part of Select Graphic Rendition of ECMA-48 that `rollcall` uses. */
const TAG_OF_CODE = new Map([
  ['1', '<span style="font-weight: bold">'],
  ['2', '<span style="opacity: 0.6">'],
  [`38;5;${COLOR_NUMBERS.red}`, '<span style="color: #ff0000">'],
  [`38;5;${COLOR_NUMBERS.green}`, '<span style="color: #008700">'],
  [`38;5;${COLOR_NUMBERS.yellow}`, '<span style="color: #af5f00">'],
  [`38;5;${COLOR_NUMBERS.cyan}`, '<span style="color: #0087af">'],
  [`38;5;${COLOR_NUMBERS.magenta}`, '<span style="color: #af5faf">'],
  ['22', '</span>'],
  ['39', '</span>'],
]);

const GROUNDS: Readonly<Record<ColorScheme, string>> = {
  light: 'background: #fff; color: #1b1f24',
  dark: 'background: #14181d; color: #d7dde4',
};

/**
 * A page that shows a terminal after a command.
 * @throws Error for an unknown sequence, so that none is shown incorrectly
 */
function terminalPage(command: string, output: string, scheme: ColorScheme): string {
  const text = escapeHtml(output.trimEnd()).replaceAll(/\x1b\[([\d;]+)m/g, (_, code: string) => {
    const tag = TAG_OF_CODE.get(code);
    if (tag === undefined) throw new Error(`unknown sequence ESC[${code}m of a terminal`);
    return tag;
  });
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 16px; width: max-content; ${GROUNDS[scheme]} }
pre { margin: 0; font: 12px/17px "DejaVu Sans Mono", monospace }
</style><pre>diego-cell/0:~# <b>${command}</b>\n${text}</pre>`;
}

await runTool({ all: { type: 'string' } }, ({ all }) =>
  withCell(startStoryCell('v2'), (cell) => takePictures(cell, all)),
);
