import type {
  FileReading,
  RememberedObservation,
  SensorObservation,
} from '../model/observation.ts';
import { SENSOR_ROWS } from '../model/sensor.ts';
import { oneLine } from '../model/text.ts';
import { FORMATS } from './formats.ts';

type Facts = Omit<SensorObservation, 'why'>;

export interface SentenceInputs {
  readonly run: RememberedObservation;
  readonly reading: FileReading;
  readonly containers: readonly unknown[] | null;
}

/** What a sensor's event file shows that it saw. */
export function observationSentence(facts: Facts, inputs: SentenceInputs): string {
  const { reading, containers } = inputs;
  const ended = facts.life === 'ended' ? [`The process of ${titleOf(facts)} is not running.`] : [];
  if (reading.kind !== 'read') return [unreadSentence(facts, reading), ...ended].join(' ');
  return [
    ...ended,
    ageSentence(facts),
    containers === null
      ? `This pass could compare no container with the event file of ${titleOf(facts)}.`
      : sightSentence(facts, containers.length),
    proofSentence(facts, inputs),
    unknownIdsSentence(facts),
  ]
    .filter((part) => part !== null)
    .join(' ');
}

/** The tool's name for people, or what the configuration calls the sensor. */
const titleOf = ({ sensor, process }: Pick<Facts, 'sensor' | 'process'>): string =>
  process === null ? sensor.name : SENSOR_ROWS[process].title;

function unreadSentence(
  facts: Facts,
  reading: Exclude<FileReading, { readonly kind: 'read' }>,
): string {
  const file = `event file of ${titleOf(facts)}`;
  const path = oneLine(facts.sensor.path, 160);
  if (reading.kind === 'absent') {
    return reading.isDirectoryMissing
      ? `The directory of the ${file}, ${path}, does not exist. If the directory was created after the agent started, restart the agent, which then mounts the directory.`
      : `The ${file}, ${path}, does not exist.`;
  }
  const { what, errno, mode, uid, gid } = reading;
  const owner =
    mode === null || uid === null || gid === null
      ? ''
      : `, mode ${mode.toString(8).padStart(4, '0')}, owner ${uid}:${gid}`;
  return `The agent cannot read the ${file}: ${oneLine(what, 160)} (${errno}${owner}). The agent runs as vcap: let vcap enter the directory and read the file.`;
}

function ageSentence(facts: Facts): string | null {
  const { state, isSilent, life, lastLineAt } = facts;
  if (state !== 'stale') return null;
  const last =
    lastLineAt === null
      ? `The event file of ${titleOf(facts)} has no line yet`
      : `The last line of the event file is from ${lastLineAt}`;
  if (life === 'ended') return `${last}.`;
  return isSilent
    ? `${last}, although containers have started since: ${titleOf(facts)} is silent.`
    : `${last}; no container that ${titleOf(facts)} should have named has started since.`;
}

function sightSentence(facts: Facts, running: number): string {
  const { seen, unseen, expectedUnseen } = facts;
  const unseenPart =
    unseen.length === 0
      ? ''
      : `, but not ${unseen.length}: ${unseen
          .slice(0, 3)
          .map((one) => oneLine(one, 40))
          .join(', ')}${unseen.length > 3 ? ' and others' : ''}`;
  const limit =
    expectedUnseen === 0
      ? ''
      : ` ${titleOf(facts)} cannot name ${expectedUnseen} of the running containers (a known limit).`;
  return `The event file of ${titleOf(facts)} names ${seen} of ${running} running containers${unseenPart}.${limit}`;
}

function proofSentence(
  { sensor, state, undecided, life }: Facts,
  { run, reading, containers }: SentenceInputs,
): string | null {
  if (containers === null || undecided === 0 || life === 'ended' || state === 'stale') return null;
  if (reading.kind === 'read' && !reading.isAtEnd) {
    return 'The agent has not read the event file to its end yet.';
  }
  if (state !== 'unknown') return null;
  const why = FORMATS[sensor.format].why(run);
  return why === null ? null : `The other ${undecided} are unknown: ${why}`;
}

function unknownIdsSentence({ sensor, unknownIds, unknownIdsOmitted }: Facts): string | null {
  if (unknownIds.length === 0) return null;
  const list = unknownIds.map((id) => oneLine(id, 40)).join(', ');
  const more = unknownIdsOmitted === 0 ? '' : ` and ${unknownIdsOmitted} more`;
  return `${FORMATS[sensor.format].unmatched}: ${list}${more}.`;
}
