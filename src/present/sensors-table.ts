import { missesContainers, type ObservationView, type SensorView } from '../model/report-view.ts';
import { SENSOR_ROWS, type SensorName, type Sight } from '../model/sensor.ts';
import { oneLine } from '../model/text.ts';
import { asTyped } from '../model/typed-as.ts';
import type { Colors, Screen } from './color.ts';
import { hangingLines, wrapText } from './display-width.ts';
import { itemTable, type ItemColumn, type TableCell } from './table.ts';
import { GENERATIONS } from './names.ts';
import { plural } from './quantities.ts';
import { sightsOf, type SensorsAnswer, type ShownTool } from './sensors-json.ts';

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
          `rollcall knows no rule of ${SENSOR_ROWS[tool].title}, so it predicts nothing.`,
          options.columns,
        )
      : []),
    ...heading(
      'What the running sensor would see by the published rules of its versions:',
      toolLines(
        whole.filter(({ running }) => running),
        answer,
        options,
      ),
    ),
    ...heading(
      'What these versions would see by their published rules, if they started now:',
      toolLines(
        whole.filter(({ running }) => !running),
        answer,
        options,
      ),
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
      : others.length === 0
        ? [first]
        : [
            {
              ...first,
              versions: plural(others.length + 1, 'range'),
              why: `${[first, ...others].map(({ versions }) => versions).join('; ')}: ${first.why}`,
            },
          ],
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
    tools.flatMap(({ prediction }) =>
      prediction.kind === 'predicted' ? [prediction.counts[kind]] : [],
    );
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
    const { seen } = prediction.counts;
    const style = seen === containers ? green : seen === 0 ? red : yellow;
    return { text: `${seen} of ${containers}`, style };
  };
  const number = (title: string, kind: Sight['kind']): ItemColumn<ShownTool> => ({
    title,
    align: 'right',
    cell: ({ prediction }) =>
      prediction.kind === 'predicted' ? String(prediction.counts[kind]) : '?',
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
  // Each miss may be a known limit, or each container misnamed.
  const blindTo = missed === 0 ? `all ${all}` : `${missed} of ${all}`;
  return [
    ...(isSilent ? ['SILENT'] : []),
    isBlind ? `BLIND to ${blindTo} (${sees})` : `${sees} of ${all}`,
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
export function sensorLines(sensor: SensorView, { colors, columns, typedAs }: Screen): string[] {
  const { sentence, observation } = sensor;
  const predicted = oneLine(asTyped(sentence, typedAs), MAX_WHY);
  const lines = wrapText(predicted, columns, predictionColor(sensor, colors));
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
