import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { serveLocally, type LocalServer } from '../../tools/local-server.ts';
import { CHROMIUM_FLAGS } from '../../tools/pictures/browser.ts';
import { skip } from '../skip.ts';

const CHROMIUM = '/usr/bin/chromium';

/*
 * What is used of playwright-core. Its own types need those of the DOM, which would make `document` a name that the whole
 * project knows.
 */
export interface Page {
  goto(url: string): Promise<unknown>;
  /** To be run in the page before its own script. */
  addInitScript(script: string): Promise<unknown>;
  /** The expression runs in the page. */
  evaluate(expression: string): Promise<unknown>;
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
  emulateMedia(media: { readonly colorScheme: PageSettings['colorScheme'] }): Promise<void>;
  click(selector: string): Promise<void>;
  focus(selector: string): Promise<void>;
  isVisible(selector: string): Promise<boolean>;
  innerText(selector: string): Promise<string>;
  close(): Promise<void>;
  on(event: 'console', listener: (message: { text(): string; type(): string }) => void): unknown;
  on(event: 'pageerror', listener: (error: Error) => void): unknown;
  on(event: 'dialog', listener: (dialog: { dismiss(): Promise<void> }) => void): unknown;
  on(event: 'request', listener: (request: { url(): string }) => void): unknown;
  readonly keyboard: { press(key: string): Promise<void> };
}

export interface PageSettings {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
  readonly javaScriptEnabled: boolean;
}

export interface Browser {
  newPage(options: {
    readonly viewport: { readonly width: number; readonly height: number };
    readonly colorScheme: PageSettings['colorScheme'];
    readonly javaScriptEnabled: boolean;
    /** Lets the tests put axe into a page whose policy lets nothing in. */
    readonly bypassCSP?: boolean;
  }): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: {
      readonly executablePath: string;
      readonly args: readonly string[];
    }): Promise<Browser>;
  };
}

const require = createRequire(import.meta.url);

export function needsBrowser(context: Mocha.Context): void {
  if (!existsSync(CHROMIUM)) skip(context, `there is no browser at ${CHROMIUM}`);
}

export function startBrowser(): Promise<Browser> {
  const { chromium } = require('playwright-core') as Playwright;
  return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
}

/** The source of axe, to be evaluated in a page. */
export const axeSource = (): string => readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Serves what `answer` gives at the time, as the agent does; null is no answer at all. */
export const servePage = (
  headers: Readonly<Record<string, string>>,
  answer: () => string | null,
): Promise<LocalServer> =>
  serveLocally((_request, response) => {
    const page = answer();
    if (page === null) response.destroy();
    else response.writeHead(200, headers).end(page);
  });
