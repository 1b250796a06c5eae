import type { SensorView } from '../model/report-view.ts';
import { SENSOR_ROWS, type SensorReport } from '../model/sensor.ts';
import { oneLine } from '../model/text.ts';

/** Leaves room for a log line of 900 bytes around it. */
const MAX_SENTENCE = 500;

type Shown = Pick<
  SensorReport,
  'name' | 'pid' | 'startedAt' | 'olderContainers' | 'containers' | 'why'
>;

/** A sensor that runs, in one sentence for each thing that is known of it. */
export function sensorSentence(sensor: Shown): string {
  const { name, pid, startedAt, why } = sensor;
  return oneLine(
    `${SENSOR_ROWS[name].title} runs (pid ${pid}, since ${startedAt}). ${olderSentence(sensor)}${why}`,
    MAX_SENTENCE,
  );
}

/** Ends with a space; empty where nothing is older. */
function olderSentence({
  olderContainers,
  containers,
}: Pick<Shown, 'olderContainers' | 'containers'>): string {
  if (olderContainers === null || containers === null || containers === 0) return '';
  if (olderContainers === 0) return 'No running container is older than it. ';
  return `${olderContainers} of ${containers} running containers ${olderContainers === 1 ? 'is' : 'are'} older than it. `;
}

/** A sensor as JSON has it. */
export const sensorView = ({ startTicks: _ticks, why, ...sensor }: SensorReport): SensorView => ({
  ...sensor,
  title: SENSOR_ROWS[sensor.name].title,
  sentence: sensorSentence({ ...sensor, why }),
});
