import { defaultDashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ContainerReport, Report } from '../../../src/model/report.ts';
import { skip } from '../../skip.ts';
import { AWAY, cellThat, finding, heard, MINUTE, type Cell } from './cell-story.ts';
import {
  faultsOf,
  panelsOf,
  parseDashboard,
  substituted,
  variablesIn,
  type DashboardJson,
  type DashboardPanel,
} from './dashboard-json.ts';
import { failureOf, NO_PROMTOOL, promtoolTest, type Said } from './promtool.ts';
import { inputSeries } from './scenario.ts';
import { root } from '../../../tools/bootstrap/place.mjs';
import { dashboardFiles } from '../../../tools/monitoring/dashboards/rollcall-dashboard.ts';
import {
  cellsInDoubt,
  silentCells,
  untracked,
} from '../../../tools/monitoring/dashboards/expressions.ts';
import { ofFoundation } from '../../../tools/monitoring/dashboards/selectors.ts';
import { METRICS_ROUTES, type MetricsRoute } from '../../../tools/monitoring/metrics-routes.ts';

/** As of the alerts. */
const MAX_CHARACTERS = 300;

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

  it('have queries that are short enough to be read', () => {
    for (const json of files.values()) {
      for (const { title, targets } of panelsOf(parseDashboard(json))) {
        for (const { expr } of targets) expect(expr.length, title).to.be.at.most(MAX_CHARACTERS);
      }
    }
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
  const first = (dashboard: DashboardJson): DashboardPanel => panelsOf(dashboard)[0] as never;

  it('a panel that is green when nothing is known', () => {
    const faults = broken((dashboard) => {
      first(dashboard).fieldConfig.defaults.thresholds = {
        steps: [{ value: null, color: 'green' }],
      };
    });
    expect(faults).to.deep.equal(['"Untracked, critical" is green when nothing is known']);
  });

  it('a current number whose panel would keep showing an old value', () => {
    const faults = broken((dashboard) => {
      for (const target of first(dashboard).targets) target.instant = false;
    });
    expect(faults).to.deep.equal([
      '"Untracked, critical" shows the present, so its queries must be instant',
    ]);
  });

  it('a panel without a description', () => {
    const faults = broken((dashboard) => {
      Object.assign(first(dashboard), { description: '' });
    });
    expect(faults.join()).to.contain('"Untracked, critical" lacks');
  });

  it('panels in one place, beyond the edge, or with one number', () => {
    const faults = broken((dashboard) => {
      Object.assign(dashboard.panels[2] ?? {}, { id: 2, gridPos: { h: 5, w: 30, x: 0, y: 1 } });
    });
    expect(faults.join('\n'))
      .to.contain('panels share a number: 1 2 2')
      .and.contain('"Untracked, warning" is wider than the dashboard')
      .and.contain('"Untracked, critical" and "Untracked, warning" overlap');
  });

  it('a query of another data source, twice one refId, a variable that nothing defines', () => {
    const faults = broken((dashboard) => {
      const { targets } = first(dashboard);
      const more = {
        expr: 'up{region="$region"}',
        datasource: { type: 'prometheus', uid: 'P1' },
      };
      targets.push(...targets.map((target) => ({ ...target, ...more })));
    });
    expect(faults).to.deep.equal([
      '"Untracked, critical": queries share a refId',
      '"Untracked, critical" asks a fixed data source',
      'nothing defines $region',
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

interface Numbers {
  readonly critical: number;
  readonly warning: number;
  readonly inDoubt: number;
  readonly silent: number;
}
const WELL: Numbers = { critical: 0, warning: 0, inDoubt: 0, silent: 0 };

const well = cellThat(2, (t) => heard(t));
const until20 = (then: Cell['at']): Cell =>
  cellThat(1, (t) => (t < 20 * MINUTE ? heard(t) : then(t)));
const cellWith = (...containers: readonly ContainerReport[]): Cell =>
  cellThat(1, (t) => heard(t, { containers }));
const LOST = finding('h-lost', 540);
const NOT_COMPARED: Partial<Report> = {
  verdict: 'unknown',
  unknownCause: { kind: 'no-anchor', gdns: 'none' },
};

const CASES: readonly (readonly [what: string, cells: readonly Cell[], numbers: Numbers])[] = [
  ['all is well', [well, cellWith()], WELL],
  ['a container is untracked', [well, cellWith(LOST)], { ...WELL, critical: 1 }],
  [
    'a destroy fails',
    [well, cellWith(finding('h', 540, { reason: 'no-cgroup', severity: 'warning' }))],
    { ...WELL, warning: 1 },
  ],
  [
    'a cell cannot compare',
    [well, until20((t) => heard(t, { report: NOT_COMPARED }))],
    { ...WELL, inDoubt: 1 },
  ],
  ['a cell does not report any more', [well, until20(() => AWAY)], { ...WELL, silent: 1 }],
  ['an agent makes no pass any more', [well, until20(() => heard(1200))], { ...WELL, silent: 1 }],
  [
    'the same cell of another foundation has a finding, too',
    [well, cellWith(LOST), { ...cellWith(LOST), foundation: 'test' }],
    { ...WELL, critical: 2 },
  ],
];

/** What the numbers at the top of the dashboard show after 50 minutes, in each case. */
function testFile(route: MetricsRoute): string {
  const times = Array.from({ length: 101 }, (_, at) => at * 30);
  const selectors = ofFoundation(route);
  const tests = CASES.map(([what, cells, numbers]) => ({
    interval: '30s',
    input_series: inputSeries(route, cells, times),
    promql_expr_test: (
      [
        [untracked(selectors, 'critical'), numbers.critical],
        [untracked(selectors, 'warning'), numbers.warning],
        [cellsInDoubt(selectors), numbers.inDoubt],
        [silentCells(selectors), numbers.silent],
      ] as const
    ).map(([expression, value]) => ({
      expr: `${expression.replaceAll(/\$\w+/g, '.*')} # ${what}`,
      eval_time: '50m',
      exp_samples: [{ labels: '{}', value }],
    })),
  }));
  return JSON.stringify({ tests });
}

for (const route of METRICS_ROUTES) {
  describe(`the numbers at the top of the dashboard for metrics ${route.title}`, () => {
    let said: Said | null = null;
    before(async () => {
      said = await promtoolTest(testFile(route));
    });

    for (const [what] of CASES)
      it(`are right when ${what}`, function () {
        if (said === null) skip(this, NO_PROMTOOL);
        expect(failureOf(what, said)).to.equal('');
      });
  });
}
