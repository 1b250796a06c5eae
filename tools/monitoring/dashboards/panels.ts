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

export interface PanelText {
  readonly title: string;
  /** What the panel means and what to do; Grafana shows it behind the (i). */
  readonly description: string;
}

export interface Query {
  readonly expression: string;
  /** Grafana's pattern for the names of the series. */
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
 * One current number. It uses an instant query, because the last value of a range would outlive its
 * series.
 */
export function stat(
  text: PanelText,
  expression: string,
  thresholds: ThresholdsConfigBuilder,
): StatBuilder {
  return new StatBuilder()
    .title(text.title)
    .description(text.description)
    .datasource(DATASOURCE)
    .withTarget(query({ expression, legend: '' }, 0).instant())
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['last']))
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Background)
    .noValue(NOTHING_KNOWN_TEXT)
    .thresholds(thresholds);
}

/** Lines over time; gaps stay gaps. */
export function timeSeries(text: PanelText, queries: readonly Query[]): TimeSeriesBuilder {
  return new TimeSeriesBuilder()
    .title(text.title)
    .description(text.description)
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
  /** The label, or `Value`; with several queries `Value #A`. */
  readonly field: string;
  readonly title: string;
}

/** The current series as rows, with only these columns, in this order. */
export function table(
  text: PanelText,
  expressions: readonly string[],
  columns: readonly Column[],
  sorted: { readonly by: string; readonly descending: boolean },
): TableBuilder {
  const merged = expressions.length > 1 ? [{ id: 'merge', options: {} }] : [];
  return new TableBuilder()
    .title(text.title)
    .description(text.description)
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

interface PanelToBuild {
  gridPos(place: { h: number; w: number; x: number; y: number }): PanelToBuild;
  id(id: number): PanelToBuild;
  build(): Panel;
}

/** Panels of one height, side by side; their widths add up to at most 24. */
export interface Band {
  readonly height: number;
  readonly panels: readonly (readonly [width: number, panel: PanelToBuild])[];
}

/** A titled part of the dashboard. */
export interface Section {
  readonly title: string;
  readonly bands: readonly Band[];
}

export interface PlacedSection {
  readonly title: string;
  readonly rowId: number;
  readonly rowY: number;
  readonly panels: readonly Panel[];
}

/** Numbers the panels and places the bands one below the other. */
export function place(sections: readonly Section[]): readonly PlacedSection[] {
  let id = 0;
  let y = 0;
  return sections.map(({ title, bands }) => {
    const row = { title, rowId: ++id, rowY: y++ };
    const panels = bands.flatMap(({ height, panels: inBand }) => {
      let x = 0;
      const placed = inBand.map(([width, panel]) => {
        const built = panel.id(++id).gridPos({ h: height, w: width, x, y }).build();
        x += width;
        return built;
      });
      y += height;
      return placed;
    });
    return { ...row, panels };
  });
}
