import { METRICS } from '../../../src/present/metrics.ts';
import { DIRECT, type Route } from '../../../tools/monitoring/routes.ts';
import type { Cell, Moment } from './cell-story.ts';

/** How long firehose_exporter shows what it last got, unless it is told another time. */
const LINGERS_SECONDS = 600;

export interface InputSeries {
  readonly series: string;
  readonly values: string;
}

type Values = Map<string, (number | null)[]>;

/** What arrives of some cells on a route, as input of `promtool test rules`. */
export function inputSeries(
  route: Route,
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
    for (const [at, seconds] of times.entries()) {
      const moment = cell.at(seconds);
      for (const [series, value] of arriving(route, cell, moment)) set(series, at, value);
    }
  }
  const step = (times[1] ?? 0) - (times[0] ?? 0);
  return [...values].map(([series, row]) => ({
    series,
    values: valuesText(route.lingers ? lingering(row, Math.round(LINGERS_SECONDS / step)) : row),
  }));
}

function arriving(
  route: Route,
  cell: Cell,
  moment: Moment,
): readonly (readonly [string, number])[] {
  const labels = cellLabels(route, cell);
  const series: (readonly [string, number])[] = [];
  if (moment.kind === 'heard') {
    for (const sample of moment.samples) {
      const type = METRICS.find(({ name }) => name === sample.name)?.type ?? 'gauge';
      series.push([
        seriesText(route.metric(sample.name, type), {
          ...(route === DIRECT ? {} : { origin: 'rollcall', source_id: 'rollcall' }),
          ...sample.labels,
          ...labels,
        }),
        sample.value,
      ]);
    }
  }
  const { cellAlive } = route;
  if (cellAlive.kind === 'up') {
    if (moment.kind !== 'gone') {
      series.push([seriesText('up', labels), moment.kind === 'heard' ? 1 : 0]);
    }
  } else if (moment.kind === 'heard' || moment.kind === 'silent') {
    series.push([seriesText(cellAlive.series, { ...labels, origin: 'rep' }), 64_000]);
  }
  return series;
}

/** The labels that the way adds: bosh_* are copies that firehose_exporter makes, `exported_job` is Prometheus's doing. */
function cellLabels(
  route: Route,
  { index, ip, group = 'diego-cell' }: Cell,
): Readonly<Record<string, string>> {
  const bosh = {
    bosh_deployment: 'cf',
    bosh_job_name: group,
    bosh_job_id: index,
    bosh_job_ip: ip,
  };
  const tags = { deployment: 'cf', exported_job: group, index, ip, instance_id: index };
  switch (route.id) {
    case 'direct':
      return { job: 'rollcall', instance: `${ip}:9477`, ...bosh };
    case 'firehose':
      return { job: 'firehose', instance: 'exporter:9186', environment: 'prod', ...tags, ...bosh };
    case 'healthwatch':
      return { job: 'healthwatch-pas-exporter', instance: 'exporter:9090', ...tags };
    default:
      return route.id;
  }
}

const seriesText = (name: string, labels: Readonly<Record<string, string>>): string =>
  `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',')}}`;

/** Each value again until the next one, or until it is as old as the exporter shows it. */
const lingering = (row: readonly (number | null)[], steps: number): readonly (number | null)[] => {
  let last: { readonly value: number; readonly at: number } | null = null;
  return row.map((value, at) => {
    if (value !== null) last = { value, at };
    return last === null || at - last.at >= steps ? null : last.value;
  });
};

/** A series that is missing in a scrape gets a staleness mark, as Prometheus sets it. */
const valuesText = (row: readonly (number | null)[]): string =>
  row
    .map((value, at) => {
      if (value !== null) return String(value);
      return at > 0 && row[at - 1] !== null ? 'stale' : '_';
    })
    .join(' ');
