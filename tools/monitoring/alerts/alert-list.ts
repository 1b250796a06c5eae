import type { Alert } from './alert.ts';
import { CELL_ALERTS } from './cell-alerts.ts';
import { LOOK_ALERTS } from './look-alerts.ts';
import { UNTRACKED_ALERTS } from './untracked-alerts.ts';

export interface AlertGroup {
  readonly name: string;
  /** How often it is evaluated; null: as often as Prometheus does by default. */
  readonly interval: string | null;
  readonly alerts: readonly Alert[];
}

export const ALERT_GROUPS: readonly AlertGroup[] = [
  { name: 'rollcall-findings', interval: null, alerts: UNTRACKED_ALERTS },
  { name: 'rollcall-looks', interval: null, alerts: LOOK_ALERTS },
  // These read hours of samples.
  { name: 'rollcall-cells', interval: '1m', alerts: CELL_ALERTS },
];
