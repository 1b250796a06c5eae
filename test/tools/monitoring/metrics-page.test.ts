import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { WARNING_REASONS } from '../../../src/model/cell-warning.ts';
import { UNTRACKED_KINDS } from '../../../src/model/finding.ts';
import { logCacheQuery, metricsPage } from '../../../tools/monitoring/metrics-page.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { promtool } from './promtool.ts';
import { METRICS, type Metric } from '../../../src/present/metrics.ts';

const page = metricsPage();

describe('docs/metrics.md', () => {
  it('counts the series that are always there', () => {
    const counts = [...page.matchAll(/^\| \[`rollcall_.*\| (\d+) \|$/gm)].map(([, n]) => Number(n));
    const byReason = UNTRACKED_KINDS.length + WARNING_REASONS.length;
    expect(counts.reduce((sum, count) => sum + count, 0)).to.equal(17 + byReason);
  });

  it('has only queries that Prometheus understands', function () {
    const folder = temporaryFolder();
    const queries = METRICS.flatMap((metric: Metric) =>
      metric.queries.flatMap(([, query]) => [query, logCacheQuery(metric, query) ?? query]),
    );
    const rules = queries.map((expr, index) => ({ record: `query_${index}`, expr }));
    const file = join(folder, 'queries.json');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    const { passes, says } = promtool(this, 'check', 'rules', file);
    expect(passes, says).to.equal(true);
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
