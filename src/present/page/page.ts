import type { AgentEvent, AgentState } from '../../model/agent-state.ts';
import type { Report } from '../../model/report.ts';
import type { ReportView } from '../../model/report-view.ts';
import { reportJson } from '../report-json.ts';
import { cellName, controllerText, ignoredText } from '../names.ts';
import {
  drillSection,
  pendingSection,
  untrackedSection,
  warningsSection,
} from './container-sections.ts';
import { containersSection } from './containers-table.ts';
import * as ui from './elements.ts';
import { eventsSection } from './events-section.ts';
import { differingOf, ledgersSection } from './ledgers-section.ts';
import { html, ownMarkup, type HtmlValue, type SafeHtml } from './html.ts';
import { mountsSection } from './mounts-section.ts';
import { sensorsSection } from './sensors-section.ts';
import { contentSecurityPolicy, REFRESH_SCRIPT, type PageHashes } from './refresh-script.ts';
import { STYLE_SHEET } from './style-sheet.ts';
import {
  headlineOf,
  headlineWithout,
  lastKnownMark,
  noReportSection,
  verdictSection,
  type VerdictOptions,
} from './verdict-section.ts';
import { oneLine } from '../../model/text.ts';
import { isKnownSince } from '../verdict-sentence.ts';

export interface PageOptions {
  /** Whether the page fetches itself again, every `intervalSeconds` of the state. */
  readonly refresh: boolean;
  /** RFC 3339 UTC by the cell's clock; the age of the pass is relative to it. */
  readonly now: string;
}

export interface FilePageOptions extends Pick<AgentState, 'version' | 'runbookUrl'> {
  readonly hashes: PageHashes;
}

/** The page of the agent: everything that its state holds, readable without a script. */
export function pageHtml(state: AgentState, { refresh, now }: PageOptions): string {
  const { report, version, events, lastComparedAt, reconciles, runbookUrl } = state;
  const eventsLink: NavigationLink = { target: 'events', words: 'Events', count: null };
  const view = report === null ? null : reportJson(report);
  const parts =
    report === null || view === null
      ? partsWithoutReport(state)
      : partsOf(report, view, { lastComparedAt, now, events, runbookUrl });
  return documentHtml({
    ...parts,
    version,
    links: [...parts.links, eventsLink, ...mountsLink(view)],
    main: [...parts.main, eventsSection(state, report?.takenAt ?? null), parts.mounts],
    footer: pageFooter(view, version, reconciles),
    refreshSeconds: refresh ? state.intervalSeconds : null,
    policy: null,
  });
}

function partsWithoutReport(state: AgentState) {
  const { sign, words } = headlineWithout(state);
  const main = [noReportSection(state)];
  return { title: `${words} – rollcall`, sign, cell: null, links: [], main, mounts: null };
}

/** One report as a page in a file: no events, no script. */
export function reportPageHtml(
  report: Report,
  { version, runbookUrl, hashes }: FilePageOptions,
): string {
  const view = reportJson(report);
  const parts = partsOf(report, view, { lastComparedAt: null, now: null, events: [], runbookUrl });
  return documentHtml({
    ...parts,
    version,
    links: [...parts.links, ...mountsLink(view)],
    main: [...parts.main, parts.mounts],
    footer: pageFooter(view, version, null),
    refreshSeconds: null,
    policy: contentSecurityPolicy(hashes, 'file'),
  });
}

interface PartsOptions
  extends Omit<VerdictOptions, 'unknownCause'>, Pick<AgentState, 'runbookUrl'> {
  readonly events: readonly AgentEvent[];
}

/** From the view; from the report only what the view does not contain. */
function partsOf(
  { unknownCause, cgroups }: Report,
  view: ReportView,
  { events, runbookUrl, ...options }: PartsOptions,
) {
  const { sign, words } = headlineOf(view);
  const cell = cellName(view.cell);
  const mark = lastKnownMark(unknownCause);
  return {
    title: `${words} – ${cell} – rollcall`,
    sign,
    cell,
    links: linksOf(view),
    main: [
      verdictSection(view, { ...options, unknownCause }),
      // What somebody has to act upon, the most urgent first; then what stands apart from it.
      untrackedSection(view, mark, runbookUrl),
      warningsSection(view, runbookUrl),
      pendingSection(view, mark, runbookUrl),
      drillSection(view),
      sensorsSection(view),
      ledgersSection(view),
      containersSection(view, mark, runbookUrl),
    ],
    // Below the events, which a page in a file does not have.
    mounts: mountsSection(cgroups, events, view.takenAt),
  };
}

function linksOf(report: ReportView): readonly NavigationLink[] {
  const { sensors, summary, cell } = report;
  const all = [
    { target: 'untracked', words: 'Untracked', count: ui.untrackedOf(report).length },
    { target: 'warnings', words: 'Warnings', count: cell.warnings.length },
    { target: 'pending', words: 'Pending', count: summary.pending },
    { target: 'drill', words: 'Drill', count: ui.drillsOf(report).length },
    { target: 'sensors', words: 'Sensors', count: sensors.length },
    { target: 'ledgers', words: 'Ledgers', count: differingOf(report) },
    { target: 'containers', words: 'Containers', count: ui.realContainers(report).length },
  ];
  return all.filter(({ count }) => count > 0);
}

const mountsLink = (view: ReportView | null): readonly NavigationLink[] =>
  view === null
    ? []
    : [{ target: 'mounts', words: 'Mounts', count: view.cgroups.hierarchies.length }];

interface NavigationLink {
  readonly target: string;
  readonly words: string;
  readonly count: number | null;
}

interface PageParts {
  readonly title: string;
  readonly sign: ui.Sign;
  /** Null before the first pass. */
  readonly cell: string | null;
  readonly version: string;
  readonly links: readonly NavigationLink[];
  readonly main: HtmlValue;
  readonly footer: HtmlValue;
  /** Null if the page does not refresh itself. */
  readonly refreshSeconds: number | null;
  /** For a page in a file, which has no headers: its policy, as part of the page. */
  readonly policy: string | null;
}

// These are exactly the texts whose hashes the policy names.
const styleElement = ownMarkup(`<style>${STYLE_SHEET}</style>`);
const scriptElement = ownMarkup(`<script>${REFRESH_SCRIPT}</script>`);

function documentHtml(parts: PageParts): string {
  const { title, sign, cell, links, refreshSeconds, policy } = parts;
  const version = oneLine(parts.version, 40);
  const page = html`<!doctype html>
    <html lang="en" data-version="${version}" data-interval="${refreshSeconds ?? ''}">
      <head>
        <meta charset="utf-8" />
        ${policy === null ? null : html`<meta http-equiv="content-security-policy" content="${policy}" />`}
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <link rel="icon" href="${ui.tabIcon(sign)}" />
        ${styleElement}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the verdict</a>
        ${ui.iconSprite}
        <header class="top">
          <p class="brand">rollcall</p>
          ${cell === null ? null : html`<p class="cell">cell <bdi>${cell}</bdi></p>`}
          <nav aria-label="Parts of this page">
            <ul>
              ${links.map(linkItem)}
            </ul>
          </nav>
          ${refreshSeconds === null ? null : refreshBar}
        </header>
        <main id="main" tabindex="-1">${parts.main}</main>
        <footer>${parts.footer}</footer>
        ${
          refreshSeconds === null
            ? null
            : html`<p id="announcement" class="heard" role="status"></p>
                ${scriptElement}`
        }
      </body>
    </html> `;
  return page.toString();
}

/** The script shows it: without the script there is nothing to pause. */
const refreshBar: SafeHtml = html`<p id="refresh" class="refresh" hidden>
  <span id="refresh-words"></span> <button id="refresh-button" type="button">Pause</button>
</p>`;

const linkItem = ({ target, words, count }: NavigationLink): SafeHtml =>
  html`<li>
    <a href="#${target}" id="to-${target}"
      >${words}${count === null ? null : html` <span class="count">${count}</span>`}</a
    >
  </li>`;

const MODES = {
  v1: 'v1',
  v2: 'v2',
  hybrid: 'hybrid (v1 and v2)',
  none: 'none reachable',
} as const;

function pageFooter(
  report: ReportView | null,
  version: string,
  reconciles: AgentState['reconciles'] | null,
): SafeHtml {
  return ui.factsList([
    ['Version', `rollcall ${oneLine(version, 40)}`],
    ...(report === null ? [] : reportFacts(report)),
    ...(reconciles === null
      ? []
      : [['Passes', `${reconciles.ok} compared, ${reconciles.failed} could not compare`] as const]),
  ]);
}

function reportFacts(report: ReportView): readonly (readonly [string, HtmlValue])[] {
  const { takenAt, cgroups, cell, ignored, stale, staleOmitted, garden, durationMilliseconds } =
    report;
  const { anchor, primary } = cgroups;
  const leftover = stale.length + staleOmitted;
  // If nothing was scanned, zeros would be claims.
  const isScanned = report.verdict !== 'unknown' || report.seen > 0;
  return [
    ['Last pass', `took ${durationMilliseconds.toFixed(1)} ms`],
    [
      'Garden',
      garden.state === 'known'
        ? `lists ${garden.listed}`
        : isKnownSince(garden.since, takenAt)
          ? html`unavailable since ${ui.agedTime(garden.since, takenAt)}`
          : 'unavailable',
    ],
    ['cgroups', `${MODES[cgroups.mode]}, ${cgroups.namespace} namespace`],
    [
      'Scanned hierarchy',
      primary === null ? 'no hierarchy' : html`<bdi>${controllerText(primary)}</bdi>`,
    ],
    [
      'gdn',
      anchor === null
        ? 'not found'
        : html`${anchor.pid === null ? "gdn's cgroup" : `gdn, pid ${anchor.pid}, in`}
            <code><bdi>${ui.longPath(anchor.path)}</bdi></code> (${ANCHOR_WORDS[anchor.source]})`,
    ],
    ['Ignored cgroups', isScanned ? ignoredText(ignored) : '–'],
    ['Leftover empty cgroups', isScanned ? leftover : '–'],
    ['Host', html`<bdi>${ui.foreign(cell.hostname, 100)}</bdi>`],
    ['Boot', html`<code>${ui.foreign(cell.bootId, 40)}</code>`],
  ];
}

const ANCHOR_WORDS = {
  process: 'seen running',
  memory: 'remembered: it is not running',
  walk: 'found by searching',
} as const;
