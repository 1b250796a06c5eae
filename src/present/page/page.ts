import type { AgentState } from '../../model/agent-state.ts';
import type { Report } from '../../model/report.ts';
import { oneLine } from '../../model/text.ts';
import { containersSection } from './containers-section.ts';
import { contentSecurityPolicy, type PageHashes } from './content-security-policy.ts';
import { documentHtml, type NavigationLink } from './document.ts';
import { eventsSection } from './events-section.ts';
import { pendingSection, untrackedSection } from './findings-section.ts';
import { historySection } from './history-section.ts';
import { html } from './html.ts';
import { mountsSection } from './mounts-section.ts';
import { pageFooter } from './page-footer.ts';
import { headlineOf, headlineWithout, noReportSection, verdictSection } from './verdict-section.ts';

export interface PageOptions {
  /** Whether the page asks for itself again, every `intervalSeconds` of the state. */
  readonly refresh: boolean;
  /** RFC 3339 UTC, the cell's clock: the age of the pass is told from it. */
  readonly now: string;
}

/** The page of the agent: everything that its state holds, readable without a script. */
export function pageHtml(state: AgentState, { refresh, now }: PageOptions): string {
  const { report, version, events, history, reconciles } = state;
  const looks = reconciles;
  const refreshSeconds = refresh ? state.intervalSeconds : null;
  const lists = html`<div class="columns">${eventsSection(events)}${historySection(history)}</div>`;
  const links: readonly NavigationLink[] = [
    { target: 'events', words: 'Events', count: null },
    { target: 'hour', words: 'Last hour', count: null },
  ];
  if (report === null) {
    const { sign, words } = headlineWithout(state);
    return documentHtml({
      title: `${words} – rollcall`,
      sign,
      hostname: null,
      version,
      links,
      main: [noReportSection(state), lists],
      footer: pageFooter(null, { version, looks }),
      refreshSeconds,
      policy: null,
    });
  }
  return documentHtml({
    ...aboutReport(report),
    version,
    links: [...linksOf(report), ...links],
    main: [verdictSection(report, history, now), ...reportSections(report), lists],
    footer: pageFooter(report, { version, looks }),
    refreshSeconds,
    policy: null,
  });
}

/** One report as a page in a file: no history, no events, no script. */
export function reportPageHtml(report: Report, version: string, hashes: PageHashes): string {
  return documentHtml({
    ...aboutReport(report),
    version,
    links: linksOf(report),
    main: [verdictSection(report, [], null), ...reportSections(report)],
    footer: pageFooter(report, { version, looks: null }),
    refreshSeconds: null,
    policy: contentSecurityPolicy(hashes, 'file'),
  });
}

function aboutReport(report: Report) {
  const { sign, words } = headlineOf(report);
  const hostname = oneLine(report.cell.hostname, 100);
  return { title: `${words} – ${hostname} – rollcall`, sign, hostname };
}

const reportSections = (report: Report) => [
  untrackedSection(report),
  pendingSection(report),
  mountsSection(report.cgroups),
  containersSection(report),
];

function linksOf({ containers, cgroups }: Report): readonly NavigationLink[] {
  const count = (status: string): number =>
    containers.filter((container) => container.status === status).length;
  const all: readonly (NavigationLink & { readonly count: number })[] = [
    { target: 'untracked', words: 'Untracked', count: count('untracked') },
    { target: 'pending', words: 'Pending', count: count('pending') },
    { target: 'mounts', words: 'Mounts', count: cgroups.hierarchies.length },
    { target: 'containers', words: 'Containers', count: containers.length },
  ];
  return all.filter((link) => link.count > 0);
}
