import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { AgentState } from '../../src/model/agent-state.ts';
import { pageHtml, reportPageHtml } from '../../src/present/page/page.ts';
import { pageHashes, pageHeaders } from '../../src/agent/page-headers.ts';
import { serveLocally, type LocalServer } from '../local-server.ts';
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
import { CHROMIUM, startBrowser, type Browser, type Page } from '../../tools/pictures/browser.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { skip } from '../skip.ts';

const WIDTHS = [1400, 400] as const;
const SCHEMES = ['light', 'dark'] as const;
const RULES_OF_COLOURS = ['color-contrast', 'link-in-text-block'];
const HEIGHT = 900;

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

const require = createRequire(import.meta.url);
/** To be evaluated in a page. */
const axeSource = (): string => readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const hostile = (): AgentState => stateMadeOf(HOSTILE + 'W'.repeat(400));
const healthy = (): AgentState => state({ report: report(containers(60)) });
const lost = (): AgentState => state({ report: report(containers(60, LOST)) });

/** How a page is opened. */
interface Opened {
  readonly width: number;
  readonly hasScript: boolean;
  /** Of the page, which the tests make ten times as fast. */
  readonly refreshSeconds: number;
  /** Whether the browser may complain of something. */
  readonly mayComplain: boolean;
  /** Axe is not in the policy of the page. */
  readonly bypassCSP: boolean;
  /** Of a file in place of the server. */
  readonly url: string | null;
}
const USUAL: Opened = {
  width: 1400,
  hasScript: true,
  refreshSeconds: 1,
  mayComplain: false,
  bypassCSP: false,
  url: null,
};
describe('the page in a browser', function () {
  let browser: Browser;
  let server: LocalServer;
  let shown: AgentState;
  let isAnswering = true;
  let requests: string[] = [];
  let refreshSeconds = 1;

  before(async function () {
    if (!existsSync(CHROMIUM)) skip(this, `there is no browser at ${CHROMIUM}`);
    browser = await startBrowser();
    server = await serveLocally((_request, response) => {
      const page = { ...shown, intervalSeconds: refreshSeconds };
      if (!isAnswering) response.destroy();
      else
        response
          .writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...pageHeaders() })
          .end(pageHtml(page, { refresh: true, now: NOW }));
    });
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /**
   * Opens the page of a state until the end of the test; what the browser complained of by then is
   * an error.
   */
  async function open(now: AgentState, change: Partial<Opened> = {}): Promise<Page> {
    const { width, hasScript, bypassCSP, url, mayComplain } = { ...USUAL, ...change };
    ({ refreshSeconds } = { ...USUAL, ...change });
    [shown, isAnswering] = [now, true];
    const page = await browser.newPage({
      viewport: { width, height: HEIGHT },
      colorScheme: 'light',
      javaScriptEnabled: hasScript,
      bypassCSP,
    });
    await page.addInitScript(TEN_TIMES_AS_FAST);
    const complaints: string[] = [];
    requests = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push('a dialog');
      void dialog.dismiss();
    });
    page.on('request', (request) => requests.push(request.url()));
    atEndOfTest(async () => {
      await page.close();
      if (!mayComplain) expect(complaints).to.deep.equal([]);
    });
    await page.goto(url ?? server.url);
    return page;
  }

  for (const [name, make] of Object.entries({ ...STATES, 'hostile names': hostile }))
    it(`has nothing that axe finds, and nothing wider than the window: ${name}`, async () => {
      await findsNothing(await open(make(), { bypassCSP: true, refreshSeconds: 15 }));
    });

  it('is checked by an axe that finds something in a page that is not accessible', async () => {
    // A refresh would bring back the heading before axe has read it.
    const page = await open(healthy(), { bypassCSP: true, refreshSeconds: 3600 });
    await page.evaluate(`document.querySelector('h1').style.color = '#fafafa'`);
    await page.evaluate(axeSource());
    expect(await axe(page)).to.not.be.empty;
  });

  it('lets the browser complain of nothing, and fetch nothing but the page', async () => {
    await open(lost(), { refreshSeconds: 15 });
    await setTimeout(200);
    expect(requests.filter((url) => !url.startsWith('data:'))).to.deep.equal([server.url]);
  });

  it('has a policy that keeps out a script, a style and an image that are not its own', async () => {
    const page = await open(healthy(), { mayComplain: true });
    await page.evaluate(`(() => {
      const script = document.createElement('script');
      script.textContent = "document.title = 'ran'";
      document.body.append(script);
      const style = document.createElement('style');
      style.textContent = 'h1 { color: rgb(1, 2, 3) }';
      document.body.append(style);
    })()`);
    expect(await page.evaluate('document.title')).to.not.equal('ran');
    expect(await styleOfHeading(page, 'color')).to.not.equal('rgb(1, 2, 3)');
  });

  it('is read in full without a script, which alone could refresh it', async () => {
    const page = await open(lost(), { hasScript: false });
    const text = await page.innerText('body');
    for (const part of [
      '1 untracked',
      sentenceOf(shown),
      'isolate the cell. Do not recreate the cell.',
      '(12 s ago)',
    ])
      expect(text).to.contain(part);
    expect(await page.isVisible('#refresh')).to.equal(false);
    for (const id of ['#events-list', '#containers-table'])
      expect(await page.isVisible(id), id).to.equal(true);
  });

  it('runs nothing of a name made of markup, and shows it as it is, also after a refresh', async () => {
    const page = await open(stateMadeOf(HOSTILE));
    await waitForRefresh(page);
    expect(requests.length).to.be.at.least(2);
    expect(await page.evaluate('document.title')).to.match(/^Unknown – "'><script>/);
    const count = 'document.querySelectorAll("img, script, iframe").length';
    expect(await page.evaluate(count)).to.equal(1);
    expect(await page.innerText('h3')).to.contain('<script>');
  });

  it('refreshes what changed, tells it to who cannot see it, and keeps place and focus', async () => {
    const page = await open(healthy(), { width: 800 });
    await page.focus('#containers-table');
    const scrolled = 'document.querySelector("#containers-table").scrollTop';
    await page.evaluate(`${scrolled} = 300; scrollTo(0, 700)`);
    shown = lost();
    await untilUntracked(page);
    expect(await focused(page)).to.equal('containers-table');
    expect(await page.evaluate(`[${scrolled}, scrollY]`)).to.deep.equal([300, 700]);
    expect(await page.evaluate('document.title')).to.match(/^1 untracked/);
    const announced = await page.evaluate('document.querySelector("#announcement").textContent');
    expect(announced).to.contain(`1 untracked. ${sentenceOf(shown)}`);
  });

  it('waits while somebody selects a text', async () => {
    const page = await open(healthy());
    await page.evaluate('getSelection().selectAllChildren(document.querySelector("#verdict p"))');
    shown = lost();
    const before = requests.length;
    await waitFor('two requests', () => requests.length >= before + 2);
    expect(await page.innerText('h1')).to.equal('All tracked');
    await page.evaluate('getSelection().removeAllRanges()');
    await untilUntracked(page);
  });

  it('asks for nothing while nobody can see it, and at once when somebody can', async () => {
    const page = await open(healthy());
    const changed = 'document.dispatchEvent(new Event("visibilitychange"))';
    const hidden = '{ configurable: true, value: true }';
    await page.evaluate(`Object.defineProperty(document, "hidden", ${hidden}); ${changed}`);
    await setTimeout(300);
    shown = lost();
    await expectNoRequest();
    await page.evaluate(`delete document.hidden; ${changed}`);
    await untilUntracked(page);
  });

  it('says when the agent does not answer, and that it does again', async () => {
    // The browser itself notes the answer that did not come.
    const page = await open(healthy(), { mayComplain: true });
    const untilItSays = (words: string) =>
      until(page, `document.querySelector("#refresh").textContent.includes("${words}")`);
    isAnswering = false;
    await untilItSays('does not answer');
    expect(await page.innerText('h1')).to.equal('All tracked');
    isAnswering = true;
    await untilItSays('Refreshed every');
  });

  it('begins again with the style and script of another version of the agent', async () => {
    const page = await open(healthy());
    await page.evaluate('window.isOld = true');
    shown = { ...healthy(), version: '9.9.9' };
    await until(page, 'window.isOld === undefined');
    expect(await page.innerText('#verdict')).to.contain('rollcall 9.9.9');
  });

  it('is walked through with the keyboard, beginning with a way past the head', async () => {
    const page = await open(lost(), { refreshSeconds: 15 });
    await page.keyboard.press('Tab');
    const first = 'document.activeElement';
    expect(await page.evaluate(`${first}.textContent`)).to.equal('Skip to the verdict');
    expect(await page.evaluate(`${first}.getBoundingClientRect().top >= 0`)).to.equal(true);
    await page.keyboard.press('Enter');
    expect(await focused(page)).to.equal('main');
    const visited = new Set<unknown>();
    for (let count = 0; count < 12; count++) {
      await page.keyboard.press('Tab');
      visited.add(await focused(page));
    }
    expect([...visited]).to.include.members([
      'untracked-0-processes',
      'containers-table',
      'events-list',
    ]);
  });

  it('is accessible as a file, too, whose policy lets no script run', async () => {
    const file = path.join(temporaryFolder(), 'report.html');
    const options = { version: '0.2.0', runbookUrl: null, hashes: pageHashes() };
    writeFileSync(file, reportPageHtml(report(containers(60, LOST)), options));
    const url = `file://${file}`;
    const page = await open(lost(), { url });
    expect(await page.innerText('h1')).to.equal('1 untracked');
    // The style came through the policy in the page.
    expect(await styleOfHeading(page, 'fontSize')).to.equal('32px');
    await findsNothing(await open(lost(), { url, bypassCSP: true }));
  });

  async function expectNoRequest(): Promise<void> {
    const before = requests.length;
    await setTimeout(300);
    expect(requests).to.have.length(before);
  }
});

const styleOfHeading = (page: Page, name: string) =>
  page.evaluate(`getComputedStyle(document.querySelector("h1")).${name}`);

const focused = (page: Page) => page.evaluate('document.activeElement.id');

/**
 * The browser is asked from outside: playwright's own way evaluates a script in the page, which the
 * policy forbids.
 */
const until = (page: Page, expression: string): Promise<void> =>
  // While a page is exchanged for another one there is nothing that could answer.
  waitFor(expression, async () => (await page.evaluate(expression).catch(() => false)) === true);

const untilUntracked = (page: Page) =>
  until(page, 'document.querySelector("h1").textContent === "1 untracked"');

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

/** At every width in both colour schemes, which differ in colours alone. */
async function findsNothing(page: Page): Promise<void> {
  await page.evaluate(axeSource());
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
