import type { Drill } from '../model/agent-state.ts';
import { asHandle } from '../model/ids.ts';
import type { ContainerReport, Report } from '../model/report.ts';
import { worstFirst } from './worst-first.ts';

/** The report with a drill laid over it: marked as one, and no part of memory. */
export function withDrill(report: Report, drill: Drill | null): Report {
  if (drill === null) return report;
  const container: ContainerReport = {
    handle: asHandle(drill.handle),
    kind: 'other',
    status: 'untracked',
    reason: 'unknown-to-garden',
    severity: 'critical',
    since: drill.since,
    explanation: { kind: 'drill', until: drill.until },
    drill: true,
    app: null,
    privileged: false,
    throttled: false,
    pids: 0,
    processes: [],
    cgroups: {},
    peas: [],
  };
  return {
    ...report,
    verdict: report.verdict === 'unknown' ? 'unknown' : 'untracked',
    containers: [...report.containers, container].toSorted(worstFirst),
  };
}
