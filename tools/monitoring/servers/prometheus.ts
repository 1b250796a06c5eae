import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { stringify } from 'yaml';
import { startListening } from '../../local-server.ts';
import { isInPath } from '../../../src/demo-cell/cell/requirements.ts';

export const PROMETHEUS = 'prometheus';

/** Why no Prometheus can be started here, in one line; null if one can. */
export const whyNoPrometheus = (): string | null =>
  isInPath(PROMETHEUS) ? null : `${PROMETHEUS} is not installed (Debian: prometheus)`;

interface ScrapeTarget {
  /** host:port */
  readonly address: string;
  /** The labels that service discovery would add. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  /** Holds its configuration and its data; the caller removes it. */
  readonly folder: string;
  /** The name of the scrape job, which becomes the label `job`. */
  readonly job: string;
  readonly targets: readonly ScrapeTarget[];
  readonly ruleFiles: readonly string[];
  /** The base URL that receives alerts; null: none. */
  readonly alertmanager: string | null;
}

export interface Prometheus {
  readonly url: string;
  /** The series of an instant query. @throws Error if Prometheus rejects it */
  query(expression: string): Promise<readonly Series[]>;
  /** The series of a range query over the last minute, in steps of one second. */
  queryRange(expression: string): Promise<readonly Series[]>;
  /** The values of a label among the series of a selector. */
  labelValues(label: string, selector: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const RANGE_SECONDS = 60;

/** Starts a real Prometheus that scrapes and evaluates every second. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const configuration = path.join(options.folder, 'prometheus.yml');
  const data = path.join(options.folder, 'prometheus-data');
  mkdirSync(data, { recursive: true });
  writeFileSync(configuration, stringify(configurationOf(options)));
  const program = await startListening(
    PROMETHEUS,
    [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${data}`,
      '--web.listen-address=127.0.0.1:0',
    ],
    'Server is ready to receive web requests',
  );
  const ask = async <T extends typeof queryAnswer | typeof labelValuesAnswer>(
    schema: T,
    endpoint: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<Extract<v.InferOutput<T>, { status: 'success' }>['data']> => {
    const query = new URLSearchParams(parameters).toString();
    const response = await fetch(`${program.url}/api/v1/${endpoint}?${query}`);
    const body = v.parse(schema, await response.json());
    if (body.status === 'success') return body.data;
    throw new Error(`Prometheus: ${body.errorType}: ${body.error}`);
  };
  return {
    url: program.url,
    stop: () => program.stop(),
    query: async (query) => seriesOf(await ask(queryAnswer, 'query', { query })),
    queryRange: async (query) => {
      const end = Math.floor(Date.now() / 1000);
      const start = String(end - RANGE_SECONDS);
      const range = { query, start, end: String(end), step: '1' };
      return seriesOf(await ask(queryAnswer, 'query_range', range));
    },
    labelValues: (label, selector) =>
      ask(labelValuesAnswer, `label/${encodeURIComponent(label)}/values`, { 'match[]': selector }),
  };
}

function configurationOf({ job, targets, ruleFiles, alertmanager }: PrometheusOptions): object {
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ruleFiles,
    ...(alertmanager === null
      ? {}
      : {
          alerting: {
            alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager).host] }] }],
          },
        }),
    scrape_configs: [
      {
        job_name: job,
        static_configs: targets.map(({ address, labels }) => ({ targets: [address], labels })),
      },
    ],
  };
}

const labels = v.record(v.string(), v.string());
/** Unix seconds, and the value as Prometheus writes it (`+Inf`, `NaN`). */
const point = v.tuple([v.number(), v.string()]);

const vector = v.object({
  resultType: v.literal('vector'),
  result: v.array(v.object({ metric: labels, value: point })),
});
const matrix = v.object({
  resultType: v.literal('matrix'),
  result: v.array(v.object({ metric: labels, values: v.array(point) })),
});
const scalar = v.object({ resultType: v.literal('scalar'), result: point });

const queryData = v.variant('resultType', [vector, matrix, scalar]);

const answer = <T extends v.GenericSchema>(data: T) =>
  v.variant('status', [
    v.object({ status: v.literal('success'), data }),
    v.object({ status: v.literal('error'), errorType: v.string(), error: v.string() }),
  ]);

/** Responses of Prometheus's HTTP API v1, according to its documentation. */
const queryAnswer = answer(queryData);
const labelValuesAnswer = answer(v.array(v.string()));

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** The last value. */
  readonly value: number;
}

/** The series of any kind of query; for a range query only the last value. */
function seriesOf(data: v.InferOutput<typeof queryData>): readonly Series[] {
  switch (data.resultType) {
    case 'scalar':
      return [{ labels: {}, value: Number(data.result[1]) }];
    case 'vector':
      return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    case 'matrix':
      return data.result.map(({ metric, values }) => ({
        labels: metric,
        value: Number(values.at(-1)?.[1]),
      }));
    default:
      return data satisfies never;
  }
}
