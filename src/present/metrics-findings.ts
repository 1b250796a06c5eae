import type { AgentState } from '../model/agent-state.ts';
import type { ContainerReport } from '../model/report.ts';
import { listedByGarden } from './listed.ts';
import type { Labels } from './metrics-format.ts';

/** A state of the agent, as far as metrics ask for it. */
export interface ShownFindings {
  readonly state: AgentState;
  readonly count: (test: (container: ContainerReport) => boolean) => number;
  readonly listed: number;
  /** At most `findings.maxSeries` of them. */
  readonly findings: readonly ContainerReport[];
  readonly omitted: number;
}

export function shownOf(state: AgentState): ShownFindings {
  const { report, maxSeries } = state;
  const containers = report?.containers ?? [];
  const untracked = containers.filter(({ status }) => status === 'untracked').toSorted(shownFirst);
  const findings = untracked.slice(0, maxSeries);
  return {
    state,
    count: (test) => containers.filter(test).length,
    listed: report === null ? 0 : listedByGarden(report),
    findings,
    omitted: untracked.length - findings.length,
  };
}

/** A drill is never omitted, for it is what somebody waits for; then the critical ones, each time the oldest first. */
const shownFirst = (a: ContainerReport, b: ContainerReport): number =>
  Number(b.drill) - Number(a.drill) ||
  Number(b.severity === 'critical') - Number(a.severity === 'critical') ||
  unixSeconds(a.since) - unixSeconds(b.since) ||
  (a.handle < b.handle ? -1 : 1);

export const findingLabels = ({
  handle,
  app,
  reason,
  severity,
  drill,
}: ContainerReport): Labels => ({
  handle,
  ...known('app_id', app?.id),
  ...known('space_id', app?.spaceId),
  reason: reason ?? '',
  severity: severity ?? '',
  ...(drill ? { drill: 'true' } : {}),
  source_id: 'rollcall-findings',
});

/** A label without a value is none to Prometheus, and a tag of no use on the way there. */
const known = (label: string, value: string | null | undefined): Labels =>
  value === null || value === undefined ? {} : { [label]: value };

export const unixSeconds = (since: string | null): number =>
  since === null ? 0 : Math.floor(Date.parse(since) / 1000);
