import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CONFIGURATION_PAGE, configurationPage } from './configuration-page.ts';
import { alertFiles } from './monitoring/alerts/alert-files.ts';
import { boshPrometheusFiles } from './monitoring/bosh-prometheus.ts';
import { dashboardFiles } from './monitoring/dashboards/dashboard-files.ts';
import { METRICS_PAGE, metricsPage } from './monitoring/metrics-doc/metrics-page.ts';
import { MOUNT_RULES_PAGE, mountRulesPage } from './rule-comparison/comparison-page.ts';

/**
 * Everything that is generated and kept in the project: text by path from its root.
 * @param runbookUrl for alerts that link to the runbook; null: they name only its path
 */
export function generatedFiles(runbookUrl: string | null): ReadonlyMap<string, string> {
  const alerts = alertFiles(runbookUrl);
  const dashboards = dashboardFiles(runbookUrl);
  return new Map([
    [MOUNT_RULES_PAGE, mountRulesPage()],
    [METRICS_PAGE, metricsPage()],
    [CONFIGURATION_PAGE, configurationPage()],
    ...alerts,
    ...dashboards,
    ...boshPrometheusFiles(alerts, dashboards),
  ]);
}

/** Those that are missing or different below a root. */
export const staleFiles = (files: ReadonlyMap<string, string>, root: string): readonly string[] =>
  [...files].filter(([file, text]) => textAt(path.join(root, file)) !== text).map(([file]) => file);

export function writeFiles(files: ReadonlyMap<string, string>, root: string): void {
  for (const [file, text] of files) {
    const target = path.join(root, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

function textAt(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
