import { expect } from 'chai';
import { dashboardFileOf, dashboardFiles } from '../../../tools/monitoring/dashboards.ts';
import { METRICS_ROUTES, type MetricsRoute } from '../../../tools/monitoring/metrics-routes.ts';
import { container, observation } from '../../present/agent-state-builder.ts';
import { skip } from '../../skip.ts';
import {
  always,
  AWAY,
  between,
  cellNumber,
  cellWith,
  finding,
  gardenAwaySince,
  heard,
  inputSeries,
  SILENT,
  since,
  type Cell,
  type Change,
} from './cell-story.ts';
import { panelsOf, parseDashboard, substituted } from './dashboard-json.ts';
import { failureOf, NO_PROMTOOL, promtoolTest, type Said } from './promtool.ts';

const LOST = finding('h-lost', 540);
/** Shows something in each panel. */
const BROKEN: Change = {
  containers: [LOST, finding('h-unowned', 540, { reason: 'unowned' })],
  report: { observations: [observation()] },
};
const WELL = cellNumber(2);
const OTHER = cellWith();
const WITH_LOST = cellWith(always({ containers: [LOST] }));
const WITH_LOST_ELSEWHERE: Cell = { ...WITH_LOST, foundation: 'test' };
const WITH_FAILED_DESTROY = cellWith(
  always({ containers: [finding('h', 540, { reason: 'no-cgroup', severity: 'warning' })] }),
);
const WITHOUT_GARDEN: Change = { report: gardenAwaySince(1200) };
const UNKNOWN = cellWith(since(20, WITHOUT_GARDEN));
const AWAY_CELL = cellWith(since(20, AWAY));
/** Its agent answers, and makes no pass any more. */
const STOPPED = cellWith(since(20, () => heard(1200)));
const BROKEN_CELL = cellWith(
  between(0, 20, BROKEN),
  since(20, { ...BROKEN, state: { mountsChanged: 1 } }),
);
const ISOLATED: Cell = {
  ...cellNumber(2, between(0, 35, WITHOUT_GARDEN), since(35, SILENT)),
  group: 'isolated',
};

interface Numbers {
  readonly cells: readonly Cell[];
  readonly minute: number;
  /** A pattern of the chosen groups. */
  readonly group: string;
  /** By the title of the panel; null: it shows none. */
  readonly panels: Readonly<Record<string, number | null>>;
}

const NUMBERS: Readonly<Record<string, Numbers>> = {
  'all is well': {
    cells: [WELL, OTHER],
    minute: 50,
    group: '.*',
    panels: { 'Untracked, critical': 0, 'Untracked, warning': 0, Unknown: 0, Silent: 0 },
  },
  'a container is untracked': {
    cells: [WELL, WITH_LOST],
    minute: 50,
    group: '.*',
    panels: { 'Untracked, critical': 1, 'Untracked, warning': 0, Unknown: 0, Silent: 0 },
  },
  'a destroy fails': {
    cells: [WELL, WITH_FAILED_DESTROY],
    minute: 50,
    group: '.*',
    panels: { 'Untracked, critical': 0, 'Untracked, warning': 1, Unknown: 0, Silent: 0 },
  },
  'a cell cannot compare': {
    cells: [WELL, UNKNOWN],
    minute: 50,
    group: '.*',
    panels: { 'Untracked, critical': 0, 'Untracked, warning': 0, Unknown: 1, Silent: 0 },
  },
  'a cell does not report any more': {
    cells: [WELL, AWAY_CELL],
    minute: 50,
    group: '.*',
    panels: { 'Untracked, critical': 0, 'Untracked, warning': 0, Unknown: 0, Silent: 1 },
  },
  'an agent makes no pass any more': {
    cells: [WELL, STOPPED],
    minute: 50,
    group: '.*',
    panels: { 'Untracked, critical': 0, 'Untracked, warning': 0, Unknown: 0, Silent: 1 },
  },
  'the same cell of another foundation has a finding, too': {
    cells: [WELL, WITH_LOST, WITH_LOST_ELSEWHERE],
    minute: 50,
    group: '.*',
    panels: { 'Untracked, critical': 2, 'Untracked, warning': 0, Unknown: 0, Silent: 0 },
  },
  'one of two cells is unknown, the other one is chosen': {
    cells: [BROKEN_CELL, ISOLATED],
    minute: 34,
    group: '.*',
    panels: {
      Unknown: 1,
      Cells: 2,
      Containers: 6,
      'Untracked, critical': 2,
      'Cells that exist': 2,
      'Garden unavailable': 1,
      'Garden answers': 1,
      Tracked: 2,
    },
  },
  'a group is chosen': {
    cells: [BROKEN_CELL, ISOLATED],
    minute: 34,
    group: 'isolated',
    panels: { Unknown: 1, 'Untracked, critical': 0 },
  },
  'an agent has ended': {
    cells: [BROKEN_CELL, ISOLATED],
    minute: 50,
    group: 'isolated',
    panels: { Cells: null, 'Cells that exist': 1 },
  },
};
const IN_EACH_PANEL = 'something in each panel';
const NOTHING_KNOWN = 'no number of cells that do not report';
const NAMED = 'containers with their apps and their cell';
const MOUNT_CHANGED = 'a mount that changed';
const OFFERED = 'the foundations, deployments, groups and cells that report';

/** A query, and what it gives: values by the text of their labels. */
interface Question {
  readonly what: string;
  readonly expr: string;
  readonly minute?: number;
  readonly samples: Readonly<Record<string, number>>;
}

const testOf = (route: MetricsRoute, cells: readonly Cell[], questions: readonly Question[]) => ({
  interval: '30s',
  input_series: inputSeries(
    route,
    cells,
    Array.from({ length: 101 }, (_, at) => at * 30),
  ),
  promql_expr_test: questions.map(({ what, expr, minute = 34, samples }) => ({
    expr: `${expr} # ${what}`,
    eval_time: `${minute}m`,
    exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
  })),
});

/** The input of `promtool test rules` for the dashboard of a route. */
function testFile(route: MetricsRoute): string {
  const { labels } = route;
  const [chosen, other] = ['10.0.1.1:9477 c1', '10.0.1.2:9477 c2'].map(
    (names) => names.split(' ')[labels.cell === 'instance' ? 0 : 1] ?? '',
  );
  const all = { foundation: '.*', deployment: '.*', group: '.*', cell: `${chosen}` };
  const dashboard = parseDashboard(dashboardFiles(null).get(dashboardFileOf(route)) ?? '');
  const queriesOf = (title: RegExp, values = all) =>
    panelsOf(dashboard)
      .filter((panel) => title.test(panel.title))
      .flatMap(({ type, targets }) =>
        targets.map(({ expr }) => ({
          type,
          expr: substituted(expr, { ...values, __rate_interval: '5m' }),
        })),
      );
  const numbers = Object.entries(NUMBERS).map(([what, { cells, minute, group, panels }]) => {
    const questions = Object.entries(panels).map(([title, value]): Question => {
      const [{ expr } = { expr: '' }] = queriesOf(new RegExp(`^${title}$`), { ...all, group });
      return { what, expr, minute, samples: value === null ? {} : { '{}': value } };
    });
    return testOf(route, cells, questions);
  });
  const offered = Object.entries({
    foundation: ['prod'],
    deployment: ['cf'],
    group: ['diego-cell', 'isolated'],
    cell: [chosen, other],
  }).map(([variable, values]): Question => {
    const { query = '' } = dashboard.templating.list.find(({ name }) => name === variable) ?? {};
    const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
    const samples = values.map((value) => [`{${label}="${value}"}`, 1] as const);
    const expr = `group by (${label}) (${substituted(selector, all)})`;
    return { what: OFFERED, expr, samples: Object.fromEntries(samples) };
  });
  const whose = `app_id="${container(3).app?.id}",${labels.cell}="${chosen}"`;
  const inTrouble = testOf(
    route,
    [BROKEN_CELL, ISOLATED],
    [
      ...offered,
      ...queriesOf(/./).map(({ expr }) => ({
        what: IN_EACH_PANEL,
        expr: `group(${expr})`,
        samples: { '{}': 1 },
      })),
      ...queriesOf(/./, { ...all, deployment: 'none', cell: 'none' })
        .filter(({ type }) => type === 'stat')
        .map(({ expr }) => ({ what: NOTHING_KNOWN, expr, samples: {} })),
      ...queriesOf(/^Untracked containers/).map(({ expr }) => ({
        what: NAMED,
        expr: `group by (handle, reason, app_id, ${labels.cell}) (${expr})`,
        samples: {
          [`{handle="h-lost",reason="unknown-to-garden",${whose}}`]: 1,
          [`{handle="h-unowned",reason="unowned",${whose}}`]: 1,
        },
      })),
      ...queriesOf(/^Mounts that changed/).map(({ expr }) => ({
        what: MOUNT_CHANGED,
        expr: `group by (${labels.cell}) (${expr} > 0)`,
        samples: { [`{${labels.cell}="${chosen}"}`]: 1 },
      })),
    ],
  );
  return JSON.stringify({ tests: [...numbers, inTrouble] });
}

for (const route of METRICS_ROUTES) {
  describe(`the dashboard for metrics ${route.title}`, () => {
    let said: Said | null = null;
    before(async () => {
      said = await promtoolTest(testFile(route));
    });

    const itIsSo = (title: string, what: string): void => {
      it(title, function () {
        if (said === null) skip(this, NO_PROMTOOL);
        expect(failureOf(what, said)).to.equal('');
      });
    };
    for (const what of Object.keys(NUMBERS)) itIsSo(`has the right numbers when ${what}`, what);
    for (const what of [IN_EACH_PANEL, NOTHING_KNOWN, NAMED, MOUNT_CHANGED, OFFERED])
      itIsSo(`shows ${what}`, what);
  });
}
