import type { CellWarning } from '../model/cell-warning.ts';
import { isAppOrTask } from '../model/garden.ts';
import { asHandle } from '../model/ids.ts';
import type { EntryAlone } from '../model/ledger.ts';
import { isSameStart } from '../model/process.ts';
import type { ReportView, ContainerView } from '../model/report-view.ts';
import type { ContainerReport, Report } from '../model/report.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { comparedVerdict } from './compose-report.ts';
import { withDuration, worstFirst } from './container-report.ts';
import { unaccountedNow } from './unaccounted.ts';
import type { ObservedPass } from './judge/observed-containers.ts';

/** The passes of an agent are at most a minute apart: an older one says nothing of the present. */
const MAX_AGE = 180_000;

/**
 * The report of a check with what only the agent of its cell knows: since when a container differs,
 * and so whether it is a finding; whose it was; and what must last for minutes.
 * It takes back nothing that the check saw (docs/decisions/one-status.md).
 */
export function withAgent(
  { report, lastPass }: { readonly report: Report; readonly lastPass: ObservedPass },
  agent: ReportView,
): Report {
  if (agent.cell.bootId !== report.cell.bootId) return report;
  const known = new Map(agent.containers.map((one) => [one.handle, one]));
  const named = report.containers.map((one) => withApp(one, known.get(one.handle)));
  if (report.unknownCause !== null || whyNotCurrent(agent, report) !== null)
    return { ...report, containers: named };
  const containers = named
    .map((one) => withTimes(one, known.get(one.handle), report.takenAt))
    .toSorted(worstFirst);
  const warnings = warningsWith(report, agent);
  return {
    ...report,
    verdict: comparedVerdict(containers, warnings),
    containers,
    unaccounted: unaccountedNow(lastPass, containers),
    cell: { ...report.cell, warnings },
    ledgers: { ...report.ledgers, alone: aloneWith(report.ledgers.alone, agent) },
  };
}

/**
 * The report of a replay, with what only the agent of its cell knew when the capture was made: whose
 * a container was, and since when and so for how long it differed. What the replay decides stays.
 */
export function withStoredAgent(report: Report, agent: ReportView): Report {
  if (agent.cell.bootId !== report.cell.bootId) return report;
  const known = new Map(agent.containers.map((one) => [one.handle, one]));
  const isOfThen = report.unknownCause === null && whyNotCurrent(agent, report) === null;
  const containers = report.containers.map((one) => {
    const then = known.get(one.handle);
    const named = withApp(one, then);
    return isOfThen && isSameDifference(named, then)
      ? withSince(named, then, report.takenAt)
      : named;
  });
  return { ...report, containers };
}

/** Why the answer says nothing of the present; null: it is about a pass of the last minutes. */
export function whyNotCurrent(
  { cell, verdict, takenAt }: ReportView,
  report: Pick<Report, 'cell' | 'takenAt'>,
): string | null {
  if (cell.bootId !== report.cell.bootId)
    return 'The agent answers with a report of an earlier boot.';
  // While it cannot compare, the agent repeats what it knew last.
  if (verdict === 'unknown')
    return `The agent cannot compare at present: see ${TYPED_ON_CELL} status.`;
  const isOld = !(Math.abs(Date.parse(report.takenAt) - Date.parse(takenAt)) <= MAX_AGE);
  return isOld
    ? `The last pass of the agent ended at ${takenAt}: see ${TYPED_ON_CELL} status.`
    : null;
}

/** The agent may remember a name that Garden has lost, and the policy store has none. */
function withApp(container: ContainerReport, known: ContainerView | undefined): ContainerReport {
  const app = known?.appSource === 'policy-store' ? null : (known?.app ?? null);
  const isBetter =
    container.app === null ||
    (container.appSource === 'policy-store' && app !== null && app.name !== null);
  if (app === null || !isBetter) return container;
  return { ...container, app, appSource: 'memory' };
}

/**
 * One check cannot watch every difference for long enough, so a pending one is a finding if the
 * agent reports it of the same container and for the same reason.
 */
function withTimes(
  container: ContainerReport,
  known: ContainerView | undefined,
  now: string,
): ContainerReport {
  if (!isSameDifference(container, known)) return container;
  return {
    ...withSince(container, known, now),
    status: known.status === 'untracked' ? 'untracked' : container.status,
  };
}

type Differing = ContainerView & { readonly since: string };

/** Whether the agent sees the same container differ for the same reason, and knows since when. */
const isSameDifference = (
  container: ContainerReport,
  known: ContainerView | undefined,
): known is Differing =>
  known !== undefined &&
  known.since !== null &&
  container.reason !== null &&
  known.reason === container.reason &&
  isSame(container, known);

/** With the earlier of the two times, and how long it has differed since then. */
const withSince = (
  container: ContainerReport,
  { since }: Differing,
  now: string,
): ContainerReport =>
  Date.parse(since) <= Date.parse(container.since ?? now)
    ? {
        ...container,
        since,
        isSinceOfAgent: true,
        explanation: withDuration(container.explanation, since, now),
      }
    : container;

/**
 * Whether both are the same incarnation of a handle. Its cgroup does not show that, because v1 moves
 * a throttled container to another one. Where nothing lives, Garden has only one of a handle.
 */
const isSame = (container: ContainerReport, known: ContainerView): boolean =>
  container.pids + known.pids === 0 ||
  container.processes.some(({ pid, startedAt }) =>
    known.processes.some((one) => one.pid === pid && isSameStart(one.startedAt, startedAt)),
  );

/** A rep that has gone, and policies that are missing, take minutes to see. */
function warningsWith({ cell, containers }: Report, agent: ReportView): readonly CellWarning[] {
  const isAnyOfRep = containers.some(({ kind, pids }) => pids > 0 && isAppOrTask(kind));
  const warnings = isAnyOfRep ? agent.cell.warnings.flatMap(seenByAgent) : [];
  return [...warnings, ...cell.warnings];
}

function seenByAgent({
  reason,
  containers,
  worst,
}: ReportView['cell']['warnings'][number]): readonly CellWarning[] {
  if (reason === 'no-rep') return [{ reason, containers }];
  return reason === 'unpoliced' ? [{ reason, containers, worst: asHandle(worst) }] : [];
}

/** The agent knows since when an entry has been alone. */
const aloneWith = (alone: readonly EntryAlone[], agent: ReportView): readonly EntryAlone[] =>
  alone.map(
    (entry) =>
      agent.ledgers.alone.find(({ kind, name }) => kind === entry.kind && name === entry.name) ??
      entry,
  );
