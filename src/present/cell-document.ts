import { leastSettleOf, type Reason, REASONS } from '../model/finding.ts';
import type { ContainerView, ReportView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { containersSection, realContainers, untrackedOf, type Reader } from './containers.ts';
import type { Screen } from './color.ts';
import {
  aged,
  code,
  foreign,
  note,
  sentence,
  type Block,
  type Blocks,
  type Fact,
  type Section,
  type Tone,
} from './document/blocks.ts';
import { documentText } from './document/terminal.ts';
import { drillSection, pendingSection, untrackedSection, warningsSection } from './findings.ts';
import {
  cellText,
  controllerText,
  GENERATIONS,
  ignoredText,
  listText,
  placeText,
} from './names.ts';
import { plural } from './quantities.ts';
import { IN_SHORT_CHECK } from './reason-texts.ts';
import { sensorsSection } from './sensors.ts';
import { isKnownSince } from './verdict-sentence.ts';

/**
 * What is known of a cell, in the order of the page: the verdict, what somebody has to act upon, what
 * stands apart from it, and all containers.
 */
export function cellSections(
  report: ReportView,
  reader: Reader,
  { all, notes }: { readonly all: boolean; readonly notes: Blocks },
): readonly [Section, ...(readonly Section[])] {
  return [
    verdictSection(report, reader, notes),
    untrackedSection(report, reader),
    warningsSection(report, reader),
    pendingSection(report, reader),
    sensorsSection(report.sensors, report.containers),
    drillSection(report, reader),
    containersSection(report, reader, all),
  ];
}

interface CheckOptions extends Screen, Pick<Reader, 'settleMilliseconds' | 'isWhole'> {
  /** Whether to list all tracked containers, however many there are. */
  readonly all: boolean;
}

/**
 * A check for a terminal, which shows the end of what is printed: the table of containers comes first, and
 * the verdict last.
 */
export function checkText(
  report: ReportView,
  { settleMilliseconds, isWhole, all, ...screen }: CheckOptions,
): string {
  const reader: Reader = { isWhole, settleMilliseconds, runbookUrl: null };
  const { bosh } = report.cell;
  const [verdict, ...others] = cellSections(report, reader, {
    all,
    // Findings need the lines; that all is tracked needs to say what was looked at.
    notes: untrackedOf(report).length === 0 && passNote(report),
  });
  return documentText(
    [
      // An errand prints many cells.
      bosh !== null && sentence(cellText(bosh), 'strong'),
      ...[...others.splice(-1), ...others, verdict].map(({ blocks }) => blocks),
    ],
    screen,
  );
}

const passNote = (report: ReportView): Block =>
  note(
    `${passFacts(report)
      .map(([name, value]) => `${name}: ${value}`)
      .join('; ')}.`,
  );

/** The verdict in two words, and its tone: the start of the page, and the title of its tab. */
function headlineOf(report: ReportView): Pick<Section, 'title'> & { readonly tone: Tone } {
  if (report.verdict === 'unknown') return { tone: 'unknown', title: 'Unknown' };
  const untracked = untrackedOf(report);
  if (untracked.length > 0) {
    const isCritical = untracked.some(({ severity }) => severity === 'critical');
    return { tone: isCritical ? 'critical' : 'warning', title: `${untracked.length} untracked` };
  }
  if (report.containers.some(({ drill }) => drill)) return { tone: 'drill', title: 'Drill' };
  if (report.containers.length === 0) return { tone: 'good', title: 'No containers' };
  const { pending, undecided } = report.summary;
  if (pending + undecided > 0)
    return { tone: undecided > 0 ? 'unknown' : 'pending', title: 'None untracked' };
  return { tone: 'good', title: 'All tracked' };
}

/** The verdict, how it was found, and what to type next. */
function verdictSection(report: ReportView, reader: Reader, notes: Blocks): Section {
  const headline = headlineOf(report);
  return {
    id: 'verdict',
    ...headline,
    blocks: [
      sentence(report.why, headline.tone),
      affectedBlocks(report),
      notes,
      shortCheckNotes(report, reader),
      !reader.isWhole &&
        report.verdict === 'unknown' &&
        sentence(`Fix that, then run ${TYPED_ON_CELL} check again.`),
    ],
  };
}

/** What stays pending because the check is too short. */
const shortCheckNotes = (
  { containers }: ReportView,
  { settleMilliseconds }: Reader,
): readonly Blocks[] => {
  const waits = (wanted: Reason): boolean =>
    containers.some(({ status, reason }) => status === 'pending' && reason === wanted);
  return REASONS.filter(waits).map((reason) => {
    const least = leastSettleOf(reason);
    const inShortCheck = IN_SHORT_CHECK[reason];
    return (
      settleMilliseconds < least &&
      inShortCheck !== undefined &&
      sentence(
        `In a check this short, ${inShortCheck} stay pending; use --settle ${least / 1000}s or more.`,
      )
    );
  });
};

const MAX_APPS = 5;

/** Whose several findings are, the most affected app first; empty if the table says it as well. */
function affectedBlocks(report: ReportView): Blocks {
  const found = untrackedOf(report);
  if (found.length < 2) return false;
  const named = Map.groupBy(
    found.filter(({ app }) => app !== null),
    appAndPlace,
  );
  const apps = [...named]
    .map(([name, { length }]) => ({ name, length }))
    .toSorted((a, b) => b.length - a.length);
  const more = sum(apps.slice(MAX_APPS));
  const unnamed = found.length - sum(apps);
  const parts = [
    ...apps.slice(0, MAX_APPS).flatMap(({ name, length }) => counted(length, `of ${name}`)),
    ...counted(more, `of ${plural(apps.length - MAX_APPS, 'other app')}`),
    ...counted(unnamed, 'without a known app'),
  ];
  return sentence(`Affected: ${listText(parts)}.`);
}

const counted = (containers: number, whose: string): readonly string[] =>
  containers === 0 ? [] : [`${plural(containers, 'container')} ${whose}`];

const sum = (groups: readonly { readonly length: number }[]): number =>
  groups.reduce((total, { length }) => total + length, 0);

/** `billing (retail / shop)`; without a name, the guid. */
function appAndPlace(container: ContainerView): string {
  const { app } = container;
  const place = placeText(container);
  const name = oneLine(app?.name ?? `app ${app?.id ?? '?'}`, 80);
  return place === null ? name : `${name} (${place})`;
}

/** For numbers that this pass does not know: a zero would be a claim. */
const NOT_KNOWN = '–';

/** How the verdict was found. */
export function passFacts(report: ReportView): readonly (readonly [string, string])[] {
  const { cgroups, garden, ignored, leftoverCgroups, leftoverCgroupsOmitted, takenAt } = report;
  const isWalked = isWalkedIn(report);
  const leftover = leftoverCgroups.length + leftoverCgroupsOmitted;
  return [
    ['mounted', GENERATIONS[cgroups.mode]],
    ['primary hierarchy', primaryText(report)],
    garden.state === 'known'
      ? ['Garden', `lists ${garden.listed}`]
      : isKnownSince(garden.since, takenAt)
        ? ['Garden', `unavailable since ${aged(garden.since, takenAt).text}`]
        : ['Garden', 'unavailable'],
    ...(isWalked ? [['ignored cgroups', ignoredText(ignored)] as const] : []),
    ...(leftover === 0 ? [] : [['leftover empty cgroups', String(leftover)] as const]),
  ];
}

/** If nothing was walked, zeros would be claims. */
const isWalkedIn = ({ verdict, live }: ReportView): boolean => verdict !== 'unknown' || live > 0;

function primaryText({ cgroups: { primary, hierarchies } }: ReportView): string {
  if (primary === null) return 'none';
  const walked = hierarchies.find(
    ({ version, controllers, chosen }) =>
      chosen !== null && (primary === 'v2' ? version === 2 : controllers.includes(primary)),
  );
  const mount = walked?.chosen ?? null;
  const place = mount === null ? '' : ` at ${oneLine(mount.mountPoint, 80)}`;
  return `${controllerText(primary)}${place}`;
}

const ANCHOR_WORDS = {
  process: 'seen running',
  memory: 'remembered: it is not running',
  walk: 'found by searching',
} as const;

/** What else is known of the pass, for the page. */
export function moreFacts(report: ReportView, isCompared: boolean): readonly Fact[] {
  const { cgroups, cell, live, summary, durationMilliseconds } = report;
  const { anchor } = cgroups;
  return [
    ['running', isCompared || live > 0 ? String(live) : NOT_KNOWN],
    ['in both', isCompared && summary.undecided === 0 ? String(inBoth(report)) : NOT_KNOWN],
    ['cgroup namespace', cgroups.namespace],
    [
      'gdn',
      anchor === null
        ? 'not found'
        : [
            anchor.pid === null ? "gdn's cgroup " : `gdn, pid ${anchor.pid}, in `,
            code(anchor.path),
            ` (${ANCHOR_WORDS[anchor.source]})`,
          ],
    ],
    ['host', foreign(cell.hostname)],
    ['boot', code(cell.bootId)],
    ['last pass took', `${durationMilliseconds.toFixed(1)} ms`],
  ];
}

/** How many run and are listed. */
const inBoth = (report: ReportView): number =>
  realContainers(report).filter(
    ({ pids, explanation }) => pids > 0 && explanation !== 'unknown-to-garden',
  ).length;
