import type { SensorObservation } from '../model/observation.ts';
import type { ObservationView, SensorView } from '../model/report-view.ts';
import { SENSOR_ROWS, type SensorName, type SensorReport } from '../model/sensor.ts';
import { oneLine } from '../model/text.ts';
import { secondText } from './quantities.ts';

/** Leaves room for a log line of 900 bytes around it. */
const MAX_SENTENCE = 500;

type Shown = Pick<
  SensorReport,
  'name' | 'pid' | 'startedAt' | 'olderContainers' | 'containers' | 'why'
>;

/** A sensor that runs: one sentence for each thing that is known about it. */
export function sensorSentence(sensor: Shown): string {
  const { name, pid, startedAt, why } = sensor;
  return oneLine(
    `${SENSOR_ROWS[name].title} is running (pid ${pid}, since ${secondText(startedAt)}). ${olderSentence(sensor)}${why}`,
    MAX_SENTENCE,
  );
}

/** Ends with a space; empty if no container is older. */
function olderSentence({
  olderContainers,
  containers,
}: Pick<Shown, 'olderContainers' | 'containers'>): string {
  if (olderContainers === null || containers === null || containers === 0) return '';
  if (olderContainers === 0) return 'No running container is older than this process. ';
  return `${olderContainers} of ${containers} running containers ${olderContainers === 1 ? 'is' : 'are'} older than this process. `;
}

export const observationSentence = ({ why }: SensorObservation): string =>
  oneLine(why, MAX_SENTENCE);

const titleOf = (name: string, process: SensorName | null): string =>
  process === null ? name : SENSOR_ROWS[process].title;

const observationView = (observation: SensorObservation): ObservationView => ({
  name: observation.sensor.name,
  format: observation.sensor.format,
  path: observation.sensor.path,
  state: observation.state,
  up: observation.isUp,
  silent: observation.isSilent,
  seen: observation.seen,
  unseen: observation.unseen,
  expectedUnseen: observation.expectedUnseen,
  undecided: observation.undecided,
  unknownIds: observation.unknownIds,
  unknownIdsOmitted: observation.unknownIdsOmitted,
  lastLineAt: observation.lastLineAt,
  sentence: observationSentence(observation),
});

export const sensorView = ({
  startTicks: _ticks,
  why,
  sees,
  ...sensor
}: SensorReport): SensorView => ({
  ...sensor,
  sees: Object.fromEntries(sees),
  seesBy: 'prediction',
  title: SENSOR_ROWS[sensor.name].title,
  sentence: sensorSentence({ ...sensor, why }),
  observation: null,
});

/** The sensors that run, each with its observation, then configured ones that were not found. */
export function sensorViews(
  sensors: readonly SensorReport[],
  observations: readonly SensorObservation[],
): readonly SensorView[] {
  const left = [...observations];
  const running = sensors.map((sensor) => {
    const at = left.findIndex(({ process }) => process === sensor.name);
    const [observation] = at < 0 ? [] : left.splice(at, 1);
    const view = sensorView(sensor);
    return observation === undefined
      ? view
      : { ...view, ...sightOf(observation, view), observation: observationView(observation) };
  });
  return [...running, ...left.map(configuredView)];
}

/** What it wrote, while that is fresh; else as predicted. */
const sightOf = (
  { state, isUp, sees }: SensorObservation,
  predicted: Pick<SensorView, 'sees' | 'seesBy'>,
): Pick<SensorView, 'sees' | 'seesBy'> =>
  isUp && (state === 'fresh' || state === 'unknown')
    ? { sees: Object.fromEntries(sees), seesBy: 'event-file' }
    : { sees: predicted.sees, seesBy: predicted.seesBy };

/** The sensors that run, with what the agent read from them, then those that were not found. */
export const withObserved = (
  running: readonly SensorView[],
  observed: readonly SensorView[],
): readonly SensorView[] => [
  ...running.map((view) => {
    const known = observed.find(({ name }) => name === view.name);
    const { observation, seesBy, sees } = known ?? view;
    return { ...view, observation, ...(seesBy === 'event-file' ? { sees, seesBy } : {}) };
  }),
  ...observed.filter(({ name }) => !running.some((view) => view.name === name)),
];

const configuredView = (observation: SensorObservation): SensorView => {
  const { sensor, process } = observation;
  const title = titleOf(sensor.name, process);
  return {
    name: sensor.name,
    title,
    version: null,
    pid: null,
    startedAt: null,
    unit: null,
    olderContainers: null,
    containers: null,
    prediction: null,
    blind: null,
    ...sightOf(observation, { sees: {}, seesBy: null }),
    diagnosis: null,
    sentence:
      process === null
        ? `${title} is a tool unknown to rollcall.`
        : `No process of ${title} was found.`,
    observation: observationView(observation),
  };
};
