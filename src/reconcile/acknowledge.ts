import {
  MAX_ACKNOWLEDGED_MILLISECONDS,
  MAX_ACKNOWLEDGEMENTS,
  type Acknowledgement,
  type AcknowledgementEnd,
  type AcknowledgementEntry,
  type AcknowledgementRefusal,
  type AcknowledgementRequest,
  type RememberedAcknowledgement,
  type RememberedAcknowledgements,
  type StandingAcknowledgement,
} from '../model/acknowledgement.ts';
import type { Transition } from '../model/transition.ts';
import { severityOf } from '../model/finding.ts';
import type { AppIdentity } from '../model/garden.ts';
import type { Handle } from '../model/ids.ts';
import type { Memory, RememberedContainer } from '../model/memory.ts';
import type { ContainerReport, Report } from '../model/report.ts';
import type { ContainerView } from '../model/report-view.ts';
import type { ProcessIdentity } from '../model/sweep.ts';
import { comparedVerdict } from './compose-report.ts';
import { worstFirst } from './container-report.ts';

/** Only untracked containers are looked up. A drill is never acknowledged: it tests the alert. */
function withAcknowledged(
  report: Report,
  acknowledgementOf: (container: ContainerReport) => Acknowledgement | null,
): Report {
  const containers = report.containers.map((container): ContainerReport => {
    const { status, drill } = container;
    const acknowledged = status === 'untracked' && !drill ? acknowledgementOf(container) : null;
    return acknowledged === container.acknowledged ? container : { ...container, acknowledged };
  });
  const verdict = comparedVerdict(containers, report.cell.warnings);
  return {
    ...report,
    verdict: report.unknownCause === null ? verdict : 'unknown',
    containers: containers.toSorted(worstFirst),
  };
}

type Passed = { readonly report: Report; readonly memory: Memory };

/**
 * The facts of a pass with the acknowledgements after it: ended ones are dropped and configured
 * ones begin. The time is that of the report.
 * @param kept the acknowledgements at the end of the pass, because a client may add one during it
 */
export function withAcknowledgements<T extends Passed>(
  passed: T,
  kept: RememberedAcknowledgements,
  standing: readonly StandingAcknowledgement[],
): T {
  const acknowledgements = acknowledgementsAfter(passed, kept, standing);
  const memory = { ...passed.memory, acknowledgements };
  return { ...passed, memory, report: acknowledgedReport(passed.report, acknowledgements) };
}

/** The report, marked with those of these acknowledgements that are in force. */
export const acknowledgedReport = (
  report: Report,
  acknowledgements: RememberedAcknowledgements,
): Report =>
  withAcknowledged(report, (container) => {
    const one = acknowledgements.get(container.handle);
    return one === undefined || one.isOver ? null : ifSameFinding(container, one);
  });

/** The same for what the agent of the cell reports, by handle. */
export const acknowledgedByAgent = (
  report: Report,
  known: ReadonlyMap<string, ContainerView>,
): Report =>
  withAcknowledged(report, (container) => {
    const one = known.get(container.handle);
    const acknowledged = one?.acknowledged ?? null;
    const isOfThis = one?.reason === container.reason && one.severity === container.severity;
    return acknowledged === null || !isOfThis || isPast(acknowledged.until, report.takenAt)
      ? null
      : acknowledged;
  });

/** Null if it is for another finding than the container has. */
const ifSameFinding = (
  container: ContainerReport,
  { finding, until, reason, by }: Omit<AcknowledgementEntry, 'handle'>,
): Acknowledgement | null =>
  finding.reason === container.reason && finding.severity === container.severity
    ? { until, reason, by }
    : null;

function acknowledgementsAfter(
  { report, memory }: Passed,
  kept: RememberedAcknowledgements,
  standing: readonly StandingAcknowledgement[],
): RememberedAcknowledgements {
  const now = report.takenAt;
  const inForce = standing.filter(({ until }) => !isPast(until, now));
  const standingFor = (handle: Handle, app: AppIdentity | null | undefined) =>
    inForce.find((one) => ('handle' in one ? one.handle === handle : one.appId === app?.id)) ??
    null;
  const after = new Map<Handle, RememberedAcknowledgement>();
  if (kept.size === 0 && standing.length === 0) return after;
  for (const [handle, one] of kept) {
    const container = memory.containers.get(handle);
    const entry = standingFor(handle, container?.identity?.app);
    const next = afterPass(one, endOf(one, container, now), entry);
    if (next !== null) after.set(handle, { ...next, processes: coveredBy(next, container) });
  }
  for (const { handle, status, reason, severity, app } of report.containers) {
    const container = memory.containers.get(handle);
    if (status !== 'untracked' || reason === null || container === undefined) continue;
    if (after.has(handle) || after.size >= MAX_ACKNOWLEDGEMENTS) continue;
    const entry = standingFor(handle, app);
    if (entry === null) continue;
    const finding = { reason, severity: severity ?? severityOf(reason) };
    const { firstSeen } = container;
    const { until } = entry;
    const processes = coveredBy({ finding, processes: null }, container);
    const begun = { until, reason: entry.reason, by: null, finding, firstSeen, processes };
    after.set(handle, { ...begun, isOver: false, standingIsOver: false });
  }
  return after;
}

/** Null: it has ended and leaves nothing to remember. */
function afterPass(
  one: RememberedAcknowledgement,
  end: AcknowledgementEnd | null,
  entry: StandingAcknowledgement | null,
): RememberedAcknowledgement | null {
  if (end === 'gone' || end === 'recovered') return null;
  const isExpired = end === 'expired' && one.by !== null;
  if (one.isOver || end === 'changed' || (isExpired && one.standingIsOver)) {
    return entry === null ? null : { ...one, isOver: true };
  }
  if (one.by !== null) return isExpired ? null : one;
  // Also after its own time: another standing one of this container goes on with the same finding.
  return entry === null ? null : { ...one, until: entry.until, reason: entry.reason };
}

/** Null: neither its time nor its finding has ended. */
function endOf(
  one: RememberedAcknowledgement,
  container: RememberedContainer | undefined,
  now: string,
): AcknowledgementEnd | null {
  const { firstSeen, until, finding, by, processes } = one;
  if (container === undefined || container.firstSeen !== firstSeen) return 'gone';
  const { openReport, reported, severity } = container;
  if (openReport === null) return 'recovered';
  const known = severity ?? severityOf(openReport.reason);
  const hasOthers =
    processes !== null && outsideOf(container).some((process) => !isCovered(process, processes));
  const isSame = openReport.reason === finding.reason && (!reported || known === finding.severity);
  // Before its time: a standing one takes over from what has expired.
  if (!isSame || hasOthers) return 'changed';
  return isPast(until, now) || (by !== null && isBeyond(until, now)) ? 'expired' : null;
}

const outsideOf = ({ escaped }: RememberedContainer): RememberedContainer['escaped'] =>
  escaped.filter(({ isEntering }) => !isEntering);

/** Whether it is one of these processes, or descends from one. */
const isCovered = (
  process: RememberedContainer['escaped'][number],
  processes: readonly ProcessIdentity[],
): boolean =>
  [process, ...process.ancestors].some(({ pid, startTicks }) =>
    processes.some((one) => one.pid === pid && one.startTicks === startTicks),
  );

/** The processes that an acknowledgement covers after a pass; null: it is not about processes. */
function coveredBy(
  { finding, processes }: Pick<RememberedAcknowledgement, 'finding' | 'processes'>,
  container: RememberedContainer | undefined,
): RememberedAcknowledgement['processes'] {
  if (finding.reason !== 'escaped' || container === undefined) return processes;
  return outsideOf(container)
    .filter((one) => processes === null || isCovered(one, processes))
    .map(({ pid, startTicks }) => ({ pid, startTicks }));
}

const isPast = (until: string, now: string): boolean => Date.parse(until) <= Date.parse(now);

/** No client can ask for it: one that was given while the clock was ahead would last for years. */
const isBeyond = (until: string, now: string): boolean =>
  Date.parse(until) - Date.parse(now) > MAX_ACKNOWLEDGED_MILLISECONDS;

type Known = { readonly report: Report | null; readonly memory: Memory };

export type Acknowledged =
  | {
      readonly ok: true;
      readonly entry: AcknowledgementEntry;
      readonly acknowledgements: RememberedAcknowledgements;
    }
  | { readonly ok: false; readonly why: AcknowledgementRefusal };

const refused = (why: AcknowledgementRefusal): Acknowledged => ({ ok: false, why });

/** Acknowledges a present finding as it is now; replaces an earlier acknowledgement. */
export function acknowledge(
  { handle: name, milliseconds, reason: why, by }: AcknowledgementRequest,
  { report, memory: { containers, acknowledgements } }: Known,
  now: string,
): Acknowledged {
  if (report === null) return refused('no-report');
  const container = report.containers.find(({ handle }) => handle === name);
  if (container === undefined) return refused('not-found');
  if (container.drill) return refused('drill');
  const { handle, status, reason, severity } = container;
  const remembered = containers.get(handle);
  const firstSeen = remembered?.firstSeen;
  if (status !== 'untracked' || reason === null || firstSeen === undefined) {
    return refused('no-finding');
  }
  const isFull = acknowledgements.size >= MAX_ACKNOWLEDGEMENTS;
  if (isFull && !acknowledgements.has(handle)) return refused('too-many');
  const until = new Date(Date.parse(now) + milliseconds).toISOString();
  const finding = { reason, severity: severity ?? severityOf(reason) };
  const before = acknowledgements.get(handle);
  const standingIsOver =
    before?.firstSeen === firstSeen && (before.isOver || before.standingIsOver);
  const processes = coveredBy({ finding, processes: null }, remembered);
  const begun = { until, reason: why, by, finding, firstSeen, processes };
  const one = { ...begun, isOver: false, standingIsOver };
  return {
    ok: true,
    entry: { handle, finding, until, reason: why, by },
    acknowledgements: new Map([...acknowledgements, [handle, one]]),
  };
}

/** Ends an acknowledgement that a client gave. */
export function withdraw(name: string, acknowledgements: RememberedAcknowledgements): Acknowledged {
  const found = [...acknowledgements].find(([handle, { isOver }]) => handle === name && !isOver);
  if (found === undefined) return refused('not-acknowledged');
  const [handle, one] = found;
  const { finding, until, reason, by } = one;
  if (by === null) return refused('standing');
  const left = new Map([...acknowledgements].filter(([other]) => other !== handle));
  if (one.standingIsOver) left.set(handle, { ...one, isOver: true });
  return { ok: true, entry: { handle, finding, until, reason, by }, acknowledgements: left };
}

/** The acknowledgements in force, as a report shows them. */
export const entriesOf = ({ containers }: Report): readonly AcknowledgementEntry[] =>
  containers.flatMap(({ handle, reason, severity, acknowledged }) =>
    acknowledged === null || reason === null
      ? []
      : [
          {
            handle,
            finding: { reason, severity: severity ?? severityOf(reason) },
            ...acknowledged,
          },
        ],
  );

/** The acknowledgements that began or ended between two memories. */
export function acknowledgementTransitions(
  before: RememberedAcknowledgements,
  { acknowledgements: after, containers }: Memory,
  now: string,
): readonly Transition[] {
  const appOf = (handle: Handle): AppIdentity | null =>
    containers.get(handle)?.identity?.app ?? null;
  return [
    ...[...before].flatMap(([handle, one]): Transition[] => {
      const next = after.get(handle);
      const goesOn = next !== undefined && !next.isOver && next.firstSeen === one.firstSeen;
      if (one.isOver || goesOn) return [];
      const end = endOf(one, containers.get(handle), now) ?? 'withdrawn';
      return [{ kind: 'unacknowledged', handle, acknowledgement: one, end, app: appOf(handle) }];
    }),
    ...[...after].flatMap(([handle, one]): Transition[] => {
      const isKnown = one.isOver || isContinued(before.get(handle), one);
      return isKnown
        ? []
        : [{ kind: 'acknowledged', handle, acknowledgement: one, app: appOf(handle) }];
    }),
  ];
}

/** A changed configuration may reword one that continues; a client gives a new one. */
const isContinued = (
  before: RememberedAcknowledgement | undefined,
  { by, firstSeen, until, reason }: RememberedAcknowledgement,
): boolean =>
  before !== undefined &&
  !before.isOver &&
  before.firstSeen === firstSeen &&
  before.by === by &&
  (by === null || (before.until === until && before.reason === reason));
