import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isOfCell, REASONS } from '../../../src/model/finding.ts';
import { METRICS } from '../../../src/present/metrics.ts';
import { REASON_TEXTS } from '../../../tools/reason-texts.ts';
import { root } from '../../../tools/bootstrap/place.mjs';
import { inWords, secondsOf, THRESHOLDS } from '../../../tools/monitoring/alerts/alert.ts';
import { dashboardFileOf, dashboardFiles, SOURCE } from '../../../tools/monitoring/dashboards.ts';
import { METRICS_ROUTES, seriesName } from '../../../tools/monitoring/metrics-routes.ts';
import { panelsOf, parseDashboard, variablesIn, type DashboardPanel } from './dashboard-json.ts';

/** As of the alerts. */
const MAX_CHARACTERS = 300;

const COLUMNS = 24;

/** The variable by which the reader of a dashboard chooses a data source. */
const DATASOURCE = '${datasource}';

const files = dashboardFiles(null);

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
    describe(file, () => {
      const dashboard = parseDashboard(json);
      const panels = panelsOf(dashboard);

      it('has each panel in a place of its own, within the edges', () => {
        const ids = dashboard.panels.map(({ id }) => id);
        expect(new Set(ids).size).to.equal(ids.length);
        const taken = dashboard.panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
          expect(x >= 0 && w > 0 && x + w <= COLUMNS, title).to.equal(true);
          return Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`);
        });
        expect(new Set(taken).size).to.equal(taken.length);
      });

      it('says in each panel what it shows, and never in green that nothing is known', () => {
        for (const { title, type, description, fieldConfig } of panels) {
          for (const text of [title, description, fieldConfig.defaults.noValue])
            expect(text, title).to.match(/./);
          // A panel without data gets the colour of the step without a lower limit.
          const steps = fieldConfig.defaults.thresholds?.steps ?? [];
          if (type === 'stat') expect(steps, title).not.to.be.empty;
          const unbound = steps.filter(({ value }) => value === null);
          expect(
            unbound.map(({ color }) => color),
            title,
          ).not.to.include('green');
        }
      });

      it('asks the data source that its reader chooses, of the present where it shows it', () => {
        for (const { title, type, datasource, targets } of panels) {
          const refIds = new Set(targets.map(({ refId }) => refId));
          expect(refIds.size, title).to.equal(targets.length).and.be.above(0);
          expect(datasource.uid, title).to.equal(DATASOURCE);
          for (const { expr, instant, range, datasource: own } of targets) {
            expect(expr, title).to.match(/./).and.have.length.at.most(MAX_CHARACTERS);
            // A query without a data source asks that of its panel.
            expect(own, title).to.equal(undefined);
            // Grafana would show the last value of a range long after the series ended.
            if (type !== 'timeseries')
              expect({ instant, range }, title).to.deep.equal({ instant: true, range: false });
          }
        }
      });

      it('defines every variable that it names', () => {
        const texts = [
          ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
          ...dashboard.panels.map(({ title }) => title),
          ...dashboard.panels.map(({ options }) => options?.content ?? ''),
          ...dashboard.templating.list.map(({ query }) => query),
          ...dashboard.links.map(({ url }) => url),
          DATASOURCE,
        ];
        const defined = dashboard.templating.list.map(({ name }) => name);
        expect([...defined, '__rate_interval']).to.include.members(texts.flatMap(variablesIn));
      });
    });
  }

  it('have the schema version that the documentation states', () => {
    const text = readFileSync(path.join(root, 'manifests/dashboards/README.md'), 'utf8');
    for (const json of files.values()) {
      expect(text).to.contain(`schema version ${parseDashboard(json).schemaVersion}`);
    }
  });

  it('show the same panels on every route', () => {
    const [first, ...others] = [...files.values()].map((json) =>
      panelsOf(parseDashboard(json)).map(({ title, gridPos }) => ({ title, gridPos })),
    );
    for (const other of others) expect(other).to.deep.equal(first);
  });

  for (const route of METRICS_ROUTES) {
    it(`name only series and labels of their route (${route.id})`, () => {
      const dashboard = parseDashboard(files.get(dashboardFileOf(route)) ?? '');
      const panels = panelsOf(dashboard);
      const series = METRICS.map(({ name }) => seriesName(route, name));
      const { foundation, deployment, group, index, cell } = route.labels;
      const labels = [
        ...METRICS.flatMap((metric) => metric.labels.map(({ name }) => name)),
        foundation,
        deployment,
        group,
        index,
        cell,
        'job',
      ];
      const variables = dashboard.templating.list.filter(({ type }) => type === 'query');
      for (const query of [
        ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
        ...variables.map((variable) => variable.query),
      ]) {
        expect(series).to.include.members(query.match(/\w*rollcall_\w+/g) ?? []);
        const matched = [...query.matchAll(/(\w+)(?:=|!=|=~|!~)"/g)].map(([, name]) => name);
        expect(labels).to.include.members(matched);
        for (const [, list = ''] of query.matchAll(/by \(([^()]+)\)/g)) {
          const grouped = list.split(', ');
          expect(labels).to.include.members(grouped);
          expect(new Set(grouped).size, list).to.equal(grouped.length);
        }
      }
      const columns = panels.flatMap(({ type, transformations }) =>
        type === 'table'
          ? transformations.flatMap(({ options }) => options.include?.names ?? [])
          : [],
      );
      expect(columns).to.include.members([foundation, deployment, group, cell]);
      expect(labels).to.include.members(columns.filter((name) => !name.startsWith('Value')));
    });
  }
});

describe('what the dashboard and the alerts share', () => {
  const { panels } = parseDashboard(files.get(SOURCE) ?? '');
  const panel = (title: string, type: DashboardPanel['type'] = 'stat'): DashboardPanel =>
    panels.find((each) => each.title === title && each.type === type) ??
    expect.fail(`no panel ${title}`);

  it('is for how long a pass is current', () => {
    const seconds = secondsOf(THRESHOLDS.fresh);
    const silent = panel('Silent');
    expect(silent.targets[0]?.expr).to.match(new RegExp(`> bool ${seconds}\\)$`));
    expect(silent.description).to.contain(`in the last ${inWords(THRESHOLDS.fresh)}.`);
    for (const title of ['Last pass', 'Oldest last pass']) {
      const { steps = [] } = panel(title).fieldConfig.defaults.thresholds ?? {};
      expect(steps.at(-1), title).to.deep.equal({ value: seconds, color: 'purple' });
    }
    const { overrides } = panel('Cells', 'table').fieldConfig;
    const ofColumn = overrides.find(({ matcher }) => matcher.options === 'Last pass');
    expect(JSON.stringify(ofColumn)).to.contain(`{"color":"purple","value":${seconds}}`);
  });

  it('is which reasons count containers that are tracked', () => {
    for (const severity of ['critical', 'warning'] as const) {
      const left = [
        ...(panel(`Untracked, ${severity}`).targets[0]?.expr.matchAll(/reason!="([^"]+)"/g) ?? []),
      ].map(([, reason]) => reason);
      expect(left).to.deep.equal(REASONS.filter((reason) => isOfCell(reason, severity)));
    }
  });

  it('is what each reason means', () => {
    const { content } = panel('What the words mean', 'text').options;
    for (const reason of REASONS) {
      expect(content).to.contain(
        `- [**${reason}**](\${runbook}#${reason}): ${REASON_TEXTS[reason].meaning}`,
      );
    }
  });
});
