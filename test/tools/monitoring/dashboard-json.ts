/** Of a panel with queries; a row or a text lacks most of it. */
export interface DashboardPanel {
  readonly type: 'stat' | 'table' | 'timeseries' | 'row' | 'text';
  readonly id: number;
  readonly title: string;
  readonly gridPos: Readonly<Record<'h' | 'w' | 'x' | 'y', number>>;
  readonly description: string;
  readonly datasource: { readonly uid: string };
  readonly options: { readonly content?: string };
  readonly transformations: readonly {
    readonly options: { readonly include?: { readonly names: readonly string[] } };
  }[];
  readonly targets: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly datasource?: unknown;
    readonly instant: boolean;
    readonly range: boolean;
  }[];
  readonly fieldConfig: {
    readonly defaults: { readonly noValue: string; readonly thresholds?: Thresholds };
    readonly overrides: readonly {
      readonly matcher: { readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
}

interface Thresholds {
  readonly steps: readonly { readonly value: number | null; readonly color: string }[];
}

/** The parts of Grafana's classic schema that the dashboards use. */
export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly DashboardPanel[];
  readonly templating: {
    readonly list: readonly Readonly<Record<'type' | 'name' | 'query', string>>[];
  };
  readonly links: readonly { readonly url: string }[];
}

export const parseDashboard = (json: string): DashboardJson => JSON.parse(json) as DashboardJson;

export const hasQueries = ({ type }: DashboardPanel): boolean => type !== 'row' && type !== 'text';

/** The panels with queries. */
export const panelsOf = ({ panels }: DashboardJson): readonly DashboardPanel[] =>
  panels.filter(hasQueries);

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
