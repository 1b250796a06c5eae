import { defaultDashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { panelsOf, parseDashboard, variablesIn } from './dashboard-json.ts';
import { root } from '../../../tools/bootstrap/place.mjs';
import { dashboardFiles } from '../../../tools/monitoring/dashboards/rollcall-dashboard.ts';
import { DATASOURCE } from '../../../tools/monitoring/dashboards/panels.ts';

/** As of the alerts. */
const MAX_CHARACTERS = 300;

const COLUMNS = 24;

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
          expect(datasource.uid, title).to.equal(DATASOURCE.uid);
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
          DATASOURCE.uid,
        ];
        const defined = dashboard.templating.list.map(({ name }) => name);
        expect([...defined, '__rate_interval']).to.include.members(texts.flatMap(variablesIn));
      });
    });
  }

  it('have the schema version of the SDK, which the documentation states', () => {
    const { schemaVersion } = defaultDashboard();
    for (const json of files.values()) {
      expect(parseDashboard(json).schemaVersion).to.equal(schemaVersion);
    }
    const text = readFileSync(path.join(root, 'manifests/dashboards/README.md'), 'utf8');
    expect(text).to.contain(`schema version ${schemaVersion}`);
  });

  it('show the same panels on every route', () => {
    const [first, ...others] = [...files.values()].map((json) =>
      panelsOf(parseDashboard(json)).map(({ title, gridPos }) => ({ title, gridPos })),
    );
    for (const other of others) expect(other).to.deep.equal(first);
  });
});
