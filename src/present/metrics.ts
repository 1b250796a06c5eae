import type { AgentState } from '../model/agent-state.ts';
import { shownOf } from './metrics-findings.ts';
import { familyText } from './metrics-format.ts';
import { METRICS } from './metrics-table.ts';

/** Everything that the agent tells Prometheus, in its text format. */
export function metricsText(state: AgentState): string {
  const shown = shownOf(state);
  return METRICS.map(({ name, type, help, samples }) =>
    familyText({ name, type, help, samples: samples(shown) }),
  ).join('');
}
