import { cellLabels, inputSeries, labelsText, type Cell, type Labels } from './cell-story.ts';
import { RULE_GROUPS } from '../../../tools/monitoring/alerts/alert-files.ts';
import {
  cell as cellPhrase,
  deployment,
  type Alert,
} from '../../../tools/monitoring/alerts/alert.ts';
import {
  deploymentIdentityOf,
  identityOf,
  type MetricsRoute,
} from '../../../tools/monitoring/metrics-routes.ts';

/** A minute of a scenario; one for each metrics route where they differ. */
type Minute = number | Readonly<Record<MetricsRoute['id'], number>>;

/** An alert that must fire from one minute to before another, exactly so. */
export interface Firing {
  readonly alert: Alert;
  /** As its texts show it. */
  readonly value: string;
  readonly from: Minute;
  readonly until: Minute;
  readonly cell: Cell;
  /** Beside those of the cell and of the alert. */
  readonly labels: Labels;
}

export interface Scenario {
  readonly title: string;
  readonly cells: readonly Cell[];
  readonly minutes: number;
  readonly stepSeconds?: number;
  /** At any other minute nothing may fire; none if not given. */
  readonly fires?: readonly Firing[];
  /** Only on these metrics routes; on all if not given. */
  readonly routes?: readonly MetricsRoute['id'][];
}

const ALERTS = RULE_GROUPS.flatMap(({ alerts }) => alerts);

/** An alert that fires about the first cell of a scenario. */
type FiringOfFirst = Omit<Firing, 'cell'>;

/**
 * @param name with the severity among its labels where several alerts have that name
 * @throws Error if there is no such alert
 */
export function firing(
  name: string,
  {
    from,
    until,
    value = '1',
    labels = {},
  }: {
    readonly from: Minute;
    readonly until: Minute;
    readonly value?: string;
    readonly labels?: Labels;
  },
): FiringOfFirst {
  const alert = ALERTS.find(
    (each) => each.name === name && each.severity === (labels['severity'] ?? each.severity),
  );
  if (alert === undefined) throw new Error(`no alert ${name}`);
  return { alert, value, labels, from, until };
}

/** A scenario whose alerts are about its first cell. */
export function scenarioWith({
  fires = [],
  ...rest
}: Omit<Scenario, 'fires'> & { readonly fires?: readonly FiringOfFirst[] }): Scenario {
  const [cell] = rest.cells;
  if (cell === undefined) throw new Error(`no cell in ${rest.title}`);
  return { ...rest, fires: fires.map((one) => ({ ...one, cell })) };
}

/** The input of `promtool test rules` for these scenarios; JSON is YAML. */
export const testFile = (
  scenarios: readonly Scenario[],
  route: MetricsRoute,
  ruleFile: string,
): string =>
  JSON.stringify({
    rule_files: [ruleFile],
    evaluation_interval: '1m',
    group_eval_order: RULE_GROUPS.map(({ name }) => name),
    tests: scenarios.map((scenario) => testOf(scenario, route)),
  });

/**
 * Exactly what fires in each minute in which something must, and, at the end, that nothing fired in
 * any other.
 */
function testOf(scenario: Scenario, route: MetricsRoute): object {
  const { title: name, cells, minutes, stepSeconds: step = 30, fires = [] } = scenario;
  const times = Array.from({ length: Math.floor((minutes * 60) / step) + 1 }, (_, at) => at * step);
  const firings = Array.from({ length: minutes + 1 }, (_, minute) =>
    fires.filter((one) => isAt(one, route, minute)),
  );
  return {
    name,
    interval: `${step}s`,
    input_series: inputSeries(route, cells, times),
    alert_rule_test: firings.flatMap((now, minute) =>
      [...Map.groupBy(now, ({ alert }) => alert.name)].map(([alertname, all]) => ({
        eval_time: `${minute}m`,
        alertname,
        exp_alerts: all.map((one) => expected(one, route)),
      })),
    ),
    promql_expr_test: [
      {
        expr: `count_over_time(ALERTS{alertstate="firing"}[${minutes + 1}m]) # ${name}`,
        eval_time: `${minutes}m`,
        exp_samples: [...Map.groupBy(firings.flat(), (one) => alertSeries(one, route))].map(
          ([labels, all]) => ({ labels, value: all.length }),
        ),
      },
    ],
  };
}

const minuteOf = (minute: Minute, route: MetricsRoute): number =>
  typeof minute === 'number' ? minute : minute[route.id];

const isAt = ({ from, until }: Firing, route: MetricsRoute, minute: number): boolean =>
  minute >= minuteOf(from, route) && minute < minuteOf(until, route);

const only = (labels: Labels, names: readonly string[]): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)));

const labelsOf = ({ alert, cell, labels }: Firing, route: MetricsRoute): Labels => ({
  severity: alert.severity,
  service: 'rollcall',
  ...only(
    cellLabels(route, cell),
    alert.name === 'RollcallFewerCells' ? deploymentIdentityOf(route) : identityOf(route),
  ),
  ...alert.labels,
  ...labels,
});

/** The labels of the series that has a sample for each minute in which the alert fires. */
const alertSeries = (fires: Firing, route: MetricsRoute): string =>
  `{${labelsText({ alertname: fires.alert.name, alertstate: 'firing', ...labelsOf(fires, route) })}}`;

function expected(fires: Firing, route: MetricsRoute): object {
  const labels = labelsOf(fires, route);
  const shown = (template: string): string => rendered(template, route, { ...fires, labels });
  return {
    exp_labels: labels,
    exp_annotations: {
      summary: shown(fires.alert.summary(route)),
      description: shown(fires.alert.description(route)),
    },
  };
}

const DEPLOYMENT = ' of deployment cf (foundation prod)';
const CHOICE = /\{\{ if (eq|ne) \$value (\S+) \}\}([^{]*)(?:\{\{ else \}\}([^{]*))?\{\{ end \}\}/;

/** What Prometheus must make of a template of an alert about the first cell. */
function rendered(
  template: string,
  route: MetricsRoute,
  { value, labels }: Pick<Firing, 'value' | 'labels'>,
): string {
  let text = template
    .replaceAll(cellPhrase(route), `cell diego-cell/c1${DEPLOYMENT}`)
    .replaceAll(deployment(route), DEPLOYMENT)
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => {
      if (labels[name] === undefined) throw new Error(`no label ${name}: ${template}`);
      return labels[name];
    })
    .replaceAll(/\{\{ \$value[^}]*\}\}/g, value);
  // The innermost first.
  while (CHOICE.test(text))
    text = text.replace(CHOICE, (_, how: string, number: string, then: string, otherwise = '') =>
      (Number.parseFloat(value) === Number(number)) === (how === 'eq') ? then : String(otherwise),
    );
  return text;
}
