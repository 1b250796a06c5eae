import { expect } from 'chai';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  panelsOf,
  parseDashboard,
  substituted,
  type DashboardJson,
  type DashboardPanel,
} from '../tools/monitoring/dashboard-json.ts';
import { rollcallDashboard } from '../../tools/monitoring/dashboards/rollcall-dashboard.ts';
import { RUNBOOK } from '../../tools/monitoring/alerts/alert-files.ts';
import {
  METRICS_ROUTES as ROUTES,
  type MetricsRoute as Route,
} from '../../tools/monitoring/metrics-routes.ts';
import { skip } from '../skip.ts';
import { waitFor } from '../wait-for.ts';
import { needsCell } from './cells.ts';
import {
  boshLabels,
  startWatchedCell,
  type BoshInstance,
  type WatchedCell,
  startRouteExporter,
} from './monitored-cells.ts';

import {
  startPrometheus,
  whyNoPrometheus,
  type Prometheus,
  type Series,
} from './monitoring-servers.ts';

const FORGOTTEN = 'aaaaaaaa-0000-4000-8000-000a';
const UNOWNED = 'bbbbbbbb-0000-4000-8000-000b';
const OUTSIDE = 'cccccccc-0000-4000-8000-000c';
const QUIET = 'dddddddd-0000-4000-8000-000d';

const BROKEN: BoshInstance = {
  deployment: 'cf',
  group: 'diego-cell',
  id: '0a1b2c3d-broken',
  ip: '10.0.4.1',
};
const BLIND: BoshInstance = {
  deployment: 'cf',
  group: 'isolated-diego-cell',
  id: '4e5f6a7b-blind',
  ip: '10.0.5.1',
};

/** What the variables at the top of the dashboard hold: every deployment and group, and the cell with the findings. */
const valuesFor = (route: Route, cell: WatchedCell) => ({
  foundation: '.*',
  deployment: '.*',
  group: '.*',
  cell: route.labels.cell === 'instance' ? cell.address : cell.bosh.id,
  __rate_interval: '10s',
});

type Values = Readonly<Record<string, string>>;

/** A dashboard as somebody looks at it: its own Prometheus, which scrapes by its route. */
class ShownDashboard {
  readonly route: Route;
  readonly json: DashboardJson;
  readonly prometheus: Prometheus;

  constructor(route: Route, prometheus: Prometheus) {
    this.route = route;
    this.json = parseDashboard(JSON.stringify(rollcallDashboard(route, RUNBOOK)));
    this.prometheus = prometheus;
  }

  /** The panels of a title, those of all cells first. */
  panel(title: string, index = 0): DashboardPanel {
    const panel = panelsOf(this.json).filter((each) => each.title === title)[index];
    if (panel === undefined) throw new Error(`no panel "${title}"`);
    return panel;
  }

  /** What Grafana would get for each query of a panel. */
  ask(panel: DashboardPanel, values: Values): Promise<readonly (readonly Series[])[]> {
    return Promise.all(
      panel.targets.map(({ expr, instant }) => {
        const query = substituted(expr, values);
        return instant ? this.prometheus.query(query) : this.prometheus.queryRange(query);
      }),
    );
  }

  /** The number that a panel shows; null is no data. */
  async number(title: string, values: Values, index = 0): Promise<number | null> {
    const [series = []] = await this.ask(this.panel(title, index), values);
    expect(series.length, `series of "${title}"`).to.be.at.most(1);
    return series[0]?.value ?? null;
  }
}

/** The agents here have no configured sensor, so there are no series of any. */
const OF_SENSORS = new Set(['Containers that sensors see', 'Sensors: up and silent']);

describe('the dashboards over a Prometheus that scraped agents', function () {
  const undo: (() => unknown)[] = [];
  const shown: ShownDashboard[] = [];
  let broken: WatchedCell;
  let blind: WatchedCell;

  before(async function () {
    needsCell(this);
    const obstacle = whyNoPrometheus();
    if (obstacle !== null) skip(this, obstacle);
    const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-'));
    undo.push(() => rmSync(folder, { recursive: true, force: true }));
    broken = await startWatchedCell(
      BROKEN,
      [FORGOTTEN, UNOWNED, OUTSIDE].map((handle) => ({ handle, kind: 'app' })),
    );
    undo.push(() => broken.cell.stop());
    blind = await startWatchedCell(BLIND, [{ handle: QUIET, kind: 'app' }]);
    undo.push(() => blind.cell.stop());
    for (const route of ROUTES) shown.push(await show(route, path.join(folder, route.id)));
  });

  after(async () => {
    for (const each of undo.toReversed()) await each();
  });

  async function show(route: Route, folder: string): Promise<ShownDashboard> {
    mkdirSync(folder);
    const cells = [broken, blind];
    const common = { folder, ruleFiles: [], alertmanager: null, intervalSeconds: 1 };
    if (route.id !== 'direct') {
      const exporter = await startRouteExporter(route, cells);
      undo.push(() => exporter.stop());
      const targets = [{ address: `127.0.0.1:${exporter.port}`, labels: {} }];
      const prometheus = await startPrometheus({ ...common, job: 'exporter', targets });
      undo.push(() => prometheus.stop());
      return new ShownDashboard(route, prometheus);
    }
    const targets = cells.map(({ address, bosh }) => ({
      address,
      labels: boshLabels(route, bosh),
    }));
    const prometheus = await startPrometheus({ ...common, job: 'rollcall', targets });
    undo.push(() => prometheus.stop());
    return new ShownDashboard(route, prometheus);
  }

  const untilShown = (dashboard: ShownDashboard, title: string, number: number): Promise<void> =>
    waitFor(`"${title}" ${number} (${dashboard.route.id})`, async () => {
      const values = valuesFor(dashboard.route, broken);
      return (await dashboard.number(title, values)) === number;
    });

  it('are green while all cells report and nothing is untracked', async () => {
    for (const dashboard of shown) {
      const values = valuesFor(dashboard.route, broken);
      await untilShown(dashboard, 'Unknown', 0);
      await waitFor('both cells', async () => (await dashboard.number('Cells', values)) === 2);
      expect(await dashboard.number('Containers', values)).to.equal(4);
      expect(await dashboard.number('Silent', values)).to.equal(0);
      expect(await dashboard.number('Cells that exist', values)).to.equal(2);
    }
  });

  it('offer the foundations, deployments, instance groups and cells that report', async () => {
    for (const { json, prometheus, route } of shown) {
      const offered: Record<string, readonly string[]> = {};
      for (const { name, type, query } of json.templating.list) {
        if (type !== 'query') continue;
        const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
        offered[name] = await prometheus.labelValues(
          label,
          substituted(selector, { foundation: 'prod', deployment: 'cf', group: 'isolated.*' }),
        );
      }
      expect(offered).to.deep.equal({
        foundation: ['prod'],
        deployment: ['cf'],
        group: ['diego-cell', 'isolated-diego-cell'],
        cell: [valuesFor(route, blind).cell],
      });
    }
  });

  it('return data for every query once there are findings and a cell that is unknown', async () => {
    await broken.cell.forget(FORGOTTEN);
    await broken.cell.loseOwner(UNOWNED);
    broken.cell.moveOut(OUTSIDE, 'all');
    await blind.cell.garden.stop();
    // Without a rep an owner that is lost must last four grace periods.
    await broken.agent.until(`container.untracked ${UNOWNED} unowned`);
    await broken.agent.until('container.untracked', 3);
    await blind.agent.until('garden.unavailable');
    let queries = 0;
    for (const dashboard of shown) {
      const values = valuesFor(dashboard.route, broken);
      await untilShown(dashboard, 'Unknown', 1);
      await waitFor(
        'three findings',
        async () => (await dashboard.number('Untracked, critical', values)) === 3,
      );
      for (const panel of panelsOf(dashboard.json)) {
        if (OF_SENSORS.has(panel.title ?? '')) continue;
        for (const series of await dashboard.ask(panel, values)) {
          expect(series, `${dashboard.route.id}: "${panel.title}"`).not.to.be.empty;
          queries += 1;
        }
      }
      expect(await dashboard.number('Unknown', values)).to.equal(1);
      expect(await dashboard.number('Garden unavailable', values)).to.equal(1);
      expect(await dashboard.number('Garden answers', values)).to.equal(1);
    }
    process.stdout.write(`      ${queries} queries of ${shown.length} dashboards returned data\n`);
  });

  it('name the containers, their apps and their cell', async () => {
    for (const dashboard of shown) {
      const values = valuesFor(dashboard.route, broken);
      for (const title of ['Untracked containers', 'Untracked containers of this cell']) {
        const [rows = []] = await dashboard.ask(dashboard.panel(title), values);
        const reported = rows.map(({ labels }) => [
          labels['handle'],
          labels['reason'],
          labels[dashboard.route.labels.cell],
        ]);
        expect(reported).to.have.deep.members([
          [FORGOTTEN, 'unknown-to-garden', values.cell],
          [UNOWNED, 'unowned', values.cell],
          [OUTSIDE, 'no-cgroup', values.cell],
        ]);
        for (const { labels, value } of rows) {
          expect(labels['app_id']).to.match(/^[0-9a-f-]{36}$/);
          expect(labels['space_id']).to.match(/^[0-9a-f-]{36}$/);
          expect(new Date(value).getUTCFullYear()).to.be.at.least(2024);
        }
      }
    }
  });

  it('count a mount that changed', async function () {
    if (broken.cell.mode === 'v2') skip(this, 'on cgroup v2 there is one hierarchy to look in');
    await broken.agent.run(['umount', '-l', '/sys/fs/cgroup/memory', '/tmp/cgroups-ab/memory']);
    await broken.agent.until('mounts.changed');
    for (const dashboard of shown) {
      const values = valuesFor(dashboard.route, broken);
      const panel = dashboard.panel('Mounts that changed within an hour: the 10 worst cells');
      await waitFor(`a changed mount (${dashboard.route.id})`, async () => {
        const [cells = []] = await dashboard.ask(panel, values);
        return cells.some(
          ({ labels, value }) => labels[dashboard.route.labels.cell] === values.cell && value > 0,
        );
      });
    }
  });

  it('choose by instance group', async () => {
    for (const dashboard of shown) {
      const values = { ...valuesFor(dashboard.route, broken), group: 'isolated-diego-cell' };
      expect(await dashboard.number('Unknown', values)).to.equal(1);
      expect(await dashboard.number('Untracked, critical', values)).to.equal(0);
    }
  });

  it('are never green where nothing is known', async () => {
    for (const dashboard of shown) {
      const values = { ...valuesFor(dashboard.route, broken), deployment: 'none', cell: 'none' };
      for (const panel of panelsOf(dashboard.json).filter(({ type }) => type === 'stat')) {
        expect(await dashboard.ask(panel, values), panel.title).to.deep.equal([[]]);
      }
    }
  });

  it('go on showing a cell whose agent has ended, with the age of its last pass', async () => {
    await blind.agent.end('TERM');
    for (const dashboard of shown) {
      const { route } = dashboard;
      const values = { ...valuesFor(route, blind), group: 'isolated-diego-cell' };
      await waitFor(
        `no cell that reports (${route.id})`,
        async () => (await dashboard.number('Cells', values)) === null,
      );
      expect(await dashboard.number('Cells that exist', values)).to.equal(1);
      const columns = await dashboard.ask(dashboard.panel('Cells', 1), values);
      expect(columns.map(({ length }) => length)).to.deep.equal([0, 0, 0, 0, 1]);
    }
  });
});
