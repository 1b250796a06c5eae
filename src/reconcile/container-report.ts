import type { Drill } from '../model/agent-state.ts';
import { type Explanation, REASONS, severityOf } from '../model/finding.ts';
import { asHandle, type Handle } from '../model/ids.ts';
import { asProcessFacts } from '../model/destroy.ts';
import { MAX_EVIDENCE, type RememberedContainer } from '../model/memory.ts';
import { asReadNow, pathIn, type Membership } from '../model/process.ts';
import type { ContainerReport, Report } from '../model/report.ts';
import type { Answers } from '../model/questions.ts';
import { outsideIn } from './judge/judgement.ts';
import { membershipOf, ownPathsIn } from './judge/pass-facts.ts';
import type { ComparedContainer } from './difference.ts';
import type { ObservedContainer, ObservedPass } from './judge/observed-containers.ts';
import type { ObservedState } from './observe/observe.ts';
import { evidencePeas, evidencePids, evidencePidsOf } from './observe/pids.ts';

/** One container as the report shows it. */
export function containerReport(
  compared: ComparedContainer,
  { state, snapshot: { answers, at } }: ObservedPass,
): ContainerReport {
  const { observed, difference, identity } = compared;
  const { handle, cgroup, judgement, properties } = observed;
  // As read in the whole pass, also after the decision: a replay has all of it from the beginning.
  const answer = answers.properties.get(handle);
  const isNamed = answer?.kind === 'answered' && answer.value.owner === 'present';
  const cgroups = pathsOf(observed, state, answers);
  return reportOf({
    handle,
    kind: (identity ?? properties)?.kind ?? 'other',
    status: difference.status,
    reason: difference.reason,
    severity: severityNow(compared),
    since: difference.differingSince,
    inPasses: difference.inPasses,
    explanation: withDuration(judgement.explanation, difference.differingSince, at.wall),
    app: identity?.app ?? null,
    ...(identity === null || isNamed ? {} : { appSource: 'memory' }),
    privileged: cgroup?.privileged ?? false,
    throttled: cgroup?.throttled === true || isThrottled(cgroups, observed.name),
    pids: cgroup?.pids.length ?? 0,
    processes: processesOf(compared, answers),
    cgroups,
    peas: cgroup?.peas.map(({ name }) => name) ?? [],
    peaProcesses: peaProcessesOf(compared, answers),
  });
}

export const withDuration = (
  explanation: Explanation,
  since: string | null,
  now: string,
): Explanation =>
  explanation.kind === 'unowned' && since !== null
    ? { ...explanation, milliseconds: Math.max(0, Date.parse(now) - Date.parse(since)) }
    : explanation;

/** The findings in memory, for an agent that starts while nothing can be compared. */
export const rememberedFindings = (
  containers: ReadonlyMap<Handle, RememberedContainer>,
): readonly ContainerReport[] =>
  [...containers]
    .flatMap(([handle, remembered]): ContainerReport[] => {
      const { reason, severity, reported, openReport, differingSince, identity, evidence } =
        remembered;
      if (openReport === null) return [];
      return [
        reportOf({
          ...evidence,
          ...identity,
          ...(identity === null ? {} : { appSource: 'memory' }),
          handle,
          status: reported ? 'untracked' : 'pending',
          reason,
          severity: reason === null ? null : (severity ?? severityOf(reason)),
          since: differingSince,
          explanation: { kind: 'undecided', why: 'remembered from before the agent started' },
        }),
      ];
    })
    .toSorted(worstFirst);

/** Adds a drill's finding. It is marked as a drill and is not part of memory. */
export function withDrill(report: Report, drill: Drill | null): Report {
  if (drill === null) return report;
  const container = reportOf({
    handle: asHandle(drill.handle),
    status: 'untracked',
    reason: 'unknown-to-garden',
    severity: 'critical',
    since: drill.since,
    explanation: { kind: 'drill', until: drill.until },
    drill: true,
  });
  return {
    ...report,
    verdict: report.verdict === 'unknown' ? 'unknown' : 'untracked',
    containers: [...report.containers, container].toSorted(worstFirst),
  };
}

type Verdict = 'handle' | 'status' | 'reason' | 'severity' | 'since' | 'explanation';

const reportOf = (
  known: Pick<ContainerReport, Verdict> & Partial<ContainerReport>,
): ContainerReport => ({
  kind: 'other',
  inPasses: null,
  drill: false,
  app: null,
  privileged: false,
  throttled: false,
  pids: 0,
  processes: [],
  cgroups: {},
  peas: [],
  peaProcesses: [],
  ...known,
});

/** A difference that this pass could not confirm keeps its severity. */
function severityNow({
  observed,
  difference: { reason },
  was,
}: ComparedContainer): ContainerReport['severity'] {
  if (reason === null) return null;
  const before = was?.reason === reason ? was.severity : null;
  return observed.judgement.severity ?? before ?? severityOf(reason);
}

function processesOf(
  { observed: { cgroup, judgement, outside }, difference, was }: ComparedContainer,
  answers: Answers,
): ContainerReport['processes'] {
  if (difference.reason === null) return [];
  const { explanation } = judgement;
  const left = outsideIn(judgement);
  if (left !== null) {
    return outside
      .flatMap(({ process }) => (left.includes(process.pid) ? [process] : []))
      .slice(0, MAX_EVIDENCE);
  }
  const pids =
    explanation.kind === 'no-cgroup' ? evidencePids(explanation.rootMountPids ?? []) : [];
  const evidence = pids.length > 0 || cgroup === null ? pids : evidencePidsOf(cgroup);
  const now = evidence.flatMap((pid) => answers.processes.get(pid) ?? []);
  if (now.length > 0) return now;
  const destroying = explanation.kind === 'no-cgroup' ? (explanation.destroy?.processes ?? []) : [];
  if (destroying.length > 0) return destroying.map(asProcessFacts).slice(0, MAX_EVIDENCE);
  return (was?.evidence?.processes ?? []).map((one) => asReadNow(one, answers.processes));
}

function peaProcessesOf(
  { observed: { cgroup }, difference }: ComparedContainer,
  answers: Answers,
): ContainerReport['peaProcesses'] {
  if (difference.reason === null) return [];
  return evidencePeas(cgroup?.peas ?? []).map(({ name, pids }) => ({
    pea: name,
    pids: pids.length,
    processes: evidencePids(pids).flatMap((pid) => answers.processes.get(pid) ?? []),
  }));
}

/** The container's directory per controller: from the walk, otherwise from its process. */
function pathsOf(
  { name, cgroup }: ObservedContainer,
  { cgroups }: ObservedState,
  answers: Answers,
): Membership {
  if (cgroup === null || cgroups.primary === null) return {};
  const membership = membershipOf(cgroup, answers) ?? {};
  const own = ownPathsIn(membership, name);
  const paths = cgroups.hierarchies.flatMap(({ controller }) => {
    // Without what is below the container's own directory, such as the process's leaf (`init`).
    const path = pathIn(own, controller) ?? pathIn(membership, controller);
    return path === undefined ? [] : [[controller, path] as const];
  });
  return Object.fromEntries([...paths, [cgroups.primary.controller, cgroup.path]]);
}

/** v1 throttles only in the cpu hierarchy: `…/garden/bad/H` there, `good/H` in the others. */
const isThrottled = (cgroups: Membership, name: string): boolean =>
  pathIn(cgroups, 'cpu')?.endsWith(`/bad/${name}`) === true;

const statusRank = ({ status, severity }: ContainerReport): number => {
  if (status === 'untracked') return severity === 'critical' ? 0 : 1;
  return status === 'pending' ? 2 : 3;
};

const reasonRank = ({ reason }: ContainerReport): number =>
  reason === null ? REASONS.length : REASONS.indexOf(reason);

/** Untracked, pending, then tracked; within these by reason, then by handle. */
export const worstFirst = (a: ContainerReport, b: ContainerReport): number =>
  statusRank(a) - statusRank(b) ||
  reasonRank(a) - reasonRank(b) ||
  (a.handle < b.handle ? -1 : a.handle > b.handle ? 1 : 0);
