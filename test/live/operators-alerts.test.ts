import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { alertFileOf } from '../../tools/monitoring/alerts/alert-files.ts';
import { DIRECT } from '../../tools/monitoring/metrics-routes.ts';
import { skip } from '../skip.ts';
import { waitFor } from '../wait-for.ts';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { startCell } from '../../src/demo-cell/cell/start-cell.ts';
import { needsCell } from './cells.ts';
import {
  startAlertmanager,
  startPrometheus,
  startWebhook,
  whyNoAlertmanager,
  whyNoPrometheus,
  type ArrivedAlert,
  type Webhook,
} from './monitoring-servers.ts';
import { rollcall } from './rollcall.ts';
import { RunningAgent, STATUS_SOCKET } from './running-agent.ts';

const FORGOTTEN = 'aaaaaaaa-0000-4000-8000-000a';
const HEALTHY = 'bbbbbbbb-0000-4000-8000-000b';
const CELL_ID = '0a1b2c3d-lost';
/** What service discovery adds. */
const LABELS = {
  environment: 'prod',
  bosh_deployment: 'cf',
  bosh_job_name: 'diego-cell',
  bosh_job_id: CELL_ID,
  bosh_job_ip: '10.0.4.1',
};

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly object[] }[];
}

/**
 * The rules as they ship, in a hurry: evaluated with every scrape, and an alert fires and ends at once. What the waiting is good
 * for is shown by the tests of the rules over time lines; here the way to the pager is.
 */
function hurried(shipped: string): string {
  const { groups } = parse(shipped) as RuleFile;
  return stringify({
    groups: groups.map(({ name, rules }) => ({
      name,
      interval: '1s',
      rules: rules.map((rule) => ('alert' in rule ? { ...rule, for: '0s' } : rule)),
    })),
  });
}

describe('an alert on its way from the cell to the pager', function () {
  const undo: (() => unknown)[] = [];
  let cell: Cell;
  let pager: Webhook;

  before(async function () {
    needsCell(this);
    const obstacle = whyNoPrometheus() ?? whyNoAlertmanager();
    if (obstacle !== null) skip(this, obstacle);
    const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-'));
    undo.push(() => rmSync(folder, { recursive: true, force: true }));
    const rules = path.join(folder, 'rollcall.rules.yml');
    const shipped = new URL(`../../${alertFileOf(DIRECT)}`, import.meta.url);
    writeFileSync(rules, hurried(readFileSync(shipped, 'utf8')));
    cell = await startCell({ label: 'alerts' });
    undo.push(() => cell.stop());
    for (const handle of [FORGOTTEN, HEALTHY]) await cell.create({ handle, kind: 'app' });
    const agent = new RunningAgent(cell);
    await agent.prepare({});
    agent.start();
    await agent.until('mounts.chosen');
    pager = await startWebhook();
    undo.push(() => pager.stop());
    const alertmanager = await startAlertmanager(folder, pager.url);
    undo.push(() => alertmanager.stop());
    const prometheus = await startPrometheus({
      folder,
      job: 'rollcall',
      targets: [{ address: `127.0.0.1:${agent.port}`, labels: LABELS }],
      ruleFiles: [rules],
      alertmanager: alertmanager.url,
      intervalSeconds: 1,
    });
    undo.push(() => prometheus.stop());
  });

  after(async () => {
    for (const each of undo.toReversed()) await each();
  });

  const arrival = async (status: ArrivedAlert['status'], name: string): Promise<ArrivedAlert> => {
    const found = (): ArrivedAlert | undefined =>
      pager.alerts.find((one) => one.status === status && one.labels['alertname'] === name);
    await waitFor(`${name} ${status}`, () => found() !== undefined);
    return found() as ArrivedAlert;
  };

  it('says how many, where and what is wrong once Garden has forgotten a container', async () => {
    expect(pager.alerts).to.be.empty;
    await cell.forget(FORGOTTEN);
    const { labels, annotations } = await arrival('firing', 'RollcallUnknownToGarden');
    expect(labels).to.deep.include({
      severity: 'critical',
      reason: 'unknown-to-garden',
      bosh_job_id: CELL_ID,
    });
    expect(annotations['summary']).to.equal(
      `1 container is untracked on cell diego-cell/${CELL_ID} of deployment cf (foundation prod): unknown-to-garden.`,
    );
    expect(annotations['description']).to.contain('A container runs that Garden does not list');
  });

  it('is resolved once the container is gone', async () => {
    await cell.kill(FORGOTTEN);
    await arrival('resolved', 'RollcallUnknownToGarden');
  });

  const drill = async (duration: string): Promise<void> => {
    const where = ['--status-socket', STATUS_SOCKET, '--for', duration];
    const { exitCode } = await rollcall(cell, ['drill', ...where]);
    expect(exitCode).to.equal(0);
  };

  it('says that a drill is one, and is resolved when the drill is over', async () => {
    await drill('10m');
    const { labels, annotations } = await arrival('firing', 'RollcallDrill');
    expect(labels).to.include({ severity: 'critical', drill: 'true' });
    expect(annotations['summary']).to.match(/^Drill: somebody is testing the alert path on cell /);
    // It ends when another one begins.
    await drill('1s');
    await arrival('resolved', 'RollcallDrill');
  });

  it('comes alone: nothing else called the pager', () => {
    const reported = pager.alerts.map(({ status, labels }) => `${labels['alertname']} ${status}`);
    expect(new Set(reported)).to.deep.equal(
      new Set([
        'RollcallUnknownToGarden firing',
        'RollcallUnknownToGarden resolved',
        'RollcallDrill firing',
        'RollcallDrill resolved',
      ]),
    );
  });
});
