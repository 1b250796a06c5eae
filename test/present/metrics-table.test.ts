import { expect } from 'chai';
import { METRICS, type Metric } from '../../src/present/metrics-table.ts';
import { metricsText } from '../../src/present/metrics.ts';
import { STATES } from './agent-state-builder.ts';
import { samplesOf } from './metrics-samples.ts';

describe('the table of metrics', () => {
  it('promises the labels and the values that there are, and no others', () => {
    const table = new Map<string, Metric>(METRICS.map((metric) => [metric.name, metric]));
    for (const make of Object.values(STATES)) {
      for (const { name, labels } of samplesOf(metricsText(make()))) {
        const known = new Map(table.get(name)?.labels.map((label) => [label.name, label.values]));
        for (const [label, value] of Object.entries(labels)) {
          const values = known.get(label);
          expect(values, `${name}{${label}}`).not.to.equal(undefined);
          if (typeof values !== 'string') expect(values).to.include(value);
        }
      }
    }
  });

  it('has names that no exporter on the way takes for something else', () => {
    for (const { name, type, labels } of METRICS as readonly Metric[]) {
      expect(name).to.match(/^rollcall(_[a-z]+)+$/);
      expect(name).not.to.match(/_(cpu|memory|disk|memory_quota|disk_quota|delta)$/);
      expect(name.endsWith('_total')).to.equal(type === 'counter');
      for (const label of labels) {
        expect(label.name.length).to.be.at.most(32);
        expect(['unit', 'deployment', 'job', 'index', 'ip', 'origin']).not.to.include(label.name);
      }
    }
  });
});
