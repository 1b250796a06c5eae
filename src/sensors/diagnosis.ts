import {
  SENSOR_ROWS,
  type Gap,
  type SensorDiagnosis,
  type SensorGap,
  type SensorName,
  type SensorPrediction,
  type SensorRemedy,
  type Sight,
} from '../model/sensor.ts';
import { textOfBytes } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { predict, type Predicted } from './predict.ts';
import { MOUNT_PLACE, REMEDIES, type Remedy } from './remedies.ts';
import type { SensedCell } from './sensed-cell.ts';
import { mountWords } from './sentences.ts';
import { wholeMount } from './taken-mount.ts';
import { TOOLS } from './tools.ts';
import { newerThanRead, overlap, type TypedVersion, type VersionRange } from './versions.ts';

/* What is wrong with a sensor on this cell, what to change, and whom it concerns. */

interface Asked {
  readonly cell: SensedCell;
  /** The version that it has; null: not known. */
  readonly version: TypedVersion | null;
}

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
    notes: [...notesOf(tool, outcomes, asked.version), ...uselessUpgrade(tool, predictions, asked)],
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

/** In which way a sensor does not lead to a container's name; null: it has the whole handle. */
function gapOf(sight: Sight): Gap | null {
  switch (sight.kind) {
    case 'missed':
      return sight.isKnownLimit ? 'limited' : 'missed';
    case 'misnamed':
      return sight.isPart ? 'unnamed' : 'misnamed';
    case 'seen':
      return sight.isPart ? 'unnamed' : null;
    case 'unknown':
      return 'unknown';
    default:
      return sight satisfies never;
  }
}

/** What to change in the versions that have a gap; steps that all of them need come first, once. */
export function remediesFor(
  tool: SensorName,
  predictions: readonly Predicted[],
  { cell, version }: Asked,
): readonly SensorRemedy[] {
  const isOfVersion = (remedy: Remedy): boolean =>
    remedy.tool === tool && (version === null || overlap(remedy, version));
  const needed = REMEDIES.filter(isOfVersion).flatMap((remedy) => {
    const gaps = new Set(
      predictions
        .filter(({ versions }) => overlap(versions, remedy))
        .flatMap(({ prediction }) => gapKinds(prediction)),
    );
    const steps = remedy.steps
      .filter(({ against }) => against.some((gap) => gaps.has(gap)))
      .filter(({ isForV1 }) => isForV1 !== true || cell.mode !== 'v2')
      .filter(({ upgradesTo }) => upgradesTo === undefined || helps(tool, upgradesTo, cell))
      .map(({ action, setting }) => ({
        action,
        setting: setting === null ? null : settingOn(cell, setting),
      }));
    return steps.length === 0 ? [] : [{ versions: remedy.versions, steps }];
  });
  const isAlike = (a: SensorRemedy['steps'][number], b: typeof a): boolean =>
    a.action === b.action && a.setting === b.setting;
  const common = (needed[0]?.steps ?? []).filter((step) =>
    needed.every(({ steps }) => steps.some((one) => isAlike(one, step))),
  );
  const own = needed
    .map(({ versions, steps }) => ({
      versions,
      steps: steps.filter((step) => !common.some((one) => isAlike(one, step))),
    }))
    .filter(({ steps }) => steps.length > 0);
  return [...own, ...(common.length === 0 ? [] : [{ versions: '', steps: common }])];
}

/** Where an upgrade is left out because the newer versions see no more, that is said. */
function uselessUpgrade(
  tool: SensorName,
  predictions: readonly Predicted[],
  { cell, version }: Asked,
): readonly string[] {
  const gaps = new Set(predictions.flatMap(({ prediction }) => gapKinds(prediction)));
  const isLeftOut = REMEDIES.filter(
    (remedy) => remedy.tool === tool && (version === null || overlap(remedy, version)),
  ).some(({ steps }) =>
    steps.some(
      ({ against, upgradesTo }) =>
        upgradesTo !== undefined &&
        against.some((gap) => gaps.has(gap)) &&
        !helps(tool, upgradesTo, cell),
    ),
  );
  return isLeftOut
    ? [`No newer version of ${SENSOR_ROWS[tool].title} would see these containers either.`]
    : [];
}

/**
 * Whether these versions may tell a container of this cell from the host. A wrong id is better than
 * none: rules about containers fire.
 */
function helps(tool: SensorName, range: VersionRange, cell: SensedCell): boolean {
  const newer = TOOLS.filter((one) => one.tool === tool && overlap(one, range));
  return predict(newer, cell, null).some(
    ({ prediction }) =>
      prediction.kind === 'unknown' ||
      [...prediction.sights.values()].some(({ kind }) => kind !== 'missed'),
  );
}

const gapKinds = (prediction: SensorPrediction): readonly Gap[] =>
  prediction.kind === 'unknown'
    ? ['unknown']
    : [...prediction.sights.values()].flatMap((sight) => gapOf(sight) ?? []);

/** On a cell that does not show it, where Garden mounts the hierarchy. */
function settingOn({ mounts, mode }: SensedCell, setting: string): string {
  if (!setting.includes(MOUNT_PLACE)) return setting;
  const mount = wholeMount(mounts)?.mountPoint;
  const usual = mode === 'v2' ? '/sys/fs/cgroup' : '/sys/fs/cgroup/cpuset';
  return setting.replaceAll(MOUNT_PLACE, mount === undefined ? usual : textOfBytes(mount));
}

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
