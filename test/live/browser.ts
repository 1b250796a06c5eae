import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { serveLocally, type LocalServer } from '../../tools/local-server.ts';
import { CHROMIUM, type ColorScheme } from '../../tools/pictures/browser.ts';
import { skip } from '../skip.ts';

export interface PageSettings {
  readonly width: number;
  readonly colorScheme: ColorScheme;
  readonly javaScriptEnabled: boolean;
}

export function needsBrowser(context: Mocha.Context): void {
  if (!existsSync(CHROMIUM)) skip(context, `there is no browser at ${CHROMIUM}`);
}

const require = createRequire(import.meta.url);

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
