import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { logCacheQuery, metricsPage } from '../../../tools/monitoring/metrics-page.ts';
import { METRICS_ROUTES } from '../../../tools/monitoring/metrics-routes.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';
import { promtool } from './promtool.ts';
import { METRICS, type Metric } from '../../../src/present/metrics.ts';

const page = metricsPage();

describe('docs/metrics.md', () => {
  it('has a section for every metric, with its help, its labels and a query', () => {
    for (const { name, type, help, labels } of METRICS) {
      const text = page.split(`## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
      expect(text.replaceAll('\n', ' '), name).to.contain(`A ${type}. ${help}`);
      for (const label of labels) expect(text).to.contain(`| \`${label.name}\` |`);
      expect(text).to.match(/^ {4}cf query '/m);
    }
  });

  it('counts 27 series beside the findings', () => {
    const counts = [...page.matchAll(/^\| \[`rollcall_.*\| (\d+) \|$/gm)].map(([, n]) => Number(n));
    expect(counts.reduce((sum, count) => sum + count, 0)).to.equal(27);
  });

  it('names every metric as it is called on each route', () => {
    for (const route of METRICS_ROUTES) {
      for (const { name, type } of METRICS) {
        expect(page).to.contain(`| \`${name}\` | \`${route.metric(name, type)}\` |`);
      }
    }
    expect(page).to.contain('firehose_counter_event_rollcall_rollcall_reconciles_total_total');
    expect(page).to.contain('firehose_value_metric_rollcall_rollcall_garden_up');
  });

  it('has only queries that Prometheus understands', function () {
    return inTemporaryFolder((folder) => {
      const queries = METRICS.flatMap((metric: Metric) =>
        metric.queries.flatMap(([, query]) => [query, logCacheQuery(metric, query) ?? query]),
      );
      const rules = queries.map((expr, index) => ({ record: `query_${index}`, expr }));
      const file = join(folder, 'queries.json');
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
      const { passes, says } = promtool(this, 'check', 'rules', file);
      expect(passes, says).to.equal(true);
    });
  });

  it('asks Log Cache with a source_id in each selector, with = alone, and no longer than it keeps values', () => {
    for (const metric of METRICS as readonly Metric[]) {
      for (const [, query] of metric.queries) {
        const logCache = logCacheQuery(metric, query);
        if (logCache === null) continue;
        const selectors = [...logCache.matchAll(/rollcall_\w+(\{[^}]*\})?/g)];
        for (const [, matchers = ''] of selectors) {
          expect(matchers).to.match(/source_id="rollcall(-findings|-heartbeat)?"/);
          expect(matchers).not.to.match(/!=|=~|!~/);
        }
        expect(logCache).not.to.match(/last_over_time|\[\d+h\]/);
      }
    }
  });
});
