/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/**
 * Fetches the page again and replaces its parts, and filters the table of containers. The page is
 * complete without it. It runs in the browser, from the text of this function: it uses nothing from
 * outside. The browser parses the new page as a separate document, in which no script runs.
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
  const bar = part('#refresh');
  const words = part('#refresh-words');
  const button = part('#refresh-button');
  const announcement = part('#announcement');
  let receivedAt = performance.now();
  let isPaused = false;
  let isLost = false;
  let timer: ReturnType<typeof setTimeout>;

  const spanText = (seconds: number): string => {
    if (seconds < 90) return `${Math.round(seconds)} s`;
    if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
    if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
    return `${Math.round(seconds / 86400)} days`;
  };

  const showAge = (): void => {
    const age = document.getElementById('age');
    if (age === null) return;
    const seconds = Number(age.dataset['seconds']) + (performance.now() - receivedAt) / 1000;
    age.textContent = `(${spanText(seconds)} ago)`;
  };

  const showState = (): void => {
    bar.classList.toggle('lost', isLost);
    const refreshed = isPaused ? 'Not refreshed.' : `Refreshed every ${interval / 1000} s.`;
    words.textContent = isLost ? 'The agent does not answer; this is its last answer.' : refreshed;
    button.textContent = isPaused ? 'Refresh again' : 'Pause';
  };

  let typedAt = -Infinity;

  const typed = (selector: string): string => {
    const field = part(selector);
    return field instanceof HTMLInputElement || field instanceof HTMLSelectElement
      ? field.value
      : '';
  };

  const filter = (): void => {
    const sieve = document.getElementById('filter');
    if (sieve === null) return;
    sieve.hidden = false;
    const sought = typed('#filter-text').toLowerCase().split(/\s+/).filter(Boolean);
    const status = typed('#filter-status');
    const rows = [...document.querySelectorAll<HTMLElement>('#containers-table tbody tr')];
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden =
        (status !== '' && row.dataset['status'] !== status) ||
        !sought.every((word) => text.includes(word));
    }
    const shown = rows.filter(({ hidden }) => hidden === false).length;
    const some = shown === 0 ? `none of ${rows.length} matches` : `${shown} of ${rows.length}`;
    const says = shown === rows.length ? '' : some;
    const count = part('#filter-count');
    if (count.textContent !== says) count.textContent = says;
  };

  const isTyping = (): boolean => performance.now() - typedAt < 2000;

  const isSelecting = (): boolean => getSelection()?.isCollapsed === false;

  const swap = (next: Document): void => {
    const said = part('h1').textContent;
    const focused = document.activeElement === document.body ? null : document.activeElement;
    const kept = [...document.querySelectorAll('[data-keep]')].map((element) => {
      const { id, scrollLeft, scrollTop } = element;
      return {
        id,
        scrollLeft,
        scrollTop,
        open: element instanceof HTMLDetailsElement && element.open,
      };
    });
    const [left, top] = [scrollX, scrollY];
    const sieve = document.getElementById('filter');
    for (const name of ['title', 'link[rel=icon]', 'nav', 'main', 'footer'])
      part(name).replaceWith(document.adoptNode(part(name, next)));
    // The old filter bar has what was typed, and the cursor.
    if (sieve !== null) document.getElementById('filter')?.replaceWith(sieve);
    filter();
    for (const { id, scrollLeft, scrollTop, open } of kept) {
      const element = document.getElementById(id);
      if (element === null) continue;
      if (element instanceof HTMLDetailsElement) element.open = open;
      element.scrollTo(scrollLeft, scrollTop);
    }
    scrollTo(left, top);
    if (focused !== null && document.activeElement !== focused) {
      const same = focused.id === '' ? null : document.getElementById(focused.id);
      (same ?? part('main')).focus({ preventScroll: true });
    }
    const says = part('h1').textContent;
    if (says !== said)
      announcement.textContent = `${says}. ${part('#verdict-sentence').textContent.trim()}`;
  };

  const refresh = async (): Promise<void> => {
    clearTimeout(timer);
    if (isPaused || document.hidden) return;
    try {
      const signal = AbortSignal.timeout(10_000);
      const response = await fetch(location.href, { cache: 'no-store', signal });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const next = new DOMParser().parseFromString(await response.text(), 'text/html');
      part('main', next);
      // Another version has another style sheet and script.
      if (next.documentElement.dataset['version'] !== root.dataset['version']) {
        location.reload();
        return;
      }
      isLost = false;
      if (!isPaused && !isSelecting() && !isTyping()) {
        swap(next);
        receivedAt = performance.now();
      }
    } catch {
      isLost = true;
    }
    showState();
    showAge();
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(), interval);
  };

  button.addEventListener('click', () => {
    isPaused = !isPaused;
    showState();
    void refresh();
  });
  document.addEventListener('visibilitychange', () => void refresh());
  // On the document, because the filter bar comes and goes with the table.
  document.addEventListener('input', ({ target }) => {
    if (target instanceof Element && target.id === 'filter-text') typedAt = performance.now();
    filter();
  });
  setInterval(showAge, 1000);
  bar.hidden = false;
  filter();
  showState();
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
    // The icon of the tab.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    ...(delivery === 'file'
      ? []
      : [`script-src '${script}'`, "connect-src 'self'", "frame-ancestors 'none'"]),
  ];
  return directives.join('; ');
}
