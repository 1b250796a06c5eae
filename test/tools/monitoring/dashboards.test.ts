import { defaultDashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { expect } from 'chai';
import { readFileSync, writeFileSync } from 'node:fs';
import path, { join } from 'node:path';
import { inTemporaryFolder } from '../../temporary-folder.ts';
import { AWAY, cellThat, finding, GONE, heard, MINUTE, type Cell } from './cell-story.ts';
import { promtool } from './promtool.ts';
import { inputSeries } from './scenario.ts';
import { root } from '../../../tools/bootstrap/place.mjs';
import {
  faultsOf,
  panelsOf,
  parseDashboard,
  substituted,
  variablesIn,
  type DashboardJson,
  type DashboardPanel,
} from '../../../tools/monitoring/dashboards/dashboard-json.ts';
import { dashboardFiles } from '../../../tools/monitoring/dashboards/rollcall-dashboard.ts';
import { ofFoundation } from '../../../tools/monitoring/dashboards/selectors.ts';
import { verdictOfAll, VERDICTS } from '../../../tools/monitoring/dashboards/verdicts.ts';
import { METRICS_ROUTES } from '../../../tools/monitoring/metrics-routes.ts';

const files = dashboardFiles(null);
const one = (): DashboardJson =>
  parseDashboard(files.get('manifests/dashboards/rollcall.json') ?? '');

describe('the dashboards', () => {
  it('are one for each route, each with a name and uid of its own', () => {
    expect([...files.keys()]).to.deep.equal([
      'manifests/dashboards/rollcall.json',
      'manifests/dashboards/rollcall.firehose.json',
      'manifests/dashboards/rollcall.healthwatch.json',
    ]);
    const parsed = [...files.values()].map(parseDashboard);
    expect(new Set(parsed.map(({ uid }) => uid)).size).to.equal(3);
    expect(new Set(parsed.map(({ title }) => title)).size).to.equal(3);
  });

  for (const [file, json] of files) {
    it(`${file} has no fault`, () => {
      expect(faultsOf(parseDashboard(json))).to.deep.equal([]);
    });
  }

  it('have the schema version of the SDK, which the documentation states', () => {
    const { schemaVersion } = defaultDashboard();
    for (const json of files.values()) {
      expect(parseDashboard(json).schemaVersion).to.equal(schemaVersion);
    }
    const text = readFileSync(path.join(root, 'docs/dashboards.md'), 'utf8');
    expect(text).to.contain(`schema version ${schemaVersion}`);
  });

  it('show the same panels on every route', () => {
    const [first, ...others] = [...files.values()].map((json) =>
      panelsOf(parseDashboard(json)).map(({ title, gridPos }) => ({ title, gridPos })),
    );
    for (const other of others) expect(other).to.deep.equal(first);
  });

  it('name no series of another route', () => {
    const text = (file: string): string => files.get(`manifests/dashboards/${file}`) ?? '';
    expect(text('rollcall.firehose.json')).not.to.match(/[^_]rollcall_(?:containers|untracked)\{/);
    expect(text('rollcall.firehose.json')).to.contain(
      'firehose_counter_event_rollcall_rollcall_reconciles_total_total{',
    );
    expect(text('rollcall.json')).not.to.contain('firehose');
    expect(text('rollcall.healthwatch.json')).not.to.contain('bosh_');
  });
});

describe('the faults of a dashboard', () => {
  const broken = (change: (dashboard: DashboardJson) => void): readonly string[] => {
    const dashboard = one();
    change(dashboard);
    return faultsOf(dashboard);
  };
  const verdict = (dashboard: DashboardJson): DashboardPanel => panelsOf(dashboard)[0] as never;

  it('a panel that is green when nothing is known', () => {
    const faults = broken((dashboard) => {
      verdict(dashboard).fieldConfig.defaults.thresholds = {
        steps: [{ value: null, color: 'green' }],
      };
    });
    expect(faults).to.deep.equal(['"Verdict" is green when nothing is known']);
  });

  it('a number of now that would go on being shown', () => {
    const faults = broken((dashboard) => {
      for (const target of verdict(dashboard).targets) target.instant = false;
    });
    expect(faults).to.deep.equal(['"Verdict" shows the present, so its queries must be instant']);
  });

  it('panels in one place, beyond the edge, or with one number', () => {
    const faults = broken((dashboard) => {
      Object.assign(dashboard.panels[2] ?? {}, { id: 2, gridPos: { h: 5, w: 30, x: 0, y: 1 } });
    });
    expect(faults.join('\n'))
      .to.contain('panels share a number: 1 2 2')
      .and.contain('"Untracked, critical" is wider than the dashboard')
      .and.contain('"Verdict" and "Untracked, critical" overlap');
  });

  it('a query of another data source, twice one refId, a variable that nothing defines', () => {
    const faults = broken((dashboard) => {
      const { targets } = verdict(dashboard);
      const more = {
        expr: 'up{foundation="$foundation"}',
        datasource: { type: 'prometheus', uid: 'P1' },
      };
      targets.push(...targets.map((target) => ({ ...target, ...more })));
    });
    expect(faults).to.deep.equal([
      '"Verdict": queries share a refId',
      '"Verdict" asks a fixed data source',
      'nothing defines $foundation',
    ]);
  });
});

describe('variables in a query', () => {
  it('are found and replaced in both spellings', () => {
    const query = 'a{b=~"$deployment",c="${cell:raw}"}[$__rate_interval]';
    expect(variablesIn(query)).to.deep.equal(['deployment', 'cell', '__rate_interval']);
    const values = { deployment: 'cf', cell: 'x', __rate_interval: '10s' };
    expect(substituted(query, values)).to.equal('a{b=~"cf",c="x"}[10s]');
  });

  it('must have a value', () => {
    expect(() => substituted('$cell', {})).to.throw('no value for $cell');
  });
});

const ALL_TRACKED = 0;
const UNTRACKED = 1;
const COULD_NOT_TELL = 2;
const BOTH = 3;

const well = cellThat(2, (t) => heard(t));
const until20 =
  (then: Cell['at']): Cell['at'] =>
  (t) =>
    t < 20 * MINUTE ? heard(t) : then(t);
const LOST = finding('h-lost', 540);

const CASES: readonly (readonly [what: string, cells: readonly Cell[], verdict: number])[] = [
  ['all is well', [well, cellThat(1, (t) => heard(t))], ALL_TRACKED],
  [
    'a container is untracked',
    [well, cellThat(1, (t) => heard(t, { containers: [LOST] }))],
    UNTRACKED,
  ],
  [
    'a cell does not report any more',
    [
      well,
      cellThat(
        1,
        until20(() => AWAY),
      ),
    ],
    COULD_NOT_TELL,
  ],
  [
    'a cell does not report, and another one has a finding',
    [
      cellThat(2, (t) => heard(t, { containers: [LOST] })),
      cellThat(
        1,
        until20(() => GONE),
      ),
    ],
    BOTH,
  ],
  [
    'a cell has come back under another address',
    [
      well,
      cellThat(
        1,
        until20(() => GONE),
      ),
      cellThat(1, (t) => (t < 24 * MINUTE ? GONE : heard(t)), '10.0.9.9'),
    ],
    ALL_TRACKED,
  ],
];

for (const route of METRICS_ROUTES) {
  describe(`the verdict on the dashboard for metrics ${route.title}`, () => {
    for (const [what, cells, verdict] of CASES)
      it(`is "${VERDICTS[verdict]?.text}" when ${what}`, function () {
        return inTemporaryFolder((folder) => {
          const times = Array.from({ length: 101 }, (_, at) => at * 30);
          const expr = verdictOfAll(ofFoundation(route)).replaceAll(/\$\w+/g, '.*');
          const file = join(folder, 'verdict.json');
          writeFileSync(
            file,
            JSON.stringify({
              tests: [
                {
                  interval: '30s',
                  input_series: inputSeries(route, cells, times),
                  promql_expr_test: [
                    { expr, eval_time: '50m', exp_samples: [{ labels: '{}', value: verdict }] },
                  ],
                },
              ],
            }),
          );
          const { passes, says } = promtool(this, 'test', 'rules', file);
          expect(passes, says.slice(0, 3000)).to.equal(true);
        });
      });
  });
}
