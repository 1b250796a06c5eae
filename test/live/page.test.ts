import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { AgentState } from '../../src/model/agent-state.ts';
import { pageHtml, reportPageHtml } from '../../src/present/page/page.ts';
import { pageHashes, pageHeaders } from '../../src/agent/page-headers.ts';
import type { LocalServer } from '../../tools/local-server.ts';
import {
  containers,
  LOST,
  NOW,
  report,
  sentenceOf,
  state,
  STATES,
} from '../present/agent-state-builder.ts';
import { stateMadeOf } from '../present/state-made-of.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';
import { startBrowser, type Browser, type Page } from '../../tools/pictures/browser.ts';
import { axeSource, needsBrowser, servePage, type PageSettings } from './browser.ts';

const WIDTHS = [1400, 400] as const;
const SCHEMES = ['light', 'dark'] as const;
const RULES_OF_COLOURS = ['color-contrast', 'link-in-text-block'];
const HEIGHT = 900;
const WIDE: PageSettings = { width: 1400, colorScheme: 'light', javaScriptEnabled: true };

/** A second of the page, which refreshes itself every second or more, lasts a tenth of one. */
const TEN_TIMES_AS_FAST = `(() => {
  const [start, now] = [setTimeout, performance.now.bind(performance)];
  globalThis.setTimeout = (does, milliseconds) => start(does, milliseconds / 10);
  performance.now = () => 10 * now();
})()`;

/** Markup that would say so if it ran. */
const HOSTILE =
  `"'><script>document.title='ran'</script><img src=x onerror="document.title='ran'">` +
  `<svg onload="document.title='ran'"></svg></style></title>\u202e`;

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const hostile = (): AgentState => stateMadeOf(HOSTILE + 'W'.repeat(400));
const healthy = (): AgentState => state({ report: report(containers(60)) });
const lost = (): AgentState => state({ report: report(containers(60, LOST)) });

describe('the page in a browser', function () {
  let browser: Browser;
  let server: LocalServer;
  let shown: AgentState = healthy();
  let isAnswering = true;
  let refreshSeconds = 15;

  before(async function () {
    needsBrowser(this);
    browser = await startBrowser();
    server = await servePage(pageHeaders(), () =>
      isAnswering
        ? pageHtml({ ...shown, intervalSeconds: refreshSeconds }, { refresh: true, now: NOW })
        : null,
    );
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  beforeEach(() => {
    isAnswering = true;
    refreshSeconds = 15;
  });

  /** Opens the page, and closes it; what the browser complained of in between is an error. */
  async function open(
    settings: PageSettings,
    use: (page: Page, requests: readonly string[]) => Promise<void>,
    url = server.url,
    options: { readonly mayComplain?: boolean; readonly bypassCSP?: boolean } = {},
  ): Promise<void> {
    const { width, colorScheme, javaScriptEnabled } = settings;
    const page = await browser.newPage({
      viewport: { width, height: HEIGHT },
      colorScheme,
      javaScriptEnabled,
      bypassCSP: options.bypassCSP ?? false,
    });
    await page.addInitScript(TEN_TIMES_AS_FAST);
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push('a dialog');
      void dialog.dismiss();
    });
    page.on('request', (request) => requests.push(request.url()));
    try {
      await page.goto(url);
      await use(page, requests);
      if (options.mayComplain !== true) expect(complaints).to.deep.equal([]);
    } finally {
      await page.close();
    }
  }

  for (const [name, make] of Object.entries({ ...STATES, 'hostile names': hostile })) {
    it(`axe finds nothing, and nothing is wider than the window: ${name}`, async () => {
      shown = make();
      await open(WIDE, findsNothing, server.url, { bypassCSP: true });
    });
  }

  it('axe finds something in a page that is not accessible', async () => {
    // A refresh would bring back the heading before axe has read it.
    refreshSeconds = 3600;
    await open(
      WIDE,
      async (page) => {
        await page.evaluate(`document.querySelector('h1').style.color = '#fafafa'`);
        await page.evaluate(axeSource());
        expect(await axe(page)).to.not.be.empty;
      },
      server.url,
      { bypassCSP: true },
    );
  });

  it('the browser complains of nothing and fetches nothing but the page', async () => {
    shown = lost();
    await open(WIDE, async (_page, requests) => {
      await setTimeout(200);
      expect(requests.filter((url) => !url.startsWith('data:'))).to.deep.equal([server.url]);
    });
  });

  it("the policy keeps out a script, a style and an image that are not the page's own", async () => {
    await open(
      WIDE,
      async (page) => {
        await page.evaluate(`(() => {
          const script = document.createElement('script');
          script.textContent = "document.title = 'ran'";
          document.body.append(script);
          const style = document.createElement('style');
          style.textContent = 'h1 { color: rgb(1, 2, 3) }';
          document.body.append(style);
        })()`);
        expect(await page.evaluate('document.title')).to.not.equal('ran');
        expect(
          await page.evaluate('getComputedStyle(document.querySelector("h1")).color'),
        ).to.not.equal('rgb(1, 2, 3)');
      },
      server.url,
      { mayComplain: true },
    );
  });

  it('is read in full without a script', async () => {
    shown = lost();
    await open({ ...WIDE, javaScriptEnabled: false }, async (page) => {
      const text = await page.innerText('body');
      expect(text).to.contain('1 untracked');
      expect(text).to.contain(sentenceOf(shown));
      expect(text).to.contain('do not recreate the cell');
      expect(text).to.contain('(12 s ago)');
      expect(await page.isVisible('#refresh')).to.equal(false);
      expect(await page.isVisible('#hour-table')).to.equal(true);
    });
  });

  it('a name made of markup runs nothing and is shown as it is, also after a refresh', async () => {
    shown = stateMadeOf(HOSTILE);
    refreshSeconds = 1;
    await open(WIDE, async (page, requests) => {
      await waitForRefresh(page);
      expect(requests.length).to.be.at.least(2);
      expect(await page.evaluate('document.title')).to.match(/^Unknown – "'><script>/);
      expect(
        await page.evaluate('document.querySelectorAll("img, script, iframe").length'),
      ).to.equal(1);
      expect(await page.innerText('h3')).to.contain('<script>');
    });
  });

  it('refreshes what changed, tells it to who cannot see it, and keeps place and focus', async () => {
    shown = healthy();
    refreshSeconds = 1;
    await open({ ...WIDE, width: 400 }, async (page) => {
      const wereMountsShown = await page.isVisible('#mounts-table');
      // A click of the mouse is nothing while the page is refreshed between its two halves.
      await page.evaluate('document.querySelector("#mounts-line").click()');
      await page.focus('#containers-table');
      await page.evaluate(
        'document.querySelector("#containers-table").scrollTop = 300; scrollTo(0, 700)',
      );
      shown = lost();
      await until(page, 'document.querySelector("h1").textContent === "1 untracked"');
      expect(await page.evaluate('document.activeElement.id')).to.equal('containers-table');
      expect(await page.evaluate('document.querySelector("#containers-table").scrollTop')).to.equal(
        300,
      );
      expect(await page.evaluate('scrollY')).to.equal(700);
      expect(await page.isVisible('#mounts-table')).to.equal(!wereMountsShown);
      expect(await page.evaluate('document.title')).to.match(/^1 untracked/);
      const announced = await page.evaluate('document.querySelector("#announcement").textContent');
      expect(announced).to.contain(`1 untracked. ${sentenceOf(shown)}`);
    });
  });

  it('finds a container of 300 by its text and its status, at once and after a refresh', async () => {
    shown = state({ report: report(containers(300, LOST)) });
    refreshSeconds = 1;
    await open(WIDE, async (page) => {
      const isShown =
        '[...document.querySelectorAll("#containers-table tbody tr")].filter((row) => row.checkVisibility()).length';
      expect(await page.evaluate(isShown)).to.equal(300);
      await page.focus('#filter-text');
      for (const key of 'PAYMENTS') await page.keyboard.press(key);
      await page.keyboard.press('Space');
      for (const key of 'renderer/0') await page.keyboard.press(key);
      expect(await page.evaluate(isShown)).to.equal(1);
      expect(await page.innerText('#filter-count')).to.equal('1 of 300');
      await waitForRefresh(page);
      expect(await page.evaluate('document.activeElement.id')).to.equal('filter-text');
      expect(await page.evaluate('document.activeElement.selectionStart')).to.equal(19);
      expect(await page.evaluate(isShown)).to.equal(1);
      await page.keyboard.press('0');
      expect(await page.innerText('#filter-count')).to.equal('none of 300 matches');
      for (let count = 0; count < 20; count++) await page.keyboard.press('Backspace');
      await page.evaluate(
        '(() => { const status = document.querySelector("#filter-status"); status.value = "untracked"; ' +
          'status.dispatchEvent(new Event("input", { bubbles: true })); })()',
      );
      expect(await page.innerText('#filter-count')).to.equal('1 of 300');
    });
  });

  it('shows no filter without a script', async () => {
    shown = lost();
    await open({ ...WIDE, javaScriptEnabled: false }, async (page) => {
      expect(await page.isVisible('#filter')).to.equal(false);
      expect(await page.isVisible('#containers-table')).to.equal(true);
    });
  });

  it('waits while somebody selects a text', async () => {
    shown = healthy();
    refreshSeconds = 1;
    await open(WIDE, async (page, requests) => {
      await page.evaluate(
        'getSelection().selectAllChildren(document.querySelector("#verdict-sentence"))',
      );
      shown = lost();
      const before = requests.length;
      await waitFor('two requests', () => requests.length >= before + 2);
      expect(await page.innerText('h1')).to.equal('All tracked');
      await page.evaluate('getSelection().removeAllRanges()');
      await until(page, 'document.querySelector("h1").textContent === "1 untracked"');
    });
  });

  it('stops on request, and goes on', async () => {
    shown = healthy();
    refreshSeconds = 1;
    await open(WIDE, async (page, requests) => {
      await page.click('#refresh-button');
      expect(await page.innerText('#refresh')).to.match(/Not refreshed\.\s+Refresh again/);
      shown = lost();
      const before = requests.length;
      await setTimeout(300);
      expect(requests).to.have.length(before);
      await page.click('#refresh-button');
      await until(page, 'document.querySelector("h1").textContent === "1 untracked"');
    });
  });

  it('asks for nothing while nobody can see it, and at once when somebody can', async () => {
    shown = healthy();
    refreshSeconds = 1;
    await open(WIDE, async (page, requests) => {
      await page.evaluate(
        'Object.defineProperty(document, "hidden", { configurable: true, value: true }); ' +
          'document.dispatchEvent(new Event("visibilitychange"))',
      );
      await setTimeout(300);
      shown = lost();
      const before = requests.length;
      await setTimeout(300);
      expect(requests).to.have.length(before);
      await page.evaluate(
        'delete document.hidden; document.dispatchEvent(new Event("visibilitychange"))',
      );
      await until(page, 'document.querySelector("h1").textContent === "1 untracked"');
    });
  });

  it('says when the agent does not answer, and that it does again', async () => {
    shown = healthy();
    refreshSeconds = 1;
    await open(
      WIDE,
      async (page) => {
        isAnswering = false;
        await until(
          page,
          'document.querySelector("#refresh").textContent.includes("does not answer")',
        );
        expect(await page.innerText('h1')).to.equal('All tracked');
        isAnswering = true;
        await until(
          page,
          'document.querySelector("#refresh").textContent.includes("Refreshed every")',
        );
      },
      server.url,
      // The browser itself notes the answer that did not come.
      { mayComplain: true },
    );
  });

  it('begins again with the style and script of another version of the agent', async () => {
    shown = healthy();
    refreshSeconds = 1;
    await open(WIDE, async (page) => {
      await page.evaluate('window.isOld = true');
      shown = { ...healthy(), version: '9.9.9' };
      await until(page, 'window.isOld === undefined');
      expect(await page.innerText('footer')).to.contain('rollcall 9.9.9');
    });
  });

  it('is walked through with the keyboard, beginning with a way past the head', async () => {
    shown = lost();
    await open(WIDE, async (page) => {
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).to.equal(
        'Skip to the verdict',
      );
      expect(
        await page.evaluate('document.activeElement.getBoundingClientRect().top >= 0'),
      ).to.equal(true);
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).to.equal('main');
      const visited = new Set<unknown>();
      for (let count = 0; count < 12; count++) {
        await page.keyboard.press('Tab');
        visited.add(await page.evaluate('document.activeElement.id'));
      }
      expect([...visited]).to.include.members([
        'finding-0-processes',
        'containers-table',
        'events-list',
        'hour-table',
        'mounts-line',
      ]);
    });
  });

  it('is as good from a file, whose policy lets no script run', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'report.html');
    writeFileSync(
      file,
      reportPageHtml(report(containers(60, LOST)), {
        version: '0.1.0',
        runbookUrl: null,
        hashes: pageHashes(),
      }),
    );
    await open(
      WIDE,
      async (page) => {
        expect(await page.innerText('h1')).to.equal('1 untracked');
        // The style came through the policy in the page.
        expect(
          await page.evaluate('getComputedStyle(document.querySelector("h1")).fontSize'),
        ).to.equal('36px');
      },
      `file://${file}`,
    );
    await open(WIDE, findsNothing, `file://${file}`, { bypassCSP: true });
  });
});

/** Asked from outside: what playwright has for it evaluates in the page, which the policy forbids. */
const until = (page: Page, expression: string): Promise<void> =>
  // While a page is exchanged for another one there is nothing that could answer.
  waitFor(expression, async () => (await page.evaluate(expression).catch(() => false)) === true);

const waitForRefresh = (page: Page): Promise<unknown> =>
  page.evaluate(`new Promise((resolve) => {
    const main = document.querySelector('main');
    const watch = setInterval(() => {
      if (main.isConnected) return;
      clearInterval(watch);
      resolve();
    }, 20);
  })`);

async function axe(
  page: Page,
  rules: readonly string[] | null = null,
): Promise<readonly Finding[]> {
  const options = { resultTypes: ['violations'], ...(rules === null ? {} : { runOnly: rules }) };
  const found = await page.evaluate(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  );
  return found as readonly Finding[];
}

/** In the page with all its details open, at every width in both colour schemes, which differ in colours alone. */
async function findsNothing(page: Page): Promise<void> {
  await page.evaluate(axeSource());
  await page.evaluate(
    'document.querySelectorAll("details").forEach((each) => { each.open = true; })',
  );
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const found = await axe(page, colorScheme === 'light' ? null : RULES_OF_COLOURS);
      const reported = found.map(({ id, nodes }) => [
        id,
        nodes.map(({ html, failureSummary }) => [html, failureSummary]),
      ]);
      expect(reported, `${width} px, ${colorScheme}`).to.deep.equal([]);
    }
    const sizes = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
    const [wide, room] = sizes as readonly [number, number];
    expect(room).to.equal(width);
    expect(wide, 'width of the page').to.be.at.most(room);
  }
}
