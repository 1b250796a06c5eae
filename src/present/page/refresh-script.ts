/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/**
 * Fetches the page again and replaces its parts. The page is complete without it. It runs in the browser,
 * from the text of this function: it uses nothing from outside. The browser parses the new page as a
 * separate document, in which no script runs.
 */
/* c8 ignore start: what a browser runs is not counted; test/live/page.test.ts runs it there */
function refreshPage(): void {
  const root = document.documentElement;
  const interval = Math.max(1, Number(root.dataset['interval']) || 15) * 1000;
  const part = (selector: string, page = document): HTMLElement => {
    const found = page.querySelector<HTMLElement>(selector);
    if (found === null) throw new Error(`no ${selector}`);
    return found;
  };
  const state = part('#refresh');
  const announcement = part('#announcement');
  let timer: ReturnType<typeof setTimeout>;

  const showState = (isLost: boolean): void => {
    state.className = isLost ? 'critical' : 'quiet';
    state.textContent = isLost
      ? 'The agent does not answer; this is its last answer.'
      : `Refreshed every ${interval / 1000} s.`;
    state.hidden = false;
  };

  const isSelecting = (): boolean => getSelection()?.isCollapsed === false;

  const swap = (next: Document): void => {
    const said = part('h1').textContent;
    const focused = document.activeElement === document.body ? null : document.activeElement;
    const kept = [...document.querySelectorAll('[data-keep]')].map(
      ({ id, scrollLeft, scrollTop }) => ({ id, scrollLeft, scrollTop }),
    );
    const [left, top] = [scrollX, scrollY];
    for (const name of ['title', 'nav', 'main'])
      part(name).replaceWith(document.adoptNode(part(name, next)));
    for (const { id, scrollLeft, scrollTop } of kept)
      document.getElementById(id)?.scrollTo(scrollLeft, scrollTop);
    scrollTo(left, top);
    if (focused !== null && document.activeElement !== focused) {
      const same = focused.id === '' ? null : document.getElementById(focused.id);
      (same ?? part('main')).focus({ preventScroll: true });
    }
    const says = part('h1').textContent.trim();
    if (says !== said.trim())
      announcement.textContent = `${says}. ${part('#verdict p').textContent.trim()}`;
  };

  const refresh = async (): Promise<void> => {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      const signal = AbortSignal.timeout(10_000);
      const response = await fetch(location.href, { cache: 'no-store', signal });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const next = new DOMParser().parseFromString(await response.text(), 'text/html');
      part('main', next);
      // A page of another version needs its own style sheet and script, so the whole page is loaded.
      if (next.documentElement.dataset['version'] !== root.dataset['version']) {
        location.reload();
        return;
      }
      if (!isSelecting()) swap(next);
      showState(false);
    } catch {
      showState(true);
    }
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(), interval);
  };

  document.addEventListener('visibilitychange', () => void refresh());
  showState(false);
  timer = setTimeout(() => void refresh(), interval);
}
/* c8 ignore stop */

export const REFRESH_SCRIPT = `(${refreshPage.toString()})();`;

/** The inline style sheet and the inline script as a policy names them: `sha256-` and base64. */
export type PageHashes = { readonly style: string; readonly script: string };

/** `file`: in a `<meta>`, where browsers ignore frame-ancestors; a file has no script. */
export type Delivery = 'header' | 'file';

/** Allows the page its style sheet and, if it is served, the script that fetches it again. */
export function contentSecurityPolicy({ style, script }: PageHashes, delivery: Delivery): string {
  const directives = [
    "default-src 'none'",
    `style-src '${style}'`,
    // The icon of the tab, which is empty: without one, a browser asks for it.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    ...(delivery === 'file'
      ? []
      : [`script-src '${script}'`, "connect-src 'self'", "frame-ancestors 'none'"]),
  ];
  return directives.join('; ');
}
