import * as v from 'valibot';

const labels = v.record(v.string(), v.string());
/** Unix seconds, and the value as Prometheus writes it (`+Inf`, `NaN`). */
const point = v.tuple([v.number(), v.string()]);

const vector = v.object({
  resultType: v.literal('vector'),
  result: v.array(v.object({ metric: labels, value: point })),
});
const matrix = v.object({
  resultType: v.literal('matrix'),
  result: v.array(v.object({ metric: labels, values: v.array(point) })),
});
const scalar = v.object({ resultType: v.literal('scalar'), result: point });

const queryData = v.variant('resultType', [vector, matrix, scalar]);

const answer = <T extends v.GenericSchema>(data: T) =>
  v.variant('status', [
    v.object({ status: v.literal('success'), data }),
    v.object({ status: v.literal('error'), errorType: v.string(), error: v.string() }),
  ]);

/** The answers of Prometheus' HTTP API v1, as its documentation describes them. */
export const queryAnswer = answer(queryData);
export const labelValuesAnswer = answer(v.array(v.string()));

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** The last value. */
  readonly value: number;
}

/** What a query returned, whatever its kind: one value a series, the last one of a range. */
export function seriesOf(data: v.InferOutput<typeof queryData>): readonly Series[] {
  switch (data.resultType) {
    case 'scalar':
      return [{ labels: {}, value: Number(data.result[1]) }];
    case 'vector':
      return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    case 'matrix':
      return data.result.map(({ metric, values }) => ({
        labels: metric,
        value: Number(values.at(-1)?.[1]),
      }));
    default:
      return data satisfies never;
  }
}
