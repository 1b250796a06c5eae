import { DATASOURCE } from '../../../tools/monitoring/dashboards/panels.ts';

interface Source {
  readonly type: string;
  readonly uid: string;
}

interface Placed {
  id: number;
  readonly title: string;
  gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
}

export interface DashboardPanel extends Placed {
  readonly type: 'stat' | 'table' | 'timeseries';
  readonly description: string;
  readonly datasource: Source;
  readonly targets: {
    readonly refId: string;
    readonly expr: string;
    readonly datasource?: Source;
    instant: boolean;
    readonly range: boolean;
  }[];
  readonly fieldConfig: {
    readonly defaults: {
      readonly noValue: string;
      thresholds?: {
        readonly steps: readonly { readonly value: number | null; readonly color: string }[];
      };
    };
  };
}

interface Row extends Placed {
  readonly type: 'row';
}

interface Note extends Placed {
  readonly type: 'text';
  readonly options: { readonly content: string };
}

/** The parts of Grafana's classic schema, and the panel types, that the dashboards use. */
export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly (DashboardPanel | Row | Note)[];
  readonly templating: {
    readonly list: readonly {
      readonly type: 'datasource' | 'query' | 'textbox';
      readonly name: string;
      readonly query: string;
    }[];
  };
  readonly links: readonly { readonly url: string }[];
}

export const parseDashboard = (json: string): DashboardJson => JSON.parse(json) as DashboardJson;

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
    ...missingTexts(panel),
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

function missingTexts({ title, description, targets, fieldConfig }: DashboardPanel) {
  const texts = [title, description, fieldConfig.defaults.noValue, targets[0]?.expr];
  return texts.some((text) => text === undefined || text === '')
    ? [`"${title}" lacks a title, a description, a text for no data, or a query`]
    : [];
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
