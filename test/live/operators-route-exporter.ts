import { serveLocally, type LocalServer } from '../../tools/local-server.ts';
import type { Route } from '../../tools/monitoring/routes.ts';
import { boshLabels, type WatchedCell } from './operators-cells.ts';

const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)$/;
const TYPE = /^# TYPE (\w+) (\w+)$/;

/**
 * Stands for firehose_exporter or Healthwatch's exporter: what the agents say at the time of the scrape, under the names and
 * labels of the route, and the series that tells that a cell is there.
 */
export const startRouteExporter = (
  route: Route,
  cells: readonly WatchedCell[],
): Promise<LocalServer> =>
  serveLocally((_request, response) => {
    void Promise.all(cells.map((cell) => relabelled(route, cell))).then((texts) =>
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(texts.join('')),
    );
  });

/** The samples of one cell; those of the cell alone while its agent does not answer. */
async function relabelled(route: Route, { address, bosh }: WatchedCell): Promise<string> {
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
