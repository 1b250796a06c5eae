import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import type { ContainerSpec } from '../../src/demo-cell/cgroups/container-spec.ts';
import { startCell } from '../../src/demo-cell/cell/start-cell.ts';
import { serveLocally, type LocalServer } from '../../tools/local-server.ts';
import type { MetricsRoute } from '../../tools/monitoring/metrics-routes.ts';
import { RunningAgent } from './running-agent.ts';

/** A cell with an agent, and what BOSH calls it. */
export interface WatchedCell {
  readonly cell: Cell;
  readonly agent: RunningAgent;
  /** Of /metrics. */
  readonly address: string;
  readonly bosh: BoshInstance;
}

export interface BoshInstance {
  readonly deployment: string;
  readonly group: string;
  readonly id: string;
  readonly ip: string;
}

/** What service discovery would say of it. */
export const boshLabels = (
  { labels }: MetricsRoute,
  { deployment, group, id, ip }: BoshInstance,
): Readonly<Record<string, string>> => ({
  [labels.foundation]: 'prod',
  [labels.deployment]: deployment,
  [labels.group]: group,
  [labels.index]: id,
  [labels.ip]: ip,
});

/** An agent with a pass every second and calls a difference untracked after one. */
export async function startWatchedCell(
  bosh: BoshInstance,
  containers: readonly ContainerSpec[],
): Promise<WatchedCell> {
  const cell = await startCell({ label: bosh.id });
  try {
    await Promise.all(containers.map((spec) => cell.create(spec)));
    const agent = new RunningAgent(cell);
    await agent.prepare({});
    agent.start();
    await agent.until('mounts.chosen');
    return { cell, agent, address: `127.0.0.1:${agent.port}`, bosh };
  } catch (error) {
    await cell.stop();
    throw error;
  }
}

const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)$/;
const TYPE = /^# TYPE (\w+) (\w+)$/;

/**
 * Stands for firehose_exporter or Healthwatch's exporter: what the agents say at the time of the scrape, under the names and
 * labels of the route, and the series that tells that a cell is there.
 */
export const startRouteExporter = (
  route: MetricsRoute,
  cells: readonly WatchedCell[],
): Promise<LocalServer> =>
  serveLocally((_request, response) => {
    void Promise.all(cells.map((cell) => relabelled(route, cell))).then((texts) =>
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(texts.join('')),
    );
  });

/** The samples of one cell; those of the cell alone while its agent does not answer. */
async function relabelled(route: MetricsRoute, { address, bosh }: WatchedCell): Promise<string> {
  const { cellAlive } = route;
  // A scrape puts `exported_` before a label of the exporter that it has itself.
  const added = Object.entries(boshLabels(route, bosh)).map(
    ([label, value]) => `${label.replace(/^exported_/, '')}="${value}"`,
  );
  const neighbour =
    cellAlive.kind === 'neighbour' ? `${cellAlive.series}{${added.join(',')}} 32768\n` : '';
  const text = await fetch(`http://${address}/metrics`).then(
    (answer) => answer.text(),
    () => '',
  );
  const kinds = new Map<string, string>();
  const samples = text.split('\n').map((line) => {
    const [, typed, kind] = TYPE.exec(line) ?? [];
    if (typed !== undefined && kind !== undefined) kinds.set(typed, kind);
    const [, name, own = '', value] = SAMPLE.exec(line) ?? [];
    if (name === undefined) return '';
    const metric = route.metric(name, kinds.get(name) === 'counter' ? 'counter' : 'gauge');
    return `${metric}{${[...(own === '' ? [] : [own]), ...added].join(',')}} ${value}\n`;
  });
  return neighbour + samples.join('');
}
