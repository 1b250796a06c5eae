/**
 * The page's only script: fetches the page again and replaces its parts, and filters the table of
 * containers. The browser parses the new page as a separate document, in which no script runs. The
 * page is complete without the script.
 */
export const REFRESH_SCRIPT = `(() => {
  'use strict';
  const root = document.documentElement;
  const interval = Math.max(1, Number(root.dataset.interval) || 15) * 1000;
  const bar = document.getElementById('refresh');
  const words = document.getElementById('refresh-words');
  const button = document.getElementById('refresh-button');
  const announcement = document.getElementById('announcement');
  let receivedAt = performance.now();
  let isPaused = false;
  let isLost = false;
  let timer;

  const spanText = (seconds) =>
    seconds < 90 ? Math.round(seconds) + ' s'
      : seconds < 5400 ? Math.round(seconds / 60) + ' min'
      : seconds < 172800 ? Math.round(seconds / 3600) + ' h'
      : Math.round(seconds / 86400) + ' days';

  const showAge = () => {
    const age = document.getElementById('age');
    if (age === null) return;
    const seconds = Number(age.dataset.seconds) + (performance.now() - receivedAt) / 1000;
    age.textContent = '(' + spanText(seconds) + ' ago)';
  };

  const showState = () => {
    bar.classList.toggle('lost', isLost);
    words.textContent = isLost ? 'The agent does not answer; this is its last answer.'
      : isPaused ? 'Not refreshed.'
      : 'Refreshed every ' + interval / 1000 + ' s.';
    button.textContent = isPaused ? 'Refresh again' : 'Pause';
  };

  let typedAt = -Infinity;

  const filter = () => {
    const bar = document.getElementById('filter');
    if (bar === null) return;
    bar.hidden = false;
    const sought = document.getElementById('filter-text').value.toLowerCase().split(/\\s+/).filter(Boolean);
    const status = document.getElementById('filter-status').value;
    const rows = [...document.querySelectorAll('#containers-table tbody tr')];
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = (status !== '' && row.dataset.status !== status) || !sought.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    const says = shown === rows.length ? '' : shown === 0 ? 'none of ' + rows.length + ' matches' : shown + ' of ' + rows.length;
    const count = document.getElementById('filter-count');
    if (count.textContent !== says) count.textContent = says;
  };

  const isTyping = () => performance.now() - typedAt < 2000;

  const isSelecting = () => {
    const selection = getSelection();
    return selection !== null && !selection.isCollapsed;
  };

  const swap = (next) => {
    const said = document.querySelector('h1').textContent;
    const focused = document.activeElement === document.body ? null : document.activeElement;
    const kept = [...document.querySelectorAll('[data-keep]')].map((element) =>
      [element.id, element.scrollLeft, element.scrollTop, element.open]);
    const [left, top] = [scrollX, scrollY];
    const sieve = document.getElementById('filter');
    for (const part of ['title', 'link[rel=icon]', 'nav', 'main', 'footer']) {
      document.querySelector(part).replaceWith(document.adoptNode(next.querySelector(part)));
    }
    // The old filter bar has what was typed, and the cursor.
    if (sieve !== null) document.getElementById('filter')?.replaceWith(sieve);
    filter();
    for (const [id, scrollLeft, scrollTop, open] of kept) {
      const element = document.getElementById(id);
      if (element === null) continue;
      if (open !== undefined) element.open = open;
      element.scrollLeft = scrollLeft;
      element.scrollTop = scrollTop;
    }
    scrollTo(left, top);
    if (focused !== null && document.activeElement !== focused) {
      const same = focused.id === '' ? null : document.getElementById(focused.id);
      (same ?? document.querySelector('main')).focus({ preventScroll: true });
    }
    const says = document.querySelector('h1').textContent;
    if (says !== said) {
      announcement.textContent = says + '. ' + document.getElementById('verdict-sentence').textContent.trim();
    }
  };

  const refresh = async () => {
    clearTimeout(timer);
    if (isPaused || document.hidden) return;
    try {
      const response = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(10000) });
      if (!response.ok) throw new Error('status ' + response.status);
      const next = new DOMParser().parseFromString(await response.text(), 'text/html');
      if (next.querySelector('main') === null) throw new Error('another page');
      // Another version has another style sheet and script.
      if (next.documentElement.dataset.version !== root.dataset.version) return location.reload();
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
    timer = setTimeout(refresh, interval);
  };

  button.addEventListener('click', () => {
    isPaused = !isPaused;
    showState();
    refresh();
  });
  document.addEventListener('visibilitychange', refresh);
  // On the document, because the filter bar comes and goes with the table.
  document.addEventListener('input', (event) => {
    if (event.target.id === 'filter-text') typedAt = performance.now();
    filter();
  });
  setInterval(showAge, 1000);
  bar.hidden = false;
  filter();
  showState();
  timer = setTimeout(refresh, interval);
})();`;

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
