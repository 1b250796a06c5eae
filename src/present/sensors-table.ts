import type { SensorsView, ToolView } from '../model/answers.ts';
import type { CgroupMode } from '../model/hierarchy.ts';
import type { ObservationView, SensorView } from '../model/report-view.ts';
import {
  SENSOR_ROWS,
  type SensorName,
  type SensorPrediction,
  type Sight,
} from '../model/sensor.ts';
import { oneLine } from '../model/text.ts';
import type { Colors, Screen } from './color.ts';
import { wrapText } from './display-width.ts';
import { itemTable, type ItemColumn, type TableCell } from './table.ts';
import { GENERATIONS } from './names.ts';

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

/** What each sensor would see of the cell by its rules, then the sensors that run. */
export function sensorsTable(answer: SensorsAnswer, options: Screen): string {
  const { containers, tools, mode } = answer;
  const heading = `${containers} ${containers === 1 ? 'container runs' : 'containers run'} here, ${GENERATIONS[mode]}. What each sensor would see by its published rules, if it started now:`;
  const predicted =
    tools.length === 0
      ? []
      : [...wrapText(heading, options.columns), '', ...toolLines(answer, options), ''];
  return `${[...predicted, ...runningLines(answer, options)].join('\n')}\n`;
}

function toolLines({ tools, containers, listsMissed }: SensorsAnswer, screen: Screen): string[] {
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
  { colors, columns }: Screen,
): string[] {
  if (!isSearched) return wrapText(NOT_SEARCHED, columns);
  if (sensors.length === 0) {
    const none =
      tool === null
        ? 'No sensor known to rollcall is running here.'
        : `${SENSOR_ROWS[tool].title} is not running here.`;
    return wrapText(none, columns);
  }
  return sensors.flatMap((sensor) => [
    ...sensorLines(sensor, { colors, columns }),
    ...(listsMissed ? (sensor.observation?.unseen ?? []) : []).map(
      (handle) => `- unseen: ${oneLine(handle, 300)}`,
    ),
  ]);
}

const NOT_SEARCHED =
  'Which sensors run is unknown: this capture comes from a rollcall that did not search for them.';

/** One sensor that runs, in colour: whether it would see all containers, if known. */
export function sensorLines(
  { blind, prediction, sentence, observation }: SensorView,
  { colors, columns }: Screen,
): string[] {
  const isAll = blind === false && prediction?.missed === 0 && prediction.misnamed === 0;
  const color = blind === true ? colors.red : isAll ? colors.green : colors.yellow;
  const lines = wrapText(oneLine(sentence, MAX_WHY), columns, color);
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
