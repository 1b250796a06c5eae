import type { SensorsView, ToolView } from '../model/answers.ts';
import type { NamesSocketView } from '../model/names-socket.ts';
import type { CgroupMode } from '../model/hierarchy.ts';
import type { DiagnosisView, SensorView } from '../model/report-view.ts';
import type { SensorName, SensorPrediction, Sight } from '../model/sensor.ts';
import type { Instance } from './sensor-diagnosis.ts';

/** What `rollcall sensors` found. */
export interface SensorsAnswer {
  readonly takenAt: string;
  readonly mode: CgroupMode;
  /** How many run on this cell. */
  readonly containers: number;
  readonly tools: readonly ShownTool[];
  readonly sensors: readonly SensorView[];
  /** Of a sensor that was asked for and does not run, as if it started now; otherwise null. */
  readonly diagnosis: DiagnosisView | null;
  /** The containers of the cell, with their names. */
  readonly instances: readonly Instance[];
  /** False for a capture of a version that did not search for sensors. */
  readonly isSearched: boolean;
  /** The sensor that was asked for; null for all. */
  readonly tool: SensorName | null;
  readonly namesSocket: NamesSocketView | null;
  readonly listsMissed: boolean;
  /** Whether sensors that are not here have a row for each version, too. */
  readonly predictsAll: boolean;
}

export interface ShownTool extends Pick<
  ToolView,
  'name' | 'versions' | 'running' | 'mount' | 'why' | 'remedies' | 'source'
> {
  readonly prediction: SensorPrediction;
}

/** The same for programs. */
export const sensorsJson = (answer: SensorsAnswer): SensorsView => ({
  schemaVersion: 1,
  takenAt: answer.takenAt,
  cgroupMode: answer.mode,
  containers: answer.containers,
  tools: answer.tools.map((tool) => toolJson(tool, answer.listsMissed)),
  diagnosis: answer.diagnosis,
  searched: answer.isSearched,
  sensors: answer.sensors,
  namesSocket: answer.namesSocket,
});

function toolJson(tool: ShownTool, listsMissed: boolean): ToolView {
  const { prediction } = tool;
  const sights = sightsOf(prediction);
  return {
    name: tool.name,
    versions: tool.versions,
    running: tool.running,
    mount: tool.mount,
    ...(prediction.kind === 'predicted' ? prediction.counts : NOT_PREDICTED),
    why: tool.why,
    remedies: tool.remedies,
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

const NOT_PREDICTED = {
  seen: null,
  missed: null,
  misnamed: null,
  unknown: null,
  knownLimits: null,
};

export const sightsOf = (prediction: SensorPrediction): readonly (readonly [string, Sight])[] =>
  prediction.kind === 'predicted'
    ? [...prediction.sights].toSorted(([a], [b]) => (a < b ? -1 : 1))
    : [];
