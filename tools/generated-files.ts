import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jobFiles } from './job-files/job-files.ts';
import { METRICS_PAGE, metricsPage } from './monitoring/metrics-page.ts';
import { interfacesPages, README, readmePage } from './interfaces-page.ts';
import { alertFileOf, alertFiles, RUNBOOK } from './monitoring/alerts/alert-files.ts';
import { dashboardFileOf, dashboardFiles } from './monitoring/dashboards.ts';
import { FIREHOSE } from './monitoring/metrics-routes.ts';
import { proofFiles, provedSoFar } from './prove/page.ts';
import { schemaFiles } from './json-schemas.ts';
import { runbookPage } from './runbook-page.ts';
import { sensorsPages } from './sensors-page/page.ts';
import { allowedText } from '../src/parse/agent-config.ts';
import { fileWith } from './generated-part.ts';
import { configKeys, jobProperties } from './job-files/job-properties.ts';
import { code, item } from './markdown.ts';

/**
 * The text of every generated file in the repository, by its path from the top.
 * @param runbookUrl the address of the runbook that alerts link to; null: they contain only its
 * path
 */
export function generatedFiles(runbookUrl: string | null): ReadonlyMap<string, string> {
  const alerts = alertFiles(runbookUrl);
  const dashboards = dashboardFiles(runbookUrl);
  return new Map([
    ...sensorsPages(),
    [METRICS_PAGE, metricsPage()],
    [AGENT_PAGE, agentPage()],
    ...interfacesPages(),
    ...proofFiles(provedSoFar()),
    ...jobFiles(),
    [README, readmePage()],
    [RUNBOOK, runbookPage()],
    ...schemaFiles(),
    ...alerts,
    ...dashboards,
    [
      `${RELEASE}/rollcall_alerts/templates/rollcall.alerts.yml`,
      alerts.get(alertFileOf(FIREHOSE)) ?? '',
    ],
    [
      `${RELEASE}/rollcall_dashboards/templates/rollcall.json`,
      dashboards.get(dashboardFileOf(FIREHOSE)) ?? '',
    ],
  ]);
}

/** The files that are missing or different below a root. */
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

/** A BOSH release takes files only from its own folder. */
const RELEASE = 'manifests/bosh-prometheus/release/jobs';

const AGENT_PAGE = 'docs/agent.md';

/** docs/agent.md, written by hand except for the list of the configuration's keys. */
const agentPage = (): string =>
  fileWith(AGENT_PAGE, { 'src/model/agent-config.ts': configurationList() });

/** From the table with which the agent checks its configuration. */
function configurationList(): string {
  const items = configKeys().map(({ name, key }) => {
    const { allowed, description, note } = key;
    const sentences =
      note === undefined ? '' : `. ${note.replaceAll(/docs\/([\w-]+\.md)/g, '[$1]($1)')}`;
    const properties = jobProperties().filter(({ sets }) => sets === name);
    const names = properties.map((one) => code(one.name)).join(', ');
    const given = typeof key.default === 'string' ? key.default : JSON.stringify(key.default);
    return item(`${code(name)}: ${description}${sentences}`, [
      `allowed: ${allowedText(allowed)}`,
      `default: ${code(given)}; property of the job: ${names === '' ? 'none' : names}`,
    ]);
  });
  return items.join('\n');
}
