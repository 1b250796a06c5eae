import { expect } from 'chai';
import { dashboardFiles, dashboardsOf, SOURCE } from '../../../tools/monitoring/dashboards.ts';
import { hasQueries, parseDashboard, type DashboardJson } from './dashboard-json.ts';

const files = dashboardFiles(null);
const source = parseDashboard(files.get(SOURCE) ?? '');

const OWN_PROMETHEUS = { type: 'prometheus', uid: 'own-prometheus' };

/**
 * A dashboard as a Grafana exports it in which a person chose and saved.
 * @param lowest what that version writes for the threshold without a limit
 */
function exported(
  { panels, templating, ...dashboard }: DashboardJson,
  lowest: { readonly value?: null | 0 },
): string {
  const saved = {
    __requires: [{ type: 'grafana', id: 'grafana', name: 'Grafana', version: '11.6.0' }],
    id: 17,
    version: 4,
    ...dashboard,
    annotations: { list: [{ builtIn: 1, datasource: { type: 'grafana', uid: '-- Grafana --' } }] },
    panels: panels.toReversed().map((panel) => ({
      ...panel,
      ...(hasQueries(panel) && {
        datasource: OWN_PROMETHEUS,
        targets: panel.targets.map((target) => ({ ...target, datasource: OWN_PROMETHEUS })),
      }),
    })),
    templating: {
      list: templating.list.map((variable) => ({
        ...variable,
        current: { text: 'prod', value: 'prod' },
        options: [],
        ...(variable.type === 'query' && {
          query: { qryType: 1, query: variable.query, refId: 'VariableQuery' },
        }),
      })),
    },
  };
  return JSON.stringify(saved, (key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if (key === 'steps' && Array.isArray(value))
      return value.map(({ color, value: limit }: Step) =>
        limit === null ? { color, ...lowest } : { color, value: limit },
      );
    return Array.isArray(value) ? value : Object.fromEntries(Object.entries(value).toReversed());
  });
}

interface Step {
  readonly color: string;
  readonly value: number | null;
}

describe('an export from Grafana', () => {
  for (const [version, lowest] of [
    ['that writes no lowest threshold', {}],
    ['that writes null for the lowest threshold', { value: null }],
    ['that writes 0 for the lowest threshold', { value: 0 }],
  ] as const) {
    it(`${version} becomes the three files as they were`, () => {
      expect(dashboardsOf(exported(source, lowest), null)).to.deep.equal(files);
    });
  }

  it('changes every route as a person changed one', () => {
    const panels = source.panels.map((panel) =>
      panel.title === 'Cells that exist' ? { ...panel, title: 'Cells of the foundation' } : panel,
    );
    for (const [file, json] of dashboardsOf(exported({ ...source, panels }, {}), null)) {
      const before = parseDashboard(files.get(file) ?? '').panels;
      const after = parseDashboard(json).panels;
      expect(after.filter(({ title }, index) => title !== before[index]?.title)).to.have.length(1);
      expect(after.map(({ title }) => title)).to.include('Cells of the foundation');
    }
  });

  it('may be of a copy that has a uid and a title of its own', () => {
    const copy = { ...source, uid: 'ab12', title: 'rollcall copy' };
    expect(dashboardsOf(exported(copy, {}), null)).to.deep.equal(files);
  });

  it('gets the address of the runbook, and loses it again', () => {
    const address = 'https://wiki.example.com/runbook.md';
    const json = dashboardsOf(exported(source, {}), address).get(SOURCE) ?? '';
    const { list } = parseDashboard(json).templating;
    expect(list.find(({ name }) => name === 'runbook')?.query).to.equal(address);
    expect(dashboardsOf(json, null)).to.deep.equal(files);
  });

  it('is refused if it is of another route, because its names do not lead back', () => {
    const firehose = files.get('manifests/dashboards/rollcall.firehose.json') ?? '';
    expect(() => dashboardsOf(firehose, null)).to.throw(
      'manifests/dashboards/rollcall.json ' +
        'is the dashboard "rollcall (firehose_exporter in retro mode)". ' +
        'Edit and export "rollcall (scraped directly)" instead.',
    );
  });

  it('is refused while a row is collapsed, which hides its panels', () => {
    const panels = source.panels.map((panel) =>
      panel.title === 'All cells' ? { ...panel, collapsed: true } : panel,
    );
    expect(() => dashboardsOf(exported({ ...source, panels }, {}), null)).to.throw(
      'The row "All cells" of manifests/dashboards/rollcall.json is collapsed. ' +
        'Expand it in Grafana, save, and export again.',
    );
  });

  it('is refused in another schema than the classic one', () => {
    const json = '{"apiVersion": "dashboard.grafana.app/v2", "kind": "Dashboard", "spec": {}}';
    expect(() => dashboardsOf(json, null)).to.throw(
      "manifests/dashboards/rollcall.json is not a dashboard in Grafana's classic JSON: ",
    );
  });
});
