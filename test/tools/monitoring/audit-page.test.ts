import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { METRICS } from '../../../src/present/metrics.ts';
import { MESSAGES } from '../../../src/model/agent-state.ts';
import { root } from '../../../tools/bootstrap/place.mjs';
import { FIREHOSE } from '../../../tools/monitoring/metrics-routes.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { promtool } from './promtool.ts';

const page = readFileSync(join(root, 'docs/audit.md'), 'utf8');
const queries = Array.from(page.matchAll(/```promql\n([^]*?)```/g), ([, text = '']) => text.trim());

/**
 * Ten minutes of two cells; the second has a finding, cannot tell for a while, and loses its agent.
 */
const SERIES: Readonly<Record<string, string>> = {
  'up{job="rollcall",instance="c1"}': '1x10',
  'up{job="rollcall",instance="c2"}': '1x10',
  'up{job="rollcall",instance="c3"}': '0x10',
  'rollcall_build_info{instance="c1"}': '1x10',
  'rollcall_build_info{instance="c2"}': '1x5',
  'rollcall_containers{instance="c1",status="untracked"}': '0x10',
  'rollcall_containers{instance="c2",status="untracked"}': '0 0 2 2 0 0',
  'rollcall_untracked_since_timestamp_seconds{instance="c2",handle="h",reason="unowned"}':
    '_ _ 9 9',
  'rollcall_untracked_since_timestamp_seconds{instance="c1",handle="d",drill="true"}': '_ 9',
  'rollcall_could_not_tell{instance="c1"}': '0x10',
  'rollcall_could_not_tell{instance="c2"}': '0 1 0 1 0 0',
  'rollcall_last_reconcile_timestamp_seconds{instance="c1"}': '0+60x10',
  'rollcall_last_reconcile_timestamp_seconds{instance="c2"}': '0 60 60 60 240 300',
  'rollcall_reconciles_total{instance="c1",result="ok"}': '0+4x10',
  'firehose_value_metric_rep_capacity_total_memory{bosh_job_id="c1"}': '1x10',
  'firehose_value_metric_rep_capacity_total_memory{bosh_job_id="c3"}': '1x10',
  'firehose_value_metric_rollcall_rollcall_build_info{bosh_job_id="c1"}': '1x10',
};

const sample = (labels: string, value: number) => ({ labels, value });
/** Of each query of the page, in its order. */
const EXPECTED = [
  [sample('{instance="c2"}', 2)],
  [sample('{instance="c2", handle="h", reason="unowned"}', 1)],
  [sample('{instance="c2"}', 2 / 6)],
  [sample('{instance="c2"}', 300)],
  [sample('{instance="c1"}', 40)],
  [sample('{instance="c2"}', 6 / 11)],
  [sample('{instance="c3"}', 1)],
  [sample('{}', 1)],
  [sample('{bosh_job_id="c3"}', 1)],
];

/**
 * Whoever is asked for evidence copies these queries and believes the answer, even an empty one.
 */
describe('docs/audit.md', () => {
  it('has queries that answer what it says', function () {
    expect(queries).to.have.length(EXPECTED.length);
    const tests = queries.map((query, at) => ({
      expr: query.replaceAll('[30d', '[11m'),
      eval_time: '10m',
      exp_samples: EXPECTED[at],
    }));
    const text = JSON.stringify({
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          input_series: Object.entries(SERIES).map(([series, values]) => ({ series, values })),
          promql_expr_test: tests,
        },
      ],
    });
    const folder = temporaryFolder();
    const file = join(folder, 'audit.json');
    writeFileSync(file, text);
    const { passes, says } = promtool(this, 'test', 'rules', file);
    expect(passes, says).to.equal(true);
  });

  it('names series and messages that exist, and asks a month each time', () => {
    const names = new Set<string>(METRICS.map(({ name }) => name));
    const firehose = new Set(METRICS.map(({ name, type }) => FIREHOSE.metric(name, type)));
    for (const [name] of queries.join('\n').matchAll(/\b\w*rollcall_\w+/g))
      expect(names.has(name) || firehose.has(name), name).to.equal(true);
    for (const query of queries) expect(query).to.contain('[30d');
    for (const [, message] of page.matchAll(/`(rollcall\.[a-z.-]+)`/g))
      if (message !== 'rollcall.*') expect(MESSAGES).to.include(message);
  });
});
