import * as v from 'valibot';

const datasource = v.object({ type: v.string(), uid: v.string() });
const target = v.object({
  refId: v.string(),
  expr: v.pipe(v.string(), v.nonEmpty()),
  datasource,
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
const panel = v.object({
  type: v.picklist(['stat', 'table', 'timeseries']),
  id: v.number(),
  title: v.pipe(v.string(), v.nonEmpty()),
  description: v.pipe(v.string(), v.nonEmpty()),
  gridPos,
  datasource,
  targets: v.pipe(v.array(target), v.nonEmpty()),
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
  datasource: v.optional(datasource),
});

/** What is relied on of a dashboard's JSON: of the classic schema that the SDK emits, only the kinds of panel that are used. */
const dashboard = v.object({
  uid: v.string(),
  title: v.string(),
  schemaVersion: v.number(),
  panels: v.array(v.variant('type', [row, panel, note])),
  templating: v.object({ list: v.array(variable) }),
  links: v.array(v.object({ title: v.string(), url: v.string() })),
});

export type DashboardJson = v.InferOutput<typeof dashboard>;
export type DashboardPanel = v.InferOutput<typeof panel>;

/** @throws ValiError naming what is missing */
export const parseDashboard = (json: string): DashboardJson => {
  const value: unknown = JSON.parse(json);
  return v.parse(dashboard, value);
};

/** The panels that ask for something. */
export const panelsOf = ({ panels }: DashboardJson): readonly DashboardPanel[] =>
  panels.filter((each) => each.type !== 'row' && each.type !== 'text');

/** `$name` and `${name:format}`, as Grafana knows them. */
const VARIABLE = /\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g;

/** The names of the variables in a text, Grafana's own (`__rate_interval`) too. */
export const variablesIn = (text: string): readonly string[] =>
  [...text.matchAll(VARIABLE)].map(([, braced, bare]) => braced ?? bare ?? '');

/**
 * A query as Grafana would send it, for values without special characters.
 * @throws Error for a variable without a value
 */
export const substituted = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(VARIABLE, (whole, braced?: string, bare?: string) => {
    const value = values[braced ?? bare ?? ''];
    if (value === undefined) throw new Error(`no value for ${whole} in ${text}`);
    return value;
  });
