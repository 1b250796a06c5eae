import type { SensorsView, ToolView } from '../model/answers.ts';
import type { CgroupMode } from '../model/hierarchy.ts';
import { missesContainers, type ObservationView, type SensorView } from '../model/report-view.ts';
import {
  SENSOR_ROWS,
  type SensorName,
  type SensorPrediction,
  type Sight,
} from '../model/sensor.ts';
import { oneLine } from '../model/text.ts';
import type { Colors, Screen } from './color.ts';
import { hangingLines, wrapText } from './display-width.ts';
import { itemTable, type ItemColumn, type TableCell } from './table.ts';
import { GENERATIONS } from './names.ts';
import { plural } from './quantities.ts';

/** What `rollcall sensors` found. */
export interface SensorsAnswer {
  readonly takenAt: string;
  readonly mode: CgroupMode;
  /** How many run on this cell. */
  readonly containers: number;
  readonly tools: readonly ShownTool[];
  readonly sensors: readonly SensorView[];
  /** False for a capture of a version that did not search for sensors. */
  readonly isSearched: boolean;
  /** The sensor that was asked for; null for all. */
  readonly tool: SensorName | null;
  readonly listsMissed: boolean;
  /** Whether sensors that are not here have a row for each version, too. */
  readonly predictsAll: boolean;
}

interface ShownTool {
  readonly name: SensorName;
  readonly versions: string;
  readonly prediction: SensorPrediction;
  readonly mount: string | null;
  readonly why: string;
  readonly remedy: string | null;
  readonly source: string;
}

const MAX_WHY = 700;

/**
 * The sensors that run or are configured, then what any sensor would see by its rules: with reasons
 * for those, and for the others in one line each, unless all was asked for.
 */
export function sensorsTable(answer: SensorsAnswer, options: Screen): string {
  const { containers, mode, tool, tools, listsMissed, predictsAll, sensors } = answer;
  const isHere = ({ name }: ShownTool): boolean =>
    sensors.some(({ title }) => title === SENSOR_ROWS[name].title);
  const isWhole = (one: ShownTool): boolean =>
    predictsAll || listsMissed || tool !== null || isHere(one);
  const whole = merged(tools.filter(isWhole));
  const folded = Map.groupBy(
    tools.filter((one) => !isWhole(one)),
    ({ name }) => name,
  );
  const heading = (text: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', ...wrapText(text, options.columns), '', ...lines];
  const lines = [
    ...wrapText(`${plural(containers, 'container')} here, ${GENERATIONS[mode]}.`, options.columns),
    '',
    ...runningLines(answer, options),
    ...(tools.length === 0 && tool !== null
      ? wrapText(
          `No rule of ${SENSOR_ROWS[tool].title} is known to rollcall: nothing is predicted.`,
          options.columns,
        )
      : []),
    ...heading(
      'What these versions would see by their published rules, if they started now:',
      toolLines(whole, answer, options),
    ),
    ...heading(
      'What a sensor would see by its published rules, if it started now; --predict shows each version, and why:',
      foldedLines(folded, containers, options),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** Versions of one tool with equal predictions are one row. */
const merged = (tools: readonly ShownTool[]): readonly ShownTool[] =>
  [
    ...Map.groupBy(tools, ({ name, mount, why, prediction }) =>
      JSON.stringify([name, mount, why, sightsOf(prediction)]),
    ).values(),
  ].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [{ ...first, versions: [first, ...others].map(({ versions }) => versions).join('; ') }],
  );

function foldedLines(
  folded: ReadonlyMap<SensorName, readonly ShownTool[]>,
  containers: number,
  screen: Screen,
): string[] {
  if (folded.size === 0) return [];
  return itemTable(
    [...folded],
    [
      { title: 'SENSOR', least: 16, cell: ([name]) => SENSOR_ROWS[name].title },
      { title: 'WOULD SEE', least: 30, cell: ([, tools]) => rangeText(tools, containers) },
    ],
    screen,
  );
}

/** `0 to 3 of 5, by version`; `0 of 5 (5 under another name)`. */
function rangeText(tools: readonly ShownTool[], containers: number): string {
  const counts = (kind: Sight['kind']): readonly number[] =>
    tools.flatMap(({ prediction }) => countOf(prediction, kind) ?? []);
  const seen = counts('seen');
  if (seen.length === 0) return 'unknown';
  const [least, most] = [Math.min(...seen), Math.max(...seen)];
  const misnamed = Math.max(...counts('misnamed'));
  return [
    least === most
      ? `${least} of ${containers}`
      : `${least} to ${most} of ${containers}, by version`,
    ...(misnamed === 0 ? [] : [`(up to ${misnamed} under another name)`]),
    ...(seen.length < tools.length ? ['(unknown for some versions)'] : []),
  ].join(' ');
}

function toolLines(
  tools: readonly ShownTool[],
  { containers, listsMissed }: SensorsAnswer,
  screen: Screen,
): string[] {
  if (tools.length === 0) return [];
  const { red, yellow, green, dim } = screen.colors;
  const seenCell = ({ prediction }: ShownTool): TableCell => {
    if (prediction.kind !== 'predicted') return { text: '?', style: yellow };
    const seen = countOf(prediction, 'seen') ?? 0;
    const style = seen === containers ? green : seen === 0 ? red : yellow;
    return { text: `${seen} of ${containers}`, style };
  };
  const number = (title: string, kind: Sight['kind']): ItemColumn<ShownTool> => ({
    title,
    align: 'right',
    cell: ({ prediction }) => String(countOf(prediction, kind) ?? '?'),
  });
  return itemTable(
    tools,
    [
      // Versions that are cut look alike, and a mount stands whole in the sentence below.
      { title: 'SENSOR', least: 16, cell: ({ name }) => SENSOR_ROWS[name].title },
      { title: 'VERSIONS', least: 17, cell: ({ versions }) => versions || 'all' },
      { title: 'MOUNT', least: 14, cut: 'middle', cell: ({ mount }) => oneLine(mount ?? '-', 400) },
      { title: 'SEEN', align: 'right', cell: seenCell },
      number('MISSED', 'missed'),
      number('MISNAMED', 'misnamed'),
    ],
    {
      ...screen,
      notes: ({ why, prediction }) => [
        { text: oneLine(why, MAX_WHY), style: dim },
        ...(listsMissed ? listedNotes(sightsOf(prediction)) : []),
      ],
    },
  );
}

/** Null if nothing is predicted. */
const countOf = (prediction: SensorPrediction, kind: Sight['kind']): number | null =>
  prediction.kind === 'predicted'
    ? sightsOf(prediction).filter(([, one]) => one.kind === kind).length
    : null;

const listedNotes = (sights: readonly (readonly [string, Sight])[]): readonly TableCell[] =>
  sights.flatMap(([handle, sight]) => {
    const shown = oneLine(handle, 300);
    if (sight.kind === 'missed') {
      return [{ text: `- missed: ${shown}${sight.isKnownLimit ? ' (known limit)' : ''}` }];
    }
    if (sight.kind === 'misnamed') {
      return [{ text: `- misnamed: ${shown} as ${oneLine(sight.id, 80)}` }];
    }
    return sight.kind === 'unknown' ? [{ text: `- unknown: ${shown}` }] : [];
  });

const sightsOf = (prediction: SensorPrediction): readonly (readonly [string, Sight])[] =>
  prediction.kind === 'predicted'
    ? [...prediction.sights].toSorted(([a], [b]) => (a < b ? -1 : 1))
    : [];

function runningLines(
  { sensors, isSearched, tool, listsMissed }: SensorsAnswer,
  screen: Screen,
): string[] {
  const { columns } = screen;
  if (!isSearched) return wrapText(NOT_SEARCHED, columns);
  if (sensors.length === 0) {
    const none =
      tool === null
        ? 'No sensor known to rollcall is running here.'
        : `${SENSOR_ROWS[tool].title} is not running here.`;
    return wrapText(none, columns);
  }
  return sensors.flatMap((sensor, index) => [
    ...(index === 0 ? [] : ['']),
    ...hangingLines(sightText(sensor).split(' '), {
      columns,
      first: `${oneLine(sensor.title, 40)}  `,
      rest: '  ',
      style: sightColor(sensor, screen.colors),
    }),
    ...sensorLines(sensor, { ...screen, columns: columns - 2 }).map((line) => `  ${line}`),
    ...(listsMissed ? (sensor.observation?.unseen ?? []) : []).map(
      (handle) => `- unseen: ${oneLine(handle, 300)}`,
    ),
  ]);
}

/** `BLIND to 4 of 6 (seen 2)`: BLIND for exactly those that the exit code counts. */
function sightText(sensor: SensorView): string {
  const { observation, prediction, containers } = sensor;
  const isBlind = missesContainers(sensor);
  const isSilent = observation?.silent === true;
  const counts = observedCounts(observation) ?? predictedCounts(prediction);
  if (counts === null) {
    const known = isBlind ? 'BLIND, whatever its version' : 'not known';
    return isSilent ? `SILENT, ${known}` : known;
  }
  const { missed, misnamed, unknown, knownLimits, sees } = counts;
  const all = containers ?? counts.all;
  return [
    ...(isSilent ? ['SILENT'] : []),
    isBlind ? `BLIND to ${missed} of ${all} (${sees})` : `${sees} of ${all}`,
    ...(misnamed === 0 ? [] : [`${misnamed} under another name`]),
    ...(unknown === 0 ? [] : [`${unknown} not known`]),
    ...(knownLimits === 0 ? [] : [plural(knownLimits, 'known limit')]),
  ].join(', ');
}

/** Null while the rules tell more than its file. */
const observedCounts = (observation: ObservationView | null) =>
  observation?.state !== 'fresh'
    ? null
    : {
        sees: `seen ${observation.seen}`,
        missed: observation.unseen.length,
        misnamed: 0,
        unknown: observation.undecided,
        knownLimits: observation.expectedUnseen,
        all:
          observation.seen +
          observation.unseen.length +
          observation.undecided +
          observation.expectedUnseen,
      };

const predictedCounts = (prediction: SensorView['prediction']) =>
  prediction === null
    ? null
    : {
        ...prediction,
        sees: `would see ${prediction.seen}`,
        missed: prediction.missed - prediction.knownLimits,
        all: prediction.seen + prediction.missed + prediction.misnamed + prediction.unknown,
      };

const NOT_SEARCHED =
  'Which sensors run is unknown: this capture comes from a rollcall that did not search for them.';

const sightColor = (sensor: SensorView, colors: Colors): Colors[keyof Colors] =>
  missesContainers(sensor)
    ? colors.red
    : sensor.observation === null
      ? predictionColor(sensor, colors)
      : observationColor(sensor.observation, colors);

function predictionColor({ blind, prediction }: SensorView, colors: Colors): Colors[keyof Colors] {
  if (blind === true) return colors.red;
  const isAll = blind === false && prediction?.missed === 0 && prediction.misnamed === 0;
  return isAll ? colors.green : colors.yellow;
}

/** One sensor that runs, in colour: whether it would see all containers, if known. */
export function sensorLines(sensor: SensorView, { colors, columns }: Screen): string[] {
  const { sentence, observation } = sensor;
  const lines = wrapText(oneLine(sentence, MAX_WHY), columns, predictionColor(sensor, colors));
  if (observation === null) return lines;
  const observed = oneLine(observation.sentence, MAX_WHY);
  return [...lines, ...wrapText(observed, columns, observationColor(observation, colors))];
}

function observationColor(
  { state, silent, unseen, undecided }: ObservationView,
  colors: Colors,
): Colors[keyof Colors] {
  if (silent || unseen.length > 0) return colors.red;
  return state === 'fresh' && undecided === 0 ? colors.green : colors.yellow;
}

/** The same for programs. */
export const sensorsJson = (answer: SensorsAnswer): SensorsView => ({
  schemaVersion: 1,
  takenAt: answer.takenAt,
  cgroupMode: answer.mode,
  containers: answer.containers,
  tools: answer.tools.map((tool) => toolJson(tool, answer.listsMissed)),
  searched: answer.isSearched,
  sensors: answer.sensors,
});

function toolJson(tool: ShownTool, listsMissed: boolean): ToolView {
  const { prediction } = tool;
  const sights = sightsOf(prediction);
  return {
    name: tool.name,
    versions: tool.versions,
    mount: tool.mount,
    seen: countOf(prediction, 'seen'),
    missed: countOf(prediction, 'missed'),
    misnamed: countOf(prediction, 'misnamed'),
    unknown: countOf(prediction, 'unknown'),
    knownLimits:
      prediction.kind === 'predicted'
        ? sights.filter(([, one]) => one.kind === 'missed' && one.isKnownLimit).length
        : null,
    why: tool.why,
    remedy: tool.remedy,
    source: tool.source,
    ...(listsMissed
      ? {
          missedHandles: sights.flatMap(([handle, one]) => (one.kind === 'missed' ? [handle] : [])),
          misnamedHandles: sights.flatMap(([handle, one]) =>
            one.kind === 'misnamed' ? [{ handle, id: one.id }] : [],
          ),
        }
      : {}),
  };
}
