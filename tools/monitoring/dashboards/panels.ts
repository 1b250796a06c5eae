import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  ReduceDataOptionsBuilder,
  TableSortByFieldStateBuilder,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { Panel, ThresholdsConfigBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { NOTHING_KNOWN_TEXT } from './thresholds.ts';

/** Every panel queries the data source in the variable. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

/** @param legend Grafana's pattern for the names of the series */
export type Query = readonly [expression: string, legend: string];

/** A, B, C, … */
const refId = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);

const query = ([expression, legend]: Query, index: number): DataqueryBuilder =>
  new DataqueryBuilder().refId(refId(index)).expr(expression).legendFormat(legend);

/**
 * One current number. It uses an instant query, because the last value of a range would outlive its
 * series.
 * @param description what the panel means and what to do; Grafana shows it behind the (i)
 */
export function stat(
  title: string,
  description: string,
  expression: string,
  thresholds: ThresholdsConfigBuilder,
): StatBuilder {
  return new StatBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .withTarget(query([expression, ''], 0).instant())
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['last']))
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Background)
    .noValue(NOTHING_KNOWN_TEXT)
    .thresholds(thresholds);
}

export function timeSeries(
  title: string,
  description: string,
  ...queries: readonly Query[]
): TimeSeriesBuilder {
  return new TimeSeriesBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .targets(queries.map((each, index) => query(each, index).range()))
    .legend(
      new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).showLegend(true).calcs([]),
    )
    .spanNulls(false)
    .min(0)
    .noValue(NOTHING_KNOWN_TEXT);
}

/** @param field the label, or `Value`; with several queries `Value #A` */
export type Column = readonly [field: string, title: string];

export function table(
  title: string,
  description: string,
  {
    expressions,
    columns,
    by,
    descending,
  }: {
    readonly expressions: readonly string[];
    readonly columns: readonly Column[];
    /** The title of a column. */
    readonly by: string;
    readonly descending: boolean;
  },
): TableBuilder {
  const merged = expressions.length > 1 ? [{ id: 'merge', options: {} }] : [];
  return new TableBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .targets(
      expressions.map((expression, index) =>
        query([expression, ''], index).instant().format(PromQueryFormat.Table),
      ),
    )
    .transformations([
      ...merged,
      {
        id: 'filterFieldsByName',
        options: { include: { names: columns.map(([field]) => field) } },
      },
      {
        id: 'organize',
        options: {
          excludeByName: {},
          indexByName: Object.fromEntries(columns.map(([field], index) => [field, index])),
          renameByName: Object.fromEntries(columns),
        },
      },
    ])
    .sortBy([new TableSortByFieldStateBuilder().displayName(by).desc(descending)])
    .filterable(true)
    .noValue(NOTHING_KNOWN_TEXT);
}

interface PanelToBuild {
  gridPos(place: { h: number; w: number; x: number; y: number }): PanelToBuild;
  id(id: number): PanelToBuild;
  build(): Panel;
}

/** Panels of one height, side by side. */
type Band = readonly [height: number, ...panels: readonly PanelToBuild[]];

export type Section = { readonly title: string; readonly bands: readonly Band[] };

const COLUMNS = 24;

/** Numbers the panels and places the bands one below the other. */
export function place(sections: readonly Section[]) {
  let id = 0;
  let y = 0;
  return sections.map(({ title, bands }) => {
    const row = { title, rowId: ++id, rowY: y++ };
    const panels = bands.flatMap(([h, ...inBand]) => {
      const edge = (index: number): number => Math.round((COLUMNS * index) / inBand.length);
      const placed = inBand.map((panel, index) => {
        const x = edge(index);
        return panel
          .id(++id)
          .gridPos({ h, w: edge(index + 1) - x, x, y })
          .build();
      });
      y += h;
      return placed;
    });
    return { ...row, panels };
  });
}
