import { asByteString, type ByteString } from '../model/ids.ts';
import type { RememberedContainer } from '../model/memory.ts';
import { hasComponent } from '../model/paths.ts';
import { type Membership, pathIn } from '../model/process.ts';
import type { ContainerReport } from '../model/report.ts';
import type { Answers } from '../model/snapshot.ts';
import { standFor } from './judge.ts';
import type { DifferenceState } from './lasting.ts';
import type { ObservedState } from './observe.ts';
import type { ObservedContainer } from './observed-containers.ts';
import { evidencePids } from './questions.ts';

/** One container as the report shows it. */
export function containerReport(
  observed: ObservedContainer,
  difference: DifferenceState,
  identity: RememberedContainer['identity'],
  was: RememberedContainer | null,
  state: ObservedState,
  answers: Answers,
): ContainerReport {
  const { handle, cgroup, judgement } = observed;
  const answer = answers.properties.get(handle);
  const kind = identity?.kind ?? (answer?.kind === 'answered' ? answer.value.kind : 'other');
  const cgroups = pathsOf(observed, state, answers);
  return {
    handle,
    kind,
    status: difference.status,
    reason: difference.reason,
    severity: severityNow(observed, difference, was),
    since: difference.differingSince,
    explanation: judgement.explanation,
    drill: false,
    app: identity?.app ?? null,
    privileged: cgroup?.privileged ?? false,
    throttled: cgroup?.throttled === true || isThrottled(cgroups, observed.name),
    pids: cgroup?.pids.length ?? 0,
    processes: processesOf(observed, difference, was, answers),
    cgroups,
    peas: cgroup?.peas ?? [],
  };
}

/** A difference that goes on although this pass could not confirm it is as bad as it was. */
function severityNow(
  { judgement }: ObservedContainer,
  { reason }: DifferenceState,
  was: RememberedContainer | null,
): ContainerReport['severity'] {
  if (reason === null) return null;
  const before = was?.reason === reason ? was.severity : null;
  return judgement.severity ?? before ?? severityOf(reason);
}

/** Where nobody knows any more how bad it was. */
export const severityOf = (
  reason: NonNullable<DifferenceState['reason']>,
): 'critical' | 'warning' =>
  reason === 'no-cgroup' || reason === 'partial' ? 'warning' : 'critical';

/** The evidence: only for differences, at most five. */
function processesOf(
  { cgroup, judgement }: ObservedContainer,
  difference: DifferenceState,
  was: RememberedContainer | null,
  answers: Answers,
): ContainerReport['processes'] {
  if (difference.reason === null) return [];
  const { explanation } = judgement;
  const pids = explanation.kind === 'no-cgroup' ? explanation.rootMountPids : (cgroup?.pids ?? []);
  const now = evidencePids(pids).flatMap((pid) => answers.processes.get(pid) ?? []);
  return now.length > 0 ? now : (was?.evidence?.processes ?? []);
}

/** The container's directory per controller: the walked one, and the others from the process that stands for it. */
function pathsOf(
  { name, cgroup }: ObservedContainer,
  { cgroups }: ObservedState,
  answers: Answers,
): Membership {
  if (cgroup === null || cgroups.primary === null) return {};
  const pid = standFor(cgroup);
  const membership = pid === null ? null : answers.memberships.get(pid);
  const paths = cgroups.hierarchies.flatMap(({ controller }) => {
    const path = pathIn(membership, controller);
    return path === undefined ? [] : [[controller, upToName(path, name)] as const];
  });
  return Object.fromEntries([...paths, [cgroups.primary.controller, cgroup.path]]);
}

/** Without the leaf below it that the process is in (`init`). */
function upToName(path: ByteString, name: ByteString): ByteString {
  if (!hasComponent(path, name) || path.endsWith(`/${name}`)) return path;
  return asByteString(path.slice(0, path.lastIndexOf(`/${name}/`) + 1 + name.length));
}

/** v1 throttles in the cpu hierarchy only: `…/garden/bad/H` there, `good/H` elsewhere. */
const isThrottled = (cgroups: Membership, name: string): boolean =>
  pathIn(cgroups, 'cpu')?.endsWith(`/bad/${name}`) === true;
