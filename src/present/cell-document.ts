import { leastSettleOf, type Reason, REASONS } from '../model/finding.ts';
import type { ContainerView, ReportView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { containersSection, untrackedOf, type Reader } from './containers.ts';
import type { Screen } from './color.ts';
import {
  aged,
  note,
  sentence,
  type Block,
  type Blocks,
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
      affectedSentence(report),
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

/** Whose several findings are, the most affected app first. */
function affectedSentence(report: ReportView): Blocks {
  const found = untrackedOf(report);
  const apps = [...Map.groupBy(found, whoseOf)].toSorted((a, b) => b[1].length - a[1].length);
  const others = apps.slice(MAX_APPS).flatMap(([, containers]) => containers).length;
  const parts = [
    ...apps.slice(0, MAX_APPS).map(([whose, { length }]) => counted(length, whose)),
    ...(others === 0 ? [] : [counted(others, 'of other apps')]),
  ];
  return found.length > 1 && sentence(`Affected: ${listText(parts)}.`);
}

const counted = (containers: number, whose: string): string =>
  `${plural(containers, 'container')} ${whose}`;

/** `of billing (retail / shop)`; without a name, the guid. */
function whoseOf(container: ContainerView): string {
  const { app } = container;
  if (app === null) return 'without a known app';
  const place = placeText(container);
  const name = oneLine(app.name ?? `app ${app.id ?? '?'}`, 80);
  return place === null ? `of ${name}` : `of ${name} (${place})`;
}

/** How the verdict was found. */
export function passNote(report: ReportView): Block {
  const { cgroups, garden, ignored, leftoverCgroups, leftoverCgroupsOmitted, takenAt } = report;
  const leftover = leftoverCgroups.length + leftoverCgroupsOmitted;
  const since =
    garden.state === 'unavailable' && isKnownSince(garden.since, takenAt)
      ? ` since ${aged(garden.since, takenAt).text}`
      : '';
  const parts = [
    `mounted: ${GENERATIONS[cgroups.mode]}`,
    `primary hierarchy: ${primaryText(report)}`,
    garden.state === 'known' ? `Garden: lists ${garden.listed}` : `Garden: unavailable${since}`,
    ...(isWalkedIn(report) ? [`ignored cgroups: ${ignoredText(ignored)}`] : []),
    ...(leftover === 0 ? [] : [`leftover empty cgroups: ${leftover}`]),
  ];
  return note(`${parts.join('; ')}.`);
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
  const place = mount === null ? '' : ` at ${mount.mountPoint}`;
  return `${controllerText(primary)}${place}`;
}
