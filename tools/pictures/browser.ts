import { createRequire } from 'node:module';

export const CHROMIUM = '/usr/bin/chromium';

/** Chromium has no sandbox as root, and our browser contacts no server for news. */
const FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export type ColorScheme = 'light' | 'dark';

/*
 * What is used of playwright-core. Its own types need those of the DOM, which would make `document`
 * a name that the whole project knows.
 */
export interface Page {
  goto(url: string): Promise<unknown>;
  /** To be run in the page before its own script. */
  addInitScript(script: string): Promise<unknown>;
  /** The expression runs in the page. */
  evaluate(expression: string): Promise<unknown>;
  screenshot(options: { readonly path: string; readonly fullPage?: boolean }): Promise<unknown>;
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
  emulateMedia(media: { readonly colorScheme: ColorScheme }): Promise<void>;
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

export interface Browser {
  newPage(options: {
    /** In CSS pixels. */
    readonly viewport: { readonly width: number; readonly height: number };
    readonly colorScheme: ColorScheme;
    readonly javaScriptEnabled?: boolean;
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

const isPlaywright = (value: unknown): value is Playwright =>
  typeof value === 'object' && value !== null && 'chromium' in value;

const require = createRequire(import.meta.url);

export function startBrowser(): Promise<Browser> {
  const playwright: unknown = require('playwright-core');
  if (!isPlaywright(playwright)) throw new Error('playwright-core has no chromium');
  return playwright.chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}
