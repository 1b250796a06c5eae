import {
  panelsOf,
  variablesIn,
  type DashboardJson,
  type DashboardPanel,
} from './dashboard-json.ts';
import { DATASOURCE } from './panels.ts';

/** Grafana's own variables that a query may use. */
const GRAFANAS_OWN: ReadonlySet<string> = new Set(['__rate_interval']);
const COLUMNS = 24;

/** What is wrong with a dashboard although its JSON has the right shape: one line each, none for a good one. */
export const faultsOf = (dashboard: DashboardJson): readonly string[] => [
  ...sharedNumbers(dashboard),
  ...sharedPlaces(dashboard),
  ...panelsOf(dashboard).flatMap((panel) => [
    ...queryFaults(panel),
    ...thresholdFaults(panel),
    ...fixedSources(panel),
  ]),
  ...undefinedVariables(dashboard),
];

function sharedNumbers({ panels }: DashboardJson): readonly string[] {
  const ids = panels.map(({ id }) => id);
  return ids.length === new Set(ids).size ? [] : [`panels share a number: ${ids.join(' ')}`];
}

function sharedPlaces({ panels }: DashboardJson): readonly string[] {
  const outside = panels.filter(({ gridPos: { x, w } }) => x < 0 || w < 1 || x + w > COLUMNS);
  const overlapping = panels.flatMap((one, index) =>
    panels.slice(index + 1).flatMap((other) => {
      const [a, b] = [one.gridPos, other.gridPos];
      const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
      return apart ? [] : [`"${one.title}" and "${other.title}" overlap`];
    }),
  );
  return [...outside.map(({ title }) => `"${title}" is wider than the dashboard`), ...overlapping];
}

function queryFaults({ title, type, targets }: DashboardPanel): readonly string[] {
  const refIds = new Set(targets.map(({ refId }) => refId));
  const shared = refIds.size === targets.length ? [] : [`"${title}": queries share a refId`];
  // The last value of a range is shown as if it were of now, long after the series has ended.
  const late =
    type !== 'timeseries' && targets.some(({ instant, range }) => !instant || range)
      ? [`"${title}" shows the present, so its queries must be instant`]
      : [];
  return [...shared, ...late];
}

/** A panel without data gets the colour of the step without a bound. */
function thresholdFaults({ title, type, fieldConfig }: DashboardPanel): readonly string[] {
  const steps = fieldConfig.defaults.thresholds?.steps ?? [];
  if (type === 'stat' && steps.length === 0) return [`"${title}" has no thresholds`];
  const unbound = steps.filter(({ value }) => value === null);
  return unbound.some(({ color }) => color === 'green')
    ? [`"${title}" is green when nothing is known`]
    : [];
}

const fixedSources = ({ title, datasource, targets }: DashboardPanel): readonly string[] =>
  [datasource, ...targets.map((target) => target.datasource)].some(
    ({ uid, type }) => uid !== DATASOURCE.uid || type !== DATASOURCE.type,
  )
    ? [`"${title}" asks a fixed data source`]
    : [];

function undefinedVariables(dashboard: DashboardJson): readonly string[] {
  const defined = new Set(dashboard.templating.list.map(({ name }) => name));
  const texts = [
    ...panelsOf(dashboard).flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...dashboard.panels.map(({ title }) => title),
    ...dashboard.panels.map((panel) => (panel.type === 'text' ? panel.options.content : '')),
    ...dashboard.templating.list.map(({ query }) => query),
    ...dashboard.links.map(({ url }) => url),
    DATASOURCE.uid,
  ];
  return [...new Set(texts.flatMap(variablesIn))]
    .filter((name) => !defined.has(name) && !GRAFANAS_OWN.has(name))
    .map((name) => `nothing defines $${name}`);
}
