import type { AgentState, Drill, AgentEvent } from '../model/agent-state.ts';
import type { Report } from '../model/report.ts';
import { withDrill } from '../reconcile/container-report.ts';

const MAX_EVENTS = 1000;

/** What the agent knows: what every view shows, and what that is made from. */
export interface KnownState extends AgentState {
  /** `report` without the drill. */
  readonly lastReport: Report | null;
  readonly drill: Drill | null;
}

export type StateChange =
  | { readonly kind: 'event'; readonly event: AgentEvent }
  /** `report` holds no drill; `seconds` is a Unix time. */
  | {
      readonly kind: 'pass-ended';
      readonly report: Report;
      readonly mountsChanged: number;
      readonly seconds: number;
    }
  /** Only before the first report; a pass that fails later shows the last report as unknown. */
  | { readonly kind: 'pass-failed'; readonly why: string }
  | { readonly kind: 'drill'; readonly drill: Drill | null };

export const firstState = (
  fixed: Pick<AgentState, 'version' | 'startedAt' | 'intervalSeconds' | 'runbookUrl'>,
): KnownState => ({
  ...fixed,
  report: null,
  lastReport: null,
  drill: null,
  passFailed: null,
  events: [],
  lastComparedAt: null,
  reconciles: { ok: 0, failed: 0 },
  mountsChanged: 0,
  lastReconcileSeconds: 0,
  namesRequests: null,
});

export function next(state: KnownState, change: StateChange): KnownState {
  switch (change.kind) {
    case 'event':
      return { ...state, events: [change.event, ...state.events].slice(0, MAX_EVENTS) };
    case 'pass-failed':
      return { ...counted(state, false), passFailed: change.why };
    case 'pass-ended': {
      const { report, mountsChanged, seconds } = change;
      return withReport({
        ...counted(state, report.unknownCause === null),
        lastReport: report,
        passFailed: null,
        lastComparedAt: report.verdict === 'unknown' ? state.lastComparedAt : report.takenAt,
        mountsChanged: state.mountsChanged + mountsChanged,
        lastReconcileSeconds: seconds,
      });
    }
    case 'drill':
      return withReport({ ...state, drill: change.drill });
  }
}

const withReport = (state: KnownState): KnownState => {
  const { lastReport, drill } = state;
  return { ...state, report: lastReport === null ? null : withDrill(lastReport, drill) };
};

const counted = (state: KnownState, isOk: boolean): KnownState => {
  const { ok, failed } = state.reconciles;
  return {
    ...state,
    reconciles: isOk ? { ok: ok + 1, failed } : { ok, failed: failed + 1 },
  };
};
