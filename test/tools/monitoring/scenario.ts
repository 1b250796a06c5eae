import type { Severity } from '../../../src/model/finding.ts';
import { alertFileOf } from '../../../tools/monitoring/alerts/alert-files.ts';
import { ALERT_GROUPS } from '../../../tools/monitoring/alerts/alert-list.ts';
import type { Route } from '../../../tools/monitoring/routes.ts';
import type { Cell } from './cell-story.ts';
import { inputSeries } from './route-series.ts';

/** A minute of the story; one for each route where they differ. */
type Minute = number | Readonly<Record<Route['id'], number>>;

/** An alert that must fire at each minute from one to before another, exactly so. */
export interface Firing {
  readonly alert: string;
  readonly severity: Severity;
  readonly from: Minute;
  readonly until: Minute;
  /** Null: it is about the deployment, not about a cell. */
  readonly cell: Cell | null;
  /** Those of the finding. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description: string;
  readonly anchor: string;
}

export interface Scenario {
  readonly title: string;
  readonly cells: readonly Cell[];
  readonly minutes: number;
  readonly stepSeconds?: number;
  /** All of them: at any other minute nothing may fire. */
  readonly fires: readonly Firing[];
  /** Only there; everywhere if not given. */
  readonly routes?: readonly Route['id'][];
}

const NAMES = [...new Set(ALERT_GROUPS.flatMap(({ alerts }) => alerts.map(({ name }) => name)))];

/** The input of `promtool test rules`; JSON is YAML. */
export function testFile(scenario: Scenario, route: Route, root: string): string {
  const step = scenario.stepSeconds ?? 30;
  const length = Math.floor((scenario.minutes * 60) / step) + 1;
  const times = Array.from({ length }, (_, at) => at * step);
  const minutes = Array.from({ length: scenario.minutes + 1 }, (_, minute) => minute);
  return JSON.stringify({
    rule_files: [`${root}/${alertFileOf(route)}`],
    evaluation_interval: '1m',
    tests: [
      {
        name: scenario.title,
        interval: `${step}s`,
        input_series: inputSeries(route, scenario.cells, times),
        alert_rule_test: minutes.flatMap((minute) =>
          NAMES.map((alertname) => ({
            eval_time: `${minute}m`,
            alertname,
            exp_alerts: scenario.fires
              .filter((firing) => firing.alert === alertname && isAt(firing, route, minute))
              .map((firing) => expected(firing, route)),
          })),
        ),
      },
    ],
  });
}

const minuteOf = (minute: Minute, route: Route): number =>
  typeof minute === 'number' ? minute : minute[route.id];

const isAt = ({ from, until }: Firing, route: Route, minute: number): boolean =>
  minute >= minuteOf(from, route) && minute < minuteOf(until, route);

const expected = (firing: Firing, route: Route): object => ({
  exp_labels: {
    severity: firing.severity,
    service: 'rollcall',
    ...(firing.cell === null ? DEPLOYMENT[route.id] : CELL[route.id](firing.cell)),
    ...(firing.cell !== null && firing.labels !== undefined ? IP[route.id](firing.cell) : {}),
    ...firing.labels,
  },
  exp_annotations: {
    summary: firing.summary,
    description: firing.description,
    runbook: `docs/runbook.md#${firing.anchor}`,
  },
});

type ByRoute<T> = Readonly<Record<Route['id'], T>>;
type LabelsOfCell = (cell: Cell) => Readonly<Record<string, string>>;

const DEPLOYMENT: ByRoute<Readonly<Record<string, string>>> = {
  direct: { bosh_deployment: 'cf' },
  firehose: { environment: 'prod', bosh_deployment: 'cf' },
  healthwatch: { deployment: 'cf' },
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
  healthwatch: ({ index }) => ({
    ...DEPLOYMENT.healthwatch,
    exported_job: 'diego-cell',
    index,
  }),
};

const IP: ByRoute<LabelsOfCell> = {
  direct: ({ ip }) => ({ bosh_job_ip: ip }),
  firehose: ({ ip }) => ({ bosh_job_ip: ip }),
  healthwatch: ({ ip }) => ({ ip }),
};
