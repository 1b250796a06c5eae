import { expect } from 'chai';
import { CLOCK, QUERY_NAMES, samplesOf } from '../../../src/cf-plugin/log-cache/queries.ts';
import { metricsText } from '../../../src/present/metrics.ts';
import { containers, LOST, report, state } from '../../present/agent-state-builder.ts';

const QUERIES = QUERY_NAMES.map((name) => samplesOf(name, 30));

describe('the queries to Log Cache', () => {
  it('ask for metrics that the agent has, under the source id that they have', () => {
    const exposed = metricsText(state({ report: report(containers(3, LOST)) }));
    for (const query of QUERIES) {
      const [, metric = '', source = ''] =
        /(rollcall_\w+)\{source_id="([\w-]+)"\}/.exec(query) ?? [];
      const line = exposed.split('\n').find((text) => text.startsWith(metric) && metric !== '');
      expect(line, query).to.be.a('string');
      // What has no source_id of its own gets that of the scrape configuration.
      const own = /source_id="([\w-]+)"/.exec(line ?? '')?.[1] ?? 'rollcall';
      expect(source, query).to.equal(own);
    }
  });

  it('have no matcher but source_id, because Log Cache takes every other for an equality', () => {
    for (const query of [CLOCK, ...QUERIES]) {
      const selectors = [...query.matchAll(/\{(.*?)\}/g)];
      expect(selectors).not.to.have.length(0);
      for (const [, matchers] of selectors) expect(matchers).to.match(/^source_id="[\w-]+"$/);
    }
  });
});
