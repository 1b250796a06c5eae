import type { AgentState } from '../../model/agent-state.ts';
import type { Report } from '../../model/report.ts';
import type { ReportView } from '../../model/report-view.ts';
import { oneLine } from '../../model/text.ts';
import { cellSections, passNote } from '../cell-document.ts';
import { realContainers } from '../containers.ts';
import {
  aged,
  blocksIn,
  foreign,
  note,
  sentence,
  type Block,
  type Blocks,
  type Section,
} from '../document/blocks.ts';
import { eventsSection } from '../events-document.ts';
import { ledgersSection } from '../ledgers.ts';
import { mountsSection } from '../mounts.ts';
import { cellName, cellText } from '../names.ts';
import { reportJson } from '../report-json.ts';
import { unknownSentence } from '../verdict-sentence.ts';
import { blocksHtml, sectionHtml } from './blocks-html.ts';
import { html, ownMarkup, type SafeHtml } from './html.ts';
import { contentSecurityPolicy, REFRESH_SCRIPT, type PageHashes } from './refresh-script.ts';
import { STYLE_SHEET } from './style-sheet.ts';

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
  const { report, version, events } = state;
  const view = report === null ? null : reportJson(report);
  const shownEvents = eventsSection(events, view?.takenAt ?? null);
  return documentHtml({
    sections:
      report === null || view === null
        ? [firstPassSection(state), shownEvents]
        : reportSections(report, view, { ...state, now, events: [shownEvents] }),
    version,
    cell: view === null ? null : cellName(view.cell),
    refreshSeconds: refresh ? state.intervalSeconds : null,
    policy: null,
  });
}

/** One report as a page in a file: no events, no script. */
export function reportPageHtml(
  report: Report,
  { version, runbookUrl, hashes }: FilePageOptions,
): string {
  const view = reportJson(report);
  const none = { lastComparedAt: null, now: null, events: [] };
  return documentHtml({
    sections: reportSections(report, view, { version, runbookUrl, ...none }),
    version,
    cell: cellName(view.cell),
    refreshSeconds: null,
    policy: contentSecurityPolicy(hashes, 'file'),
  });
}

interface SectionsOptions extends Pick<AgentState, 'version' | 'runbookUrl' | 'lastComparedAt'> {
  /** When the page was made; null for a page in a file, which is read at another time. */
  readonly now: string | null;
  readonly events: readonly Section[];
}

/** From the view; from the report only what the view does not contain. */
function reportSections(
  { unknownCause, cgroups }: Report,
  view: ReportView,
  { version, runbookUrl, lastComparedAt, now, events }: SectionsOptions,
): readonly Section[] {
  const reader = { isWhole: true, settleMilliseconds: Infinity, runbookUrl };
  const notes = [
    unknownCause !== null && lastKnownBlocks(view, lastComparedAt),
    cellNote(view, version, now),
    passNote(view),
  ];
  const sections = [...cellSections(view, reader, { all: true, notes })];
  const containers = sections.splice(-1);
  return [
    ...sections,
    ledgersSection(view),
    ...containers,
    ...events,
    mountsSection(cgroups.hierarchies),
  ];
}

const cellNote = ({ cell, takenAt }: ReportView, version: string, now: string | null): Block =>
  note([
    'Cell ',
    foreign(cell.bosh === null ? cellName(cell) : `${cellText(cell.bosh)}, host ${cell.hostname}`),
    ', last pass ',
    aged(takenAt, now ?? ''),
    ', by rollcall ',
    foreign(version),
    '.',
  ]);

/** While nothing can be compared: says that the rest is old, and how old. */
function lastKnownBlocks(report: ReportView, lastComparedAt: string | null): Blocks {
  if (realContainers(report).length === 0)
    return sentence(
      'No earlier state is known: nothing is known about the containers of this cell.',
    );
  return [
    sentence('What follows is the last known state.', 'strong'),
    sentence([
      lastComparedAt === null
        ? null
        : ['The cell was last compared at ', aged(lastComparedAt, report.takenAt), '. '],
      'Nothing becomes untracked, and nothing recovers, until the cell can be compared again.',
    ]),
  ];
}

/** While there is no report: the first pass is under way, or all passes so far have failed. */
function firstPassSection({
  startedAt,
  passFailed,
}: Pick<AgentState, 'startedAt' | 'passFailed'>): Section {
  const hasFailed = passFailed !== null;
  return {
    id: 'verdict',
    title: hasFailed ? 'Unknown' : 'First pass under way',
    tone: hasFailed ? 'unknown' : 'pending',
    blocks: [
      hasFailed && sentence(unknownSentence({ kind: 'pass-failed', why: passFailed })),
      sentence([
        hasFailed
          ? 'No pass over this cell has succeeded since the agent started at '
          : 'The first pass over this cell is not finished. The agent started at ',
        aged(startedAt, ''),
        '. Nothing is known about the containers yet.',
      ]),
    ],
  };
}

interface PageParts {
  /** The first is the verdict. */
  readonly sections: readonly Section[];
  /** Null before the first pass. */
  readonly cell: string | null;
  readonly version: string;
  /** Null if the page does not refresh itself. */
  readonly refreshSeconds: number | null;
  /** For a page in a file, which has no headers: its policy, as part of the page. */
  readonly policy: string | null;
}

// These are exactly the texts whose hashes the policy names.
const styleElement = ownMarkup(`<style>${STYLE_SHEET}</style>`);
const scriptElement = ownMarkup(`<script>${REFRESH_SCRIPT}</script>`);

function documentHtml(parts: PageParts): string {
  const { cell, refreshSeconds, policy } = parts;
  const [verdict, ...others] = parts.sections.filter(({ blocks }) => blocksIn(blocks).length > 0);
  if (verdict === undefined) throw new Error('a page has a verdict');
  const version = oneLine(parts.version, 40);
  const title = [verdict.title, ...(cell === null ? [] : [cell]), 'rollcall'].join(' – ');
  const page = html`<!doctype html>
    <html lang="en" data-version="${version}" data-interval="${refreshSeconds ?? ''}">
      <head>
        <meta charset="utf-8" />
        ${policy === null ? null : html`<meta http-equiv="content-security-policy" content="${policy}" />`}
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${styleElement}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the verdict</a>
        <header>
          <p class="strong">rollcall</p>
          ${cell === null ? null : html`<p>cell <bdi>${cell}</bdi></p>`}
          <nav aria-label="Parts of this page">
            <ul>
              ${others.map(linkItem)}
            </ul>
          </nav>
          ${refreshSeconds === null ? null : html`<p id="refresh" class="quiet" hidden></p>`}
        </header>
        <main id="main" tabindex="-1">
          <section id="verdict" class="${verdict.tone ?? ''}" aria-labelledby="verdict-title">
            <h1 id="verdict-title">${verdict.title}</h1>
            ${blocksHtml('verdict', verdict.blocks)}
          </section>
          ${others.map(sectionHtml)}
        </main>
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

const linkItem = ({ id, title, count }: Section): SafeHtml =>
  html`<li>
    <a href="#${id}" id="to-${id}"
      >${title}${count === undefined ? null : html` <span class="count">${count}</span>`}</a
    >
  </li>`;
