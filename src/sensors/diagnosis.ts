import {
  SENSOR_ROWS,
  type Gap,
  type SensorDiagnosis,
  type SensorGap,
  type SensorName,
  type SensorPrediction,
  type Sight,
} from '../model/sensor.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { remediesFor, uselessUpgrades, type Asked } from './needed-remedies.ts';
import { gapOf, type Predicted } from './predict.ts';
import { mountWords } from './sentences.ts';
import { newerThanRead, type TypedVersion } from './versions.ts';

/* What is wrong with a sensor on this cell, and whom it concerns. */

/** @param predictions of all versions that it can have */
export function diagnose(
  tool: SensorName,
  predictions: readonly Predicted[],
  asked: Asked,
): SensorDiagnosis {
  const { title } = SENSOR_ROWS[tool];
  if (predictions.length === 0) return nothingKnown(NO_RULE(title));
  const outcomes = outcomesOf(predictions);
  return {
    wrong: wrongSentence(outcomes, { tool, version: asked.version, ranges: predictions.length }),
    notes: [
      ...notesOf(tool, outcomes, asked.version),
      ...uselessUpgrades(tool, predictions, asked),
    ],
    remedies: remediesFor(tool, predictions, asked),
    gaps: gapsOf(predictions),
  };
}

/** Of a sensor about which nothing can be predicted. */
export const nothingKnown = (why: string): SensorDiagnosis => ({
  wrong: why,
  notes: [],
  remedies: [],
  gaps: [],
});

const NO_RULE = (title: string): string =>
  `rollcall knows no rule of ${title} that would predict which Garden containers it sees.`;

/** What some versions would do, to follow "would", and these versions. */
interface Outcome {
  readonly does: string;
  readonly isKnown: boolean;
  readonly versions: readonly string[];
}

const outcomesOf = (predictions: readonly Predicted[]): readonly Outcome[] =>
  [...Map.groupBy(predictions, ({ prediction }) => outcomeText(prediction))].map(
    ([does, [first, ...others]]) => ({
      does,
      isKnown: first?.prediction.kind === 'predicted',
      versions: rangesOf(
        [first, ...others].flatMap((one) => one ?? []),
        predictions,
      ),
    }),
  );

/** The ranges are named only where they differ. */
function wrongSentence(
  outcomes: readonly Outcome[],
  {
    tool,
    version,
    ranges,
  }: {
    readonly tool: SensorName;
    readonly version: TypedVersion | null;
    readonly ranges: number;
  },
): string {
  const { title } = SENSOR_ROWS[tool];
  const isOne = outcomes.length === 1;
  const inRanges = ({ versions }: Outcome): string => (isOne ? '' : ` (${versions.join(', ')})`);
  const known = outcomes.filter(({ isKnown }) => isKnown);
  const name = version === null ? title : `${title} ${version.text}`;
  const always = version === null && isOne && ranges > 1 ? ', whatever its version' : '';
  return [
    ...(known.length === 0
      ? []
      : [
          `${name} would ${known.map((one) => `${one.does}${inRanges(one)}`).join(', or ')}${always}.`,
        ]),
    ...outcomes
      .filter(({ isKnown }) => !isKnown)
      .map((one) => `What ${name} would see is unknown${inRanges(one)}: ${one.does}.`),
  ].join(' ');
}

/** Some of the ranges of a tool in words, those that follow each other as one: `v0.20 and newer`. */
function rangesOf(some: readonly Predicted[], all: readonly Predicted[]): readonly string[] {
  const words: string[] = [];
  let first: string | null = null;
  for (const [index, one] of all.entries()) {
    if (!some.includes(one)) continue;
    const { versions } = one.versions;
    first ??= versions;
    const next = all[index + 1];
    if (next !== undefined && some.includes(next)) continue;
    words.push(first === versions ? versions : spanText(first, versions));
    first = null;
  }
  return words;
}

/** From the first of two ranges to the last: `v0.20`, `v0.22.3 and newer`. */
function spanText(first: string, last: string): string {
  const start = first.replace(/ to .*$/, '');
  const end = last.replace(/^.* to /, '');
  if (end.endsWith(' and newer')) return `${start} and newer`;
  return first.startsWith('up to ') ? `up to ${end}` : `${start} to ${end}`;
}

function notesOf(
  tool: SensorName,
  outcomes: readonly Outcome[],
  version: TypedVersion | null,
): readonly string[] {
  if (version !== null) {
    const newest = newerThanRead(tool, version);
    return newest === null
      ? []
      : [
          `${version.text} is newer than ${newest}, the newest whose code was read; it is predicted as that one.`,
        ];
  }
  return outcomes.length < 2
    ? []
    : [
        `The running version is not visible from outside; give it with ${TYPED_ON_CELL} sensors --tool ${tool}@VERSION.`,
      ];
}

/** What a sensor would do; for an unknown prediction, why it is unknown. */
function outcomeText(prediction: SensorPrediction): string {
  if (prediction.kind === 'unknown') return prediction.why;
  const all = [...prediction.sights.values()];
  if (all.length === 0) return 'have no container to see here';
  const count = (kind: Gap): number => all.filter((sight) => gapOf(sight) === kind).length;
  const misnamed = all.flatMap((sight) => (sight.kind === 'misnamed' ? [sight] : []));
  const wrongIds = misnamed.filter(({ isPart }) => !isPart).map(({ id }) => id);
  const partIds = misnamed.filter(({ isPart }) => isPart).map(({ id }) => id);
  const seen = all.flatMap((sight) => (sight.kind === 'seen' ? [sight] : []));
  const byPart = seen.some(({ isPart }) => isPart)
    ? ' by the first 12 characters of the handle'
    : '';
  const parts = [
    { number: count('missed'), before: 'miss ', after: '' },
    { number: wrongIds.length, before: 'give ', after: ` ${wrongIdText(wrongIds)}` },
    {
      number: partIds.length,
      before: 'give ',
      after: ` only a part of the handle, such as ${partIds[0]}`,
    },
    { number: count('limited'), before: 'miss ', after: ' by a known limit' },
    { number: count('unknown'), before: 'perhaps see ', after: '' },
    { number: seen.length, before: 'see ', after: byPart },
  ].filter(({ number }) => number > 0);
  return parts
    .map(({ number, before, after }, index) => {
      const some = index === 0 ? countedText(number, all.length) : `${number}`;
      return `${before}${some}${after}`;
    })
    .join(', and ');
}

const wrongIdText = (ids: readonly string[]): string =>
  ids.every((id) => id === ids[0]) && ids.length > 1
    ? `the same id, ${ids[0]}`
    : `a wrong id, such as ${ids[0]}`;

const countedText = (number: number, total: number): string =>
  number === total
    ? total === 1
      ? 'the only container'
      : `all ${total} containers`
    : `${number} of ${total} containers`;

/** The containers of each reason, once for all versions that have it; known limits last. */
function gapsOf(predictions: readonly Predicted[]): readonly SensorGap[] {
  const found = predictions.flatMap((predicted) => gapsOfRange(predicted));
  const alike = Map.groupBy(found, ({ gap: { why, containers } }) =>
    JSON.stringify([why, containers]),
  );
  const gaps = [...alike.values()].flatMap((group): SensorGap[] => {
    const [first] = group;
    if (first === undefined) return [];
    const isAll = group.length === predictions.length;
    const having = predictions.filter(({ versions }) => group.some((one) => one.of === versions));
    return [{ ...first.gap, versions: isAll ? [] : rangesOf(having, predictions) }];
  });
  return gaps.toSorted((a, b) => Number(a.isKnownLimit) - Number(b.isKnownLimit));
}

interface GapOfRange {
  readonly of: Predicted['versions'];
  readonly gap: Omit<SensorGap, 'versions'>;
}

function gapsOfRange(predicted: Predicted): readonly GapOfRange[] {
  const { prediction, versions } = predicted;
  if (prediction.kind === 'unknown') return [];
  const alike = Map.groupBy(
    [...prediction.sights].filter(([, sight]) => sight.kind !== 'seen'),
    ([, sight]) => reasonOf(sight, predicted),
  );
  return [...alike]
    .map(([why, group]) => ({
      why,
      isKnownLimit: group.every(([, sight]) => gapOf(sight) === 'limited'),
      containers: group.map(([handle, sight]) => ({ handle, id: idOf(sight) })),
    }))
    .toSorted((a, b) => b.containers.length - a.containers.length)
    .map((gap) => ({ of: versions, gap }));
}

const idOf = (sight: Sight): string | null => (sight.kind === 'misnamed' ? sight.id : null);

/** A sentence about those for which it holds. */
function reasonOf(sight: Sight, { versions, prediction }: Predicted): string {
  const { title } = SENSOR_ROWS[versions.tool];
  switch (sight.kind) {
    case 'seen':
      return '';
    case 'misnamed':
      return sight.isPart
        ? 'The id is only a part of the handle.'
        : `The id is ${sight.id}, which is no part of the handle.`;
    case 'unknown':
      return `Unknown: ${sight.why}.`;
    case 'missed': {
      const isOfMount = versions.rule.kind !== 'cgroup-walk' || versions.rule.knowsGarden;
      const mount =
        sight.isKnownLimit || !isOfMount || prediction.kind !== 'predicted'
          ? null
          : mountWords(prediction.taken);
      // After a mount, the sensor has been named already.
      return mount === null
        ? `${capital(sight.why.replace(/^it /, `${title} `))}.`
        : `${title} would ${mount}: ${sight.why}.`;
    }
    default:
      return sight satisfies never;
  }
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
