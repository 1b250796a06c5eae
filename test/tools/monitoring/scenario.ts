import type { Severity } from '../../../src/model/finding.ts';
import type { Cell, Moment } from './cell-story.ts';
import { RULE_GROUPS } from '../../../tools/monitoring/alerts/alert-files.ts';
import {
  DIRECT,
  METRICS_ROUTES,
  type MetricsRoute,
} from '../../../tools/monitoring/metrics-routes.ts';
import { rowsOf } from '../../rows.ts';
import { METRICS } from '../../../src/present/metrics.ts';

/** A minute of the story; one for each metrics route where they differ. */
type Minute = number | Readonly<Record<MetricsRoute['id'], number>>;

/** An alert that must fire from one minute to before another, exactly so. */
export interface Firing {
  readonly alert: string;
  readonly severity: Severity;
  readonly from: Minute;
  readonly until: Minute;
  /** Null: the alert is about the deployment. */
  readonly cell: Cell | null;
  /** Labels beside those of the cell. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description: string;
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

/** An alert of a story: the cell that it is about, and the minutes. */
export type Fires = (cell: Cell, from: Minute, until: Minute) => Firing;

/** This alert, whatever the cell and the minutes. */
export const firesOn =
  (alert: Omit<Firing, 'cell' | 'from' | 'until'>): Fires =>
  (cell, from, until) => ({ ...alert, cell, from, until });

/**
 * Stories, one a line: the title, its minutes, its cells, what fires, and the only routes. `400/60`:
 * of 400 minutes, with a step of 60 seconds. What fires is an alert with its minutes, `12` or one of
 * each route (`12/11/11`), and with its cell unless that is the first.
 */
export const storiesOf = (
  table: string,
  cells: Readonly<Record<string, Cell | readonly Cell[]>>,
  alerts: Readonly<Record<string, Fires>>,
): readonly Scenario[] => {
  const named = <T>(all: Readonly<Record<string, T>>, name: string): T => {
    const found = all[name];
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  return rowsOf(table).map(([title = '', time = '', names = '', firing = '', routes = '']) => {
    const [minutes = 0, stepSeconds = 30] = time.split('/').map(Number);
    const shown = names.split(' ').flatMap((name) => named(cells, name));
    const fires = wordsOf(firing, ';').map((words) => {
      const [alert = '', from = '', until = '', name] = words.split(' ');
      const [cell] = name === undefined ? shown : [named(cells, name)].flat();
      if (cell === undefined) throw new Error(`no cell for ${alert} in ${title}`);
      return named(alerts, alert)(cell, minuteIn(from), minuteIn(until));
    });
    const only = METRICS_ROUTES.map(({ id }) => id).filter((id) =>
      wordsOf(routes, ' ').includes(id),
    );
    return {
      title,
      minutes,
      stepSeconds,
      cells: shown,
      fires,
      ...(only.length > 0 && { routes: only }),
    };
  });
};

const wordsOf = (text: string, separator: string): readonly string[] =>
  text === '' ? [] : text.split(separator).map((word) => word.trim());

const minuteIn = (text: string): Minute => {
  const [direct = 0, firehose, healthwatch = 0] = text.split('/').map(Number);
  return firehose === undefined ? direct : { direct, firehose, healthwatch };
};

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

/** Exactly what fires in each minute in which something must, and, at the end, that nothing fired in any other. */
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
      [...Map.groupBy(now, ({ alert }) => alert)].map(([alertname, all]) => ({
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

const labelsOf = (fires: Firing, route: MetricsRoute): Readonly<Record<string, string>> => ({
  severity: fires.severity,
  service: 'rollcall',
  ...(fires.cell === null ? DEPLOYMENT[route.id] : CELL[route.id](fires.cell)),
  ...fires.labels,
});

/** The labels of the series that has a sample for each minute in which the alert fires. */
const alertSeries = (fires: Firing, route: MetricsRoute): string =>
  `{${labelsText({ alertname: fires.alert, alertstate: 'firing', ...labelsOf(fires, route) })}}`;

const expected = (fires: Firing, route: MetricsRoute): object => ({
  exp_labels: labelsOf(fires, route),
  exp_annotations: {
    summary: fires.summary,
    description: fires.description,
  },
});

type ByRoute<T> = Readonly<Record<MetricsRoute['id'], T>>;
type LabelsOfCell = (cell: Cell) => Readonly<Record<string, string>>;

const DEPLOYMENT: ByRoute<Readonly<Record<string, string>>> = {
  direct: { environment: 'prod', bosh_deployment: 'cf' },
  firehose: { environment: 'prod', bosh_deployment: 'cf' },
  healthwatch: { system_domain: 'prod', deployment: 'cf' },
};

const CELL: ByRoute<LabelsOfCell> = {
  direct: ({ index, ip }) => ({
    instance: `${ip}:9477`,
    ...DEPLOYMENT.direct,
    bosh_job_name: 'diego-cell',
    bosh_job_id: index,
  }),
  firehose: ({ index }) => ({
    ...DEPLOYMENT.firehose,
    bosh_job_name: 'diego-cell',
    bosh_job_id: index,
  }),
  healthwatch: ({ index }) => ({ ...DEPLOYMENT.healthwatch, exported_job: 'diego-cell', index }),
};

/** How long firehose_exporter shows a value by default. */
const LINGERS_SECONDS = 600;

interface InputSeries {
  readonly series: string;
  readonly values: string;
}

type Values = Map<string, (number | null)[]>;

/** The samples of some cells on a metrics route, as input of `promtool test rules`. */
export function inputSeries(
  route: MetricsRoute,
  cells: readonly Cell[],
  times: readonly number[],
): readonly InputSeries[] {
  const values: Values = new Map();
  const set = (series: string, at: number, value: number): void => {
    const row = values.get(series) ?? times.map(() => null);
    row[at] = value;
    values.set(series, row);
  };
  for (const cell of cells) {
    const labels = cellLabels(route, cell);
    for (const [at, seconds] of times.entries()) {
      for (const [series, value] of arriving(route, labels, cell.at(seconds))) {
        set(series, at, value);
      }
    }
  }
  const step = (times[1] ?? 0) - (times[0] ?? 0);
  return [...values].map(([series, row]) => ({
    series,
    values: valuesText(route.lingers ? lingering(row, Math.round(LINGERS_SECONDS / step)) : row),
  }));
}

/** The series of a cell with these labels, and their values. */
function arriving(
  { id, metric, cellAlive }: MetricsRoute,
  labels: string,
  moment: Moment,
): readonly (readonly [string, number])[] {
  const series: (readonly [string, number])[] = [];
  if (moment.kind === 'heard') {
    const origin = id === DIRECT.id ? {} : { origin: 'rollcall', source_id: 'rollcall' };
    for (const sample of moment.samples) {
      const name = metric(sample.name, TYPES.get(sample.name) ?? 'gauge');
      const own = labelsText({ ...origin, ...sample.labels });
      series.push([`${name}{${own === '' ? '' : `${own},`}${labels}}`, sample.value]);
    }
  }
  if (cellAlive.kind === 'up') {
    if (moment.kind !== 'gone') series.push([`up{${labels}}`, moment.kind === 'heard' ? 1 : 0]);
  } else if (moment.kind === 'heard' || moment.kind === 'silent') {
    series.push([`${cellAlive.series}{${labels},origin="rep"}`, 64_000]);
  }
  return series;
}

const TYPES = new Map<string, 'gauge' | 'counter'>(METRICS.map(({ name, type }) => [name, type]));

/** firehose_exporter copies bosh_*, Prometheus makes `exported_job`. */
function cellLabels(
  route: MetricsRoute,
  { index, ip, group = 'diego-cell', foundation = 'prod' }: Cell,
): string {
  const bosh = {
    environment: foundation,
    bosh_deployment: 'cf',
    bosh_job_name: group,
    bosh_job_id: index,
    bosh_job_ip: ip,
  };
  const tags = { deployment: 'cf', exported_job: group, index, ip, instance_id: index };
  switch (route.id) {
    case 'direct':
      return labelsText({ job: 'rollcall', instance: `${ip}:9477`, ...bosh });
    case 'firehose':
      return labelsText({ job: 'firehose', instance: 'exporter:9186', ...tags, ...bosh });
    case 'healthwatch':
      return labelsText({
        job: 'healthwatch-pas-exporter',
        instance: 'exporter:9090',
        system_domain: foundation,
        ...tags,
      });
    default:
      return route.id;
  }
}

const labelsText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',');

/** Repeats each value until the next one, for as long as the exporter shows it. */
const lingering = (row: readonly (number | null)[], steps: number): readonly (number | null)[] => {
  let last: { readonly value: number; readonly at: number } | null = null;
  return row.map((value, at) => {
    if (value !== null) last = { value, at };
    return last === null || at - last.at >= steps ? null : last.value;
  });
};

/** A series missing in a scrape gets a staleness mark, as Prometheus sets it. */
const valuesText = (row: readonly (number | null)[]): string =>
  row
    .map((value, at) => {
      if (value !== null) return String(value);
      return at > 0 && row[at - 1] !== null ? 'stale' : '_';
    })
    .join(' ');
