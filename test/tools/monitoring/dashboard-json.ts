interface Source {
  readonly type: string;
  readonly uid: string;
}

interface Placed {
  readonly id: number;
  readonly title: string;
  readonly gridPos: {
    readonly h: number;
    readonly w: number;
    readonly x: number;
    readonly y: number;
  };
}

export interface DashboardPanel extends Placed {
  readonly type: 'stat' | 'table' | 'timeseries';
  readonly description: string;
  readonly datasource: Source;
  readonly targets: {
    readonly refId: string;
    readonly expr: string;
    readonly datasource?: Source;
    readonly instant: boolean;
    readonly range: boolean;
  }[];
  readonly fieldConfig: {
    readonly defaults: {
      readonly noValue: string;
      readonly thresholds?: {
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
