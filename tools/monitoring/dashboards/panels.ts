import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  ReduceDataOptionsBuilder,
  TableSortByFieldStateBuilder,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { ThresholdsConfigBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { NOTHING_KNOWN_TEXT } from './colors.ts';

/** Every panel asks the data source that the variable names. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

export interface Look {
  readonly title: string;
  /** What it means and what to do; Grafana shows it behind the (i) of the panel. */
  readonly description: string;
}

export interface Query {
  readonly expression: string;
  /** Grafana's pattern for the name of a series. */
  readonly legend: string;
}

/** A, B, C, … */
const refId = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);

const query = ({ expression, legend }: Query, index: number): DataqueryBuilder =>
  new DataqueryBuilder()
    .datasource(DATASOURCE)
    .refId(refId(index))
    .expr(expression)
    .legendFormat(legend);

/**
 * One number of now. Instant, because the last value of a range would go on being shown after the series has ended.
 */
export function stat(
  look: Look,
  expression: string,
  thresholds: ThresholdsConfigBuilder,
): StatBuilder {
  return new StatBuilder()
    .title(look.title)
    .description(look.description)
    .datasource(DATASOURCE)
    .withTarget(query({ expression, legend: '' }, 0).instant())
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['last']))
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Background)
    .noValue(NOTHING_KNOWN_TEXT)
    .thresholds(thresholds);
}

/** Lines over time; a gap is a gap. */
export function timeSeries(look: Look, queries: readonly Query[]): TimeSeriesBuilder {
  return new TimeSeriesBuilder()
    .title(look.title)
    .description(look.description)
    .datasource(DATASOURCE)
    .targets(queries.map((each, index) => query(each, index).range()))
    .legend(
      new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).showLegend(true).calcs([]),
    )
    .spanNulls(false)
    .min(0)
    .noValue(NOTHING_KNOWN_TEXT);
}

export interface Column {
  /** The label, or `Value`, or `Value #A` where there are several queries. */
  readonly field: string;
  readonly title: string;
}

/** The series of now as rows; only these columns, in this order. */
export function table(
  look: Look,
  expressions: readonly string[],
  columns: readonly Column[],
  sorted: { readonly by: string; readonly descending: boolean },
): TableBuilder {
  const merged = expressions.length > 1 ? [{ id: 'merge', options: {} }] : [];
  return new TableBuilder()
    .title(look.title)
    .description(look.description)
    .datasource(DATASOURCE)
    .targets(
      expressions.map((expression, index) =>
        query({ expression, legend: '' }, index).instant().format(PromQueryFormat.Table),
      ),
    )
    .transformations([
      ...merged,
      {
        id: 'filterFieldsByName',
        options: { include: { names: columns.map(({ field }) => field) } },
      },
      {
        id: 'organize',
        options: {
          excludeByName: {},
          indexByName: Object.fromEntries(columns.map(({ field }, index) => [field, index])),
          renameByName: Object.fromEntries(columns.map(({ field, title }) => [field, title])),
        },
      },
    ])
    .sortBy([new TableSortByFieldStateBuilder().displayName(sorted.by).desc(sorted.descending)])
    .filterable(true)
    .noValue(NOTHING_KNOWN_TEXT);
}
