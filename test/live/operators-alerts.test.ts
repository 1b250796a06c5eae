import { expect } from 'chai';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { alertFileOf } from '../../tools/monitoring/alerts/alert-files.ts';
import { DIRECT } from '../../tools/monitoring/metrics-routes.ts';
import { skip } from '../skip.ts';
import { waitFor } from '../wait-for.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { cellFor } from './cells.ts';
import {
  startAlertmanager,
  startPrometheus,
  startWebhook,
  whyNoAlertmanager,
  whyNoPrometheus,
  type ArrivedAlert,
} from './monitoring-servers.ts';
import { rollcall } from './rollcall.ts';
import { startAgent, STATUS_SOCKET } from './running-agent.ts';

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
 * The rules as they ship, in a hurry: evaluated with every scrape, and an alert fires and ends at
 * once. The tests of the rules over time show what the waiting is good for; this one shows that an
 * alert reaches the pager.
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

describe('an alert on its way from the cell to the pager', () => {
  it('says what is wrong and where, ends with the container, and says of a drill that it is one', async function () {
    const obstacle = whyNoPrometheus() ?? whyNoAlertmanager();
    if (obstacle !== null) skip(this, obstacle);
    const cell = await cellFor(this, {}, FORGOTTEN, HEALTHY);
    const agent = await startAgent(cell);
    await agent.until('mounts.chosen');
    const folder = temporaryFolder();
    const rules = path.join(folder, 'rollcall.rules.yml');
    const shipped = new URL(`../../${alertFileOf(DIRECT)}`, import.meta.url);
    writeFileSync(rules, hurried(readFileSync(shipped, 'utf8')));
    const pager = await startWebhook();
    atEndOfTest(pager.stop);
    const alertmanager = await startAlertmanager(folder, pager.url);
    atEndOfTest(alertmanager.stop);
    const prometheus = await startPrometheus({
      folder,
      job: 'rollcall',
      targets: [{ address: `127.0.0.1:${agent.port}`, labels: LABELS }],
      ruleFiles: [rules],
      alertmanager: alertmanager.url,
      intervalSeconds: 1,
    });
    atEndOfTest(prometheus.stop);
    const arrival = async (status: ArrivedAlert['status'], name: string): Promise<ArrivedAlert> => {
      const found = (): ArrivedAlert | undefined =>
        pager.alerts.find((one) => one.status === status && one.labels['alertname'] === name);
      await waitFor(`${name} ${status}`, () => found() !== undefined);
      return found() as ArrivedAlert;
    };
    const drill = async (duration: string): Promise<void> => {
      const where = ['--status-socket', STATUS_SOCKET, '--for', duration];
      expect((await rollcall(cell, ['drill', ...where])).exitCode).to.equal(0);
    };

    expect(pager.alerts).to.be.empty;
    await cell.forget(FORGOTTEN);
    const fired = await arrival('firing', 'RollcallUnknownToGarden');
    const what = { severity: 'critical', reason: 'unknown-to-garden', bosh_job_id: CELL_ID };
    expect(fired.labels).to.deep.include(what);
    expect(fired.annotations['summary']).to.equal(
      `1 container is untracked on cell diego-cell/${CELL_ID} of deployment cf ` +
        '(foundation prod): unknown-to-garden.',
    );
    const { description } = fired.annotations;
    expect(description).to.contain('A container runs that Garden does not list');
    await cell.kill(FORGOTTEN);
    await arrival('resolved', 'RollcallUnknownToGarden');

    await drill('10m');
    const drilled = await arrival('firing', 'RollcallDrill');
    expect(drilled.labels).to.include({ severity: 'critical', drill: 'true' });
    expect(drilled.annotations['summary']).to.match(
      /^Drill: somebody is testing the alert path on cell /,
    );
    // It ends when another one begins.
    await drill('1s');
    await arrival('resolved', 'RollcallDrill');

    const arrived = pager.alerts.map(({ status, labels }) => `${labels['alertname']} ${status}`);
    expect([...new Set(arrived)], 'nothing else called the pager').to.have.members([
      'RollcallUnknownToGarden firing',
      'RollcallUnknownToGarden resolved',
      'RollcallDrill firing',
      'RollcallDrill resolved',
    ]);
  });
});
