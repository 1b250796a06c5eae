import type { Ignored, Report } from '../../model/report.ts';
import { oneLine } from '../../model/text.ts';
import { controllerText } from '../hierarchy-name.ts';
import { foreign, pathText } from './foreign-text.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';

const MODES = {
  v1: 'v1',
  v2: 'v2',
  hybrid: 'hybrid (v1 and v2)',
  none: 'none that can be reached',
} as const;

const IGNORED_WORDS: Readonly<Record<keyof Ignored, string>> = {
  bpm: 'bpm',
  docker: 'docker',
  systemd: 'systemd',
  'other-garden': 'of another Garden',
  unrecognised: 'of nobody we know',
};

export interface FooterOptions {
  readonly version: string;
  readonly looks: { readonly ok: number; readonly failed: number } | null;
}

/** What the picture rests on, for those who doubt it. */
export function pageFooter(report: Report | null, { version, looks }: FooterOptions): SafeHtml {
  const facts: (readonly [string, HtmlValue])[] = [['Version', `rollcall ${oneLine(version, 40)}`]];
  if (report !== null) facts.push(...reportFacts(report));
  if (looks !== null) facts.push(['Looks', `${looks.ok} compared, ${looks.failed} could not`]);
  return html`<dl class="facts">
    ${facts.map(
      ([words, value]) =>
        html`<div>
          <dt>${words}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function reportFacts(report: Report): readonly (readonly [string, HtmlValue])[] {
  const { cgroups, cell, ignored, stale, staleOmitted, garden, durationMilliseconds } = report;
  const { anchor, primary } = cgroups;
  const leftover = stale.length + staleOmitted;
  return [
    ['Look', `took ${durationMilliseconds.toFixed(1)} ms`],
    ['Garden', garden.state === 'known' ? `lists ${garden.listed}` : 'unavailable'],
    ['cgroups', `${MODES[cgroups.mode]}, ${cgroups.namespace} namespace`],
    ['Looked in', primary === null ? 'no hierarchy' : html`<bdi>${controllerText(primary)}</bdi>`],
    [
      'gdn',
      anchor === null
        ? 'gdn was not found'
        : html`${anchor.pid === null ? 'gdn’s cgroup' : `gdn, pid ${anchor.pid}, in`}
            <code><bdi>${pathText(anchor.path)}</bdi></code> (${ANCHOR_WORDS[anchor.source]})`,
    ],
    ['Ignored cgroups', ignoredText(ignored)],
    ['Leftover empty cgroups', leftover],
    ['Boot', html`<code>${foreign(cell.bootId, 40)}</code>`],
  ];
}

const ANCHOR_WORDS = {
  process: 'seen running',
  memory: 'remembered: it does not run now',
  walk: 'found by searching',
} as const;

function ignoredText(ignored: Ignored): string {
  const kinds = ['bpm', 'docker', 'systemd', 'other-garden', 'unrecognised'] as const;
  const parts = kinds
    .filter((kind) => ignored[kind] > 0)
    .map((kind) => `${ignored[kind]} ${IGNORED_WORDS[kind]}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}
