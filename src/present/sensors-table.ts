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
import { renderTable, type Row, type TableCell } from './table.ts';
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
  const { colors, columns } = options;
  const { containers, tools, mode } = answer;
  const heading = `${containers} ${containers === 1 ? 'container runs' : 'containers run'} here, ${GENERATIONS[mode]}. What each sensor would see by its published rules, if it started now:`;
  const lines = tools.length === 0 ? [] : [...wrapText(heading, columns), ''];
  if (tools.length > 0) {
    lines.push(
      ...renderTable({
        columns: [
          // Versions that are cut look alike, and a mount stands whole in the sentence below.
          { title: 'SENSOR', least: 16 },
          { title: 'VERSIONS', least: 17 },
          { title: 'MOUNT', least: 14, cut: 'middle' },
          { title: 'SEEN', align: 'right' },
          { title: 'MISSED', align: 'right' },
          { title: 'MISNAMED', align: 'right' },
        ],
        rows: tools.map((tool) => toolRow(tool, answer, colors)),
        width: columns,
        titleStyle: colors.dim,
      }),
      '',
    );
  }
  lines.push(...runningLines(answer, options));
  return `${lines.join('\n')}\n`;
}

function toolRow(tool: ShownTool, { containers, listsMissed }: SensorsAnswer, colors: Colors): Row {
  const { name, versions, prediction, mount, why } = tool;
  const sights = sightsOf(prediction);
  const count = (kind: Sight['kind']): number =>
    sights.filter(([, one]) => one.kind === kind).length;
  const isPredicted = prediction.kind === 'predicted';
  const all = isPredicted && count('seen') === containers;
  const number = (kind: Sight['kind']): TableCell => ({
    text: isPredicted ? String(count(kind)) : '?',
  });
  return {
    cells: [
      { text: SENSOR_ROWS[name].title },
      { text: versions === '' ? 'all' : versions },
      { text: mount === null ? '-' : oneLine(mount, 400) },
      isPredicted
        ? {
            text: `${count('seen')} of ${containers}`,
            style: all ? colors.green : count('seen') === 0 ? colors.red : colors.yellow,
          }
        : { text: '?', style: colors.yellow },
      number('missed'),
      number('misnamed'),
    ],
    notes: [
      { text: oneLine(why, MAX_WHY), style: colors.dim },
      ...(listsMissed ? listedNotes(sights) : []),
    ],
  };
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
    const which = tool === null ? 'No sensor known to rollcall' : SENSOR_ROWS[tool].title;
    return wrapText(
      `${which} ${tool === null ? 'is running here.' : 'is not running here.'}`,
      columns,
    );
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

/**
 * One sensor that runs, in colour: whether it would see every container, as far as that is known.
 */
export function sensorLines(
  { blind, prediction, sentence, observation }: SensorView,
  { colors, columns }: Screen,
): string[] {
  const isAll = blind === false && prediction?.missed === 0 && prediction.misnamed === 0;
  const color = blind === true ? colors.red : isAll ? colors.green : colors.yellow;
  const width = Math.max(20, columns);
  const lines = wrapText(oneLine(sentence, MAX_WHY), width).map((line) => color(line));
  if (observation === null) return lines;
  const seen = observationColor(observation, colors);
  return [
    ...lines,
    ...wrapText(oneLine(observation.sentence, MAX_WHY), width).map((line) => seen(line)),
  ];
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

function toolJson({ prediction, ...tool }: ShownTool, listsMissed: boolean): ToolView {
  const sights = sightsOf(prediction);
  const of = (kind: Sight['kind']): readonly string[] =>
    sights.flatMap(([handle, sight]) => (sight.kind === kind ? [handle] : []));
  const isPredicted = prediction.kind === 'predicted';
  const count = (kind: Sight['kind']): number | null => (isPredicted ? of(kind).length : null);
  return {
    name: tool.name,
    versions: tool.versions,
    mount: tool.mount,
    seen: count('seen'),
    missed: count('missed'),
    misnamed: count('misnamed'),
    unknown: count('unknown'),
    knownLimits: isPredicted
      ? sights.filter(([, one]) => one.kind === 'missed' && one.isKnownLimit).length
      : null,
    why: tool.why,
    remedy: tool.remedy,
    source: tool.source,
    ...(listsMissed
      ? {
          missedHandles: of('missed'),
          misnamedHandles: sights.flatMap(([handle, sight]) =>
            sight.kind === 'misnamed' ? [{ handle, id: sight.id }] : [],
          ),
        }
      : {}),
  };
}
