import { execa } from 'execa';

const CHROMIUM = 'chromium';

/** Root has no sandbox; and no browser of ours asks anybody for news. */
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
  /** CSS pixels; what is beyond is cut off. */
  readonly width: number;
  readonly height: number;
  /** The PNG. */
  readonly file: string;
  /** For the browser's profile; the caller removes it. */
  readonly folder: string;
}

/** Takes a picture of the upper part of a page, as soon as it has been drawn. */
export async function takePicture({ url, width, height, file, folder }: Shot): Promise<void> {
  await execa(
    CHROMIUM,
    [
      '--headless',
      ...CHROMIUM_FLAGS,
      '--hide-scrollbars',
      `--user-data-dir=${folder}`,
      `--window-size=${width},${height}`,
      `--screenshot=${file}`,
      url,
    ],
    { stdin: 'ignore', timeout: 60_000 },
  );
}
