import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import {
  prometheusData,
  startPrometheus,
  type EvaluatedRule,
} from '../../test/live/monitoring-servers.ts';
import {
  containers,
  LOST,
  report,
  state,
  UNOWNED,
} from '../../test/present/agent-state-builder.ts';
import { NO_ACCOUNT } from '../../src/model/ledger.ts';
import type { ContainerReport } from '../../src/model/report.ts';
import { metricsText } from '../../src/present/metrics.ts';
import { alertFileOf } from '../monitoring/alerts/alert-files.ts';
import { DIRECT } from '../monitoring/metrics-routes.ts';
import { root } from '../bootstrap/place.mjs';
import { serveLocally } from '../local-server.ts';
import { timingOf } from './samples.ts';

export const CELLS = 3000;
const CONTAINERS = 250;
export const SCRAPE_SECONDS = 15;
/** As far as most rules look back; `makeHistory` makes what was before. */
const REPLAYED_SECONDS = 185;
/** Over all rules, each in a new order. Prometheus collects garbage during some of them. */
const ROUNDS = 5;
const EVALUATIONS = 4;
/** One cell of so many has findings. */
const ONE_IN = 100;
const MINUTE = 60;
const HOUR = 3600;

const NONE_LEFT = { overlay: 0, namespace: 0, address: 0, reservation: 0, policy: 0, depot: 0 };

/** /metrics of an agent that has seen all for ten minutes, on a cell with these containers. */
const metricsWith = (...all: readonly ContainerReport[]): string =>
  metricsText(state({ report: report(all, { ledgers: { ...NO_ACCOUNT, leftovers: NONE_LEFT } }) }));
/** Without findings, and with two. */
export const HEALTHY = metricsWith(...containers(CONTAINERS));
const BROKEN = metricsWith(...containers(CONTAINERS - 2), LOST, UNOWNED);

/** What a Prometheus that scrapes so many cells needs. */
export type FleetCost = Awaited<ReturnType<typeof replayFleet>>;

/** Replays the metrics to a real Prometheus as those of many cells, after a history of them. */
export async function replayFleet(folder: string, say: (what: string) => void) {
  say(`a history of ${CELLS} cells`);
  await makeHistory(folder);
  const agents = await serveLocally((request, response) =>
    response.end(metricsOf(Number(request.url?.split('/').at(-1)))),
  );
  const address = new URL(agents.url).host;
  const prometheus = await startPrometheus({
    folder,
    job: 'rollcall',
    targets: Array.from({ length: CELLS }, (_, cell) => ({
      address,
      labels: { ...labelsOf(cell), __metrics_path__: `/cells/${cell}` },
    })),
    ruleFiles: [path.join(root, alertFileOf(DIRECT))],
    alertmanager: null,
    intervalSeconds: SCRAPE_SECONDS,
  });
  try {
    say(`${CELLS} cells for ${REPLAYED_SECONDS} seconds`);
    await sleep(REPLAYED_SECONDS * 1000);
    const rules = await prometheus.rules();
    const failed = rules.find(({ health }) => health === 'err');
    if (failed !== undefined) throw new Error(`Prometheus cannot evaluate ${failed.name}`);
    const facts = {
      bytes: Buffer.byteLength(HEALTHY),
      series: samplesIn(HEALTHY).length,
      /** Scraped and recorded. */
      allSeries: await prometheus.own('prometheus_tsdb_head_series'),
      megabytes: (await prometheus.own('process_resident_memory_bytes')) / 1e6,
    };
    await prometheus.stop();
    say('each rule');
    return { ...facts, rules: await costsOf(rules, folder, Date.now() / 1000) };
  } finally {
    await prometheus.stop();
    await agents.stop();
  }
}

/** Milliseconds of CPU time that each rule takes, on the same data, by a Prometheus that does nothing else: other work makes evaluations wait. */
async function costsOf(rules: readonly EvaluatedRule[], folder: string, at: number) {
  const prometheus = await startPrometheus({
    folder,
    job: 'rollcall',
    targets: [],
    ruleFiles: [],
    alertmanager: null,
    intervalSeconds: SCRAPE_SECONDS,
  });
  const cpu = async (): Promise<number> =>
    1000 * (await prometheus.own('process_cpu_seconds_total'));
  try {
    const costs = rules.map((rule) => ({ ...rule, rounds: Array.of<number>() }));
    // Every round has each rule, so that a disturbance hits one round of many rules, not all of one. In a
    // fixed order, the garbage of `rollcall:counts` would be collected during the same later rule each time.
    for (let round = 0; round < ROUNDS; round++) {
      for (const { query, rounds } of shuffled(costs)) {
        const before = await cpu();
        for (let n = 0; n < EVALUATIONS; n++) await prometheus.query(`count(${query})`, at);
        rounds.push(((await cpu()) - before) / EVALUATIONS);
      }
    }
    return costs
      .map(({ name, type, rounds }) => ({ name, type, time: timingOf(rounds).median }))
      .toSorted((a, b) => b.time - a.time);
  } finally {
    await prometheus.stop();
  }
}

const shuffled = <T>(list: readonly T[]): readonly T[] =>
  list
    .map((one) => ({ one, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);

export const samplesIn = (metrics: string): readonly string[] =>
  metrics.split('\n').filter((line) => line.startsWith('rollcall_'));

const labelsOf = (cell: number) => ({
  [DIRECT.labels.foundation]: 'prod',
  [DIRECT.labels.deployment]: 'cf',
  [DIRECT.labels.group]: 'diego-cell',
  [DIRECT.labels.index]: `2f0c7c0e-5d1b-4b64-8a4e-${String(cell).padStart(12, '0')}`,
  [DIRECT.labels.ip]: `10.0.${cell >> 8}.${cell & 255}`,
  [DIRECT.labels.cell]: `10.0.${cell >> 8}.${cell & 255}:9477`,
});

/** Its passes and containers differ from those of other cells. */
function metricsOf(cell: number): string {
  const now = Date.now() / 1000;
  return (cell % ONE_IN === 0 ? BROKEN : HEALTHY)
    .replace(/^(rollcall_last_reconcile_timestamp_seconds\S*) .*$/m, `$1 ${lastPass(cell, now)}`)
    .replace(/^(rollcall_reconciles_total\{result="ok"\}) .*$/m, `$1 ${Math.floor(now / 15)}`)
    .replace(/^(rollcall_garden_listed) .*$/m, `$1 ${CONTAINERS - (cell % CONTAINERS)}`);
}

const lastPass = (cell: number, now: number): number => now - ((now + cell) % SCRAPE_SECONDS);

/** What rules look back at further than the replay is long. */
async function makeHistory(folder: string): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const { identity, deploymentIdentity } = DIRECT;
  const cells = Array.from({ length: CELLS }, (_, cell) => labelsOf(cell));
  const scraped = cells.map((labels) => labelled({ ...labels, job: 'rollcall' }));
  const beats = scraped.map((labels) => `${labels},source_id="rollcall-heartbeat"`);
  const recorded = cells.map((labels) => labelled(only(labels, identity)));
  const deployment = [labelled(only(labelsOf(0), deploymentIdentity))];
  const history: readonly PastSeries[] = [
    ['rollcall_last_reconcile_timestamp_seconds', 5 * MINUTE, SCRAPE_SECONDS, beats, lastPass],
    ['rollcall_reconcile_duration_seconds', 5 * MINUTE, SCRAPE_SECONDS, scraped, () => 0.1],
    ['rollcall_mounts_changed_total', 10 * MINUTE, SCRAPE_SECONDS, scraped, () => 0],
    ['rollcall:reporting', 10 * MINUTE, SCRAPE_SECONDS, recorded, () => 1],
    ['rollcall:heard', HOUR, MINUTE, recorded, (_, at) => at],
    ['rollcall:alive', 15 * MINUTE, MINUTE, recorded, () => 1],
    ['rollcall:reporting_cells', 6 * HOUR, MINUTE, deployment, () => CELLS],
  ];
  const file = path.join(folder, 'history.txt');
  for (const [name, seconds, step, series, valueAt] of history) {
    appendFileSync(file, `# TYPE ${name} gauge\n`);
    for (let at = now - seconds; at < now; at += step) {
      const lines = series.map((labels, cell) => `${name}{${labels}} ${valueAt(cell, at)} ${at}\n`);
      appendFileSync(file, lines.join(''));
    }
  }
  appendFileSync(file, '# EOF\n');
  mkdirSync(prometheusData(folder));
  const make = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet'];
  await execa('promtool', [...make, file, prometheusData(folder)]);
}

/** Its name, for how many seconds, a sample how often, the labels of each of its series, and their values. */
type PastSeries = readonly [
  string,
  number,
  number,
  readonly string[],
  (cell: number, at: number) => number,
];

const labelled = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join();

const only = (
  labels: Readonly<Record<string, string>>,
  names: readonly string[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)));
