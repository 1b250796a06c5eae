import { expect } from 'chai';
import { dashboardFileOf, dashboardFiles } from '../../../tools/monitoring/dashboards.ts';
import { METRICS_ROUTES, type MetricsRoute } from '../../../tools/monitoring/metrics-routes.ts';
import { container, observation } from '../../present/agent-state-builder.ts';
import { rowsOf } from '../../rows.ts';
import { skip } from '../../skip.ts';
import {
  cellOf,
  finding,
  gardenAwaySince,
  heard,
  inputSeries,
  type Cell,
  type Change,
  type Moments,
} from './cell-story.ts';
import { panelsOf, parseDashboard, substituted } from './dashboard-json.ts';
import { failureOf, NO_PROMTOOL, promtoolTest, type Said } from './promtool.ts';

const LOST = finding('h-lost', 540);
/** Shows something in each panel. */
const BROKEN: Change = {
  containers: [LOST, finding('h-unowned', 540, { reason: 'unowned' })],
  report: { observations: [observation()] },
};
const MOMENTS: Moments = {
  lost: { containers: [LOST] },
  failing: { containers: [finding('h', 540, { reason: 'no-cgroup', severity: 'warning' })] },
  'garden-away': { report: gardenAwaySince(1200) },
  stopped: () => heard(1200),
  broken: BROKEN,
  'broken-and-remounted': { ...BROKEN, state: { mountsChanged: 1 } },
};
const told = (timeline: string, number = 1): Cell => cellOf(timeline, MOMENTS, number);
const CELLS: Readonly<Record<string, Cell>> = {
  well: told('healthy', 2),
  other: told('healthy'),
  lost: told('lost'),
  'lost-elsewhere': { ...told('lost'), foundation: 'test' },
  failing: told('failing'),
  unknown: told('garden-away 20'),
  away: told('away 20'),
  stopped: told('stopped 20'),
  broken: told('broken 0 20, broken-and-remounted 20'),
  isolated: { ...told('garden-away 0 35, silent 35', 2), group: 'isolated' },
};

/** Numbers of panels, on these cells at a minute, for the chosen groups. */
const NUMBERS = `
all is well | well other | 50 | .* | Untracked, critical 0; Untracked, warning 0; Unknown 0; Silent 0
a container is untracked | well lost | 50 | .* | Untracked, critical 1; Untracked, warning 0; Unknown 0; Silent 0
a destroy fails | well failing | 50 | .* | Untracked, critical 0; Untracked, warning 1; Unknown 0; Silent 0
a cell cannot compare | well unknown | 50 | .* | Untracked, critical 0; Untracked, warning 0; Unknown 1; Silent 0
a cell does not report any more | well away | 50 | .* | Untracked, critical 0; Untracked, warning 0; Unknown 0; Silent 1
an agent makes no pass any more | well stopped | 50 | .* | Untracked, critical 0; Untracked, warning 0; Unknown 0; Silent 1
the same cell of another foundation has a finding, too | well lost lost-elsewhere | 50 | .* | Untracked, critical 2; Untracked, warning 0; Unknown 0; Silent 0
one of two cells is unknown, the other one is chosen | broken isolated | 34 | .* | Unknown 1; Cells 2; Containers 6; Untracked, critical 2; Cells that exist 2; Garden unavailable 1; Garden answers 1; Tracked 2
a group is chosen | broken isolated | 34 | isolated | Unknown 1; Untracked, critical 0
an agent has ended | broken isolated | 50 | isolated | Cells none; Cells that exist 1
`;
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

const testOf = (route: MetricsRoute, names: string, questions: readonly Question[]) => ({
  interval: '30s',
  input_series: inputSeries(
    route,
    names.split(' ').flatMap((name) => CELLS[name] ?? []),
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
  const numbers = rowsOf(NUMBERS).map(([what = '', cells = '', minute, group = '', shown = '']) => {
    const questions = shown.split('; ').map((text): Question => {
      const [, title = '', value] = /^(.*) (\S+)$/.exec(text) ?? [];
      const [{ expr } = { expr: '' }] = queriesOf(new RegExp(`^${title}$`), { ...all, group });
      const samples = value === 'none' ? {} : { '{}': Number(value) };
      return { what, expr, minute: Number(minute), samples };
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
  const inTrouble = testOf(route, 'broken isolated', [
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
  ]);
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
    for (const [what = ''] of rowsOf(NUMBERS)) itIsSo(`has the right numbers when ${what}`, what);
    for (const what of [IN_EACH_PANEL, NOTHING_KNOWN, NAMED, MOUNT_CHANGED, OFFERED])
      itIsSo(`shows ${what}`, what);
  });
}
