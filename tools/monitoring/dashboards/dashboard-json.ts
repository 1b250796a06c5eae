import * as v from 'valibot';
import { DATASOURCE } from './panels.ts';

const sourceSchema = v.object({ type: v.string(), uid: v.string() });
const targetSchema = v.object({
  refId: v.string(),
  expr: v.pipe(v.string(), v.nonEmpty()),
  datasource: v.optional(sourceSchema),
  instant: v.boolean(),
  range: v.boolean(),
});
const step = v.object({ value: v.nullable(v.number()), color: v.string() });
const gridPos = v.object({ h: v.number(), w: v.number(), x: v.number(), y: v.number() });

const row = v.object({
  type: v.literal('row'),
  id: v.number(),
  title: v.string(),
  gridPos,
  collapsed: v.literal(false),
});
const panelSchema = v.object({
  type: v.picklist(['stat', 'table', 'timeseries']),
  id: v.number(),
  title: v.pipe(v.string(), v.nonEmpty()),
  description: v.pipe(v.string(), v.nonEmpty()),
  gridPos,
  datasource: sourceSchema,
  targets: v.pipe(v.array(targetSchema), v.nonEmpty()),
  fieldConfig: v.object({
    defaults: v.object({
      noValue: v.pipe(v.string(), v.nonEmpty()),
      thresholds: v.optional(v.object({ steps: v.pipe(v.array(step), v.nonEmpty()) })),
    }),
  }),
});
const note = v.object({
  type: v.literal('text'),
  id: v.number(),
  title: v.pipe(v.string(), v.nonEmpty()),
  gridPos,
  options: v.object({ mode: v.literal('markdown'), content: v.string() }),
});
const variable = v.object({
  type: v.picklist(['datasource', 'query', 'textbox']),
  name: v.string(),
  query: v.string(),
  datasource: v.optional(sourceSchema),
});

/** The parts of the SDK's classic schema, and the panel types, that the dashboards use. */
const dashboardSchema = v.object({
  uid: v.string(),
  title: v.string(),
  schemaVersion: v.number(),
  panels: v.array(v.variant('type', [row, panelSchema, note])),
  templating: v.object({ list: v.array(variable) }),
  links: v.array(v.object({ title: v.string(), url: v.string() })),
});

export type DashboardJson = v.InferOutput<typeof dashboardSchema>;
export type DashboardPanel = v.InferOutput<typeof panelSchema>;

/** @throws ValiError that names the missing part */
export const parseDashboard = (json: string): DashboardJson => {
  const value: unknown = JSON.parse(json);
  return v.parse(dashboardSchema, value);
};

/** The panels with queries. */
export const panelsOf = ({ panels }: DashboardJson): readonly DashboardPanel[] =>
  panels.filter((each) => each.type !== 'row' && each.type !== 'text');

/** `$name` and `${name:format}`, as Grafana knows them. */
const VARIABLE = /\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g;

/** The names of the variables in a text, including Grafana's own (`__rate_interval`). */
export const variablesIn = (text: string): readonly string[] =>
  [...text.matchAll(VARIABLE)].map(([, braced, bare]) => braced ?? bare ?? '');

/**
 * A query as Grafana sends it, for values without special characters.
 * @throws Error for a variable without a value
 */
export const substituted = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(VARIABLE, (whole, braced?: string, bare?: string) => {
    const value = values[braced ?? bare ?? ''];
    if (value === undefined) throw new Error(`no value for ${whole} in ${text}`);
    return value;
  });

/** Grafana's own variables that a query may contain. */
const GRAFANAS_OWN: ReadonlySet<string> = new Set(['__rate_interval']);
const COLUMNS = 24;

/** Faults of a dashboard that its JSON schema allows, one line each. */
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
  // Grafana would show the last value of a range long after the series ended.
  const late =
    type !== 'timeseries' && targets.some(({ instant, range }) => !instant || range)
      ? [`"${title}" shows the present, so its queries must be instant`]
      : [];
  return [...shared, ...late];
}

/** A panel without data gets the colour of the step without a lower limit. */
function thresholdFaults({ title, type, fieldConfig }: DashboardPanel): readonly string[] {
  const steps = fieldConfig.defaults.thresholds?.steps ?? [];
  if (type === 'stat' && steps.length === 0) return [`"${title}" has no thresholds`];
  const unbound = steps.filter(({ value }) => value === null);
  return unbound.some(({ color }) => color === 'green')
    ? [`"${title}" is green when nothing is known`]
    : [];
}

/** A query without a data source asks that of its panel. */
const fixedSources = ({ title, datasource, targets }: DashboardPanel): readonly string[] =>
  datasource.uid !== DATASOURCE.uid || targets.some((target) => target.datasource !== undefined)
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
