import type { Severity } from '../../../src/model/finding.ts';
import { REASON_TEXTS } from '../../../src/present/reason-texts.ts';
import { OLD_ALERTS } from '../../../src/present/runbook.ts';
import { cell, type Alert } from './alert.ts';
import { ofContainers } from './series.ts';
import { limitsLost, untracked } from './untracked-alerts.ts';

const meaning = (severity: Severity): string => {
  const branches = Object.entries(REASON_TEXTS).map(
    ([reason, { alert }], at) =>
      `{{ ${at === 0 ? '' : 'else '}if eq $labels.reason "${reason}" }}${alert[severity]}`,
  );
  return `${branches.join('')}{{ end }}`;
};

const ofSeverity = (name: string, severity: Severity): Alert =>
  untracked(name, severity, ofContainers(severity), {
    description: (route) =>
      `${meaning(severity)} Run rollcall status on ${cell(route)}, or open the dashboard: both list them.`,
    anchor: '{{ $labels.reason }}',
  });

/** The names before 0.2.0, for routes and silences that use them; 0.3.0 removes them. */
export const DEPRECATED_ALERTS: readonly Alert[] = [
  ofSeverity(OLD_ALERTS.critical, 'critical'),
  ofSeverity(OLD_ALERTS.warning, 'warning'),
  limitsLost('RollcallLimitsLost'),
];
