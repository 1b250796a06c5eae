import { createRequire } from 'node:module';

const CHROMIUM = '/usr/bin/chromium';

/** Chromium has no sandbox as root, and our browser contacts no server for news. */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Shot {
  readonly url: string;
  /** In CSS pixels; the rest is cut off. */
  readonly width: number;
  readonly height: number;
  readonly ground: 'light' | 'dark';
  /** Evaluated in the page before the picture is taken. */
  readonly prepare?: string;
  /** The PNG. */
  readonly file: string;
}

/** The part of playwright-core that is used. Its own types need those of the DOM. */
interface Playwright {
  readonly chromium: {
    launch(options: {
      readonly executablePath: string;
      readonly args: readonly string[];
    }): Promise<Browser>;
  };
}

interface Browser {
  newPage(options: {
    readonly viewport: { readonly width: number; readonly height: number };
    readonly colorScheme: Shot['ground'];
  }): Promise<{
    goto(url: string): Promise<unknown>;
    evaluate(expression: string): Promise<unknown>;
    screenshot(options: { readonly path: string }): Promise<unknown>;
  }>;
  close(): Promise<void>;
}

const isPlaywright = (value: unknown): value is Playwright =>
  typeof value === 'object' && value !== null && 'chromium' in value;

/** Takes a picture of a window with a page, once the page has been drawn. */
export async function takePicture(shot: Shot): Promise<void> {
  const { url, width, height, ground, prepare, file } = shot;
  const playwright: unknown = createRequire(import.meta.url)('playwright-core');
  if (!isPlaywright(playwright)) throw new Error('playwright-core has no chromium');
  const browser = await playwright.chromium.launch({
    executablePath: CHROMIUM,
    args: CHROMIUM_FLAGS,
  });
  try {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: ground });
    await page.goto(url);
    if (prepare !== undefined) await page.evaluate(prepare);
    await page.screenshot({ path: file });
  } finally {
    await browser.close();
  }
}
