import type {
  FileReading,
  RememberedObservation,
  SensorObservation,
} from '../model/observation.ts';
import { oneLine } from '../model/text.ts';
import { FORMATS } from './formats.ts';

type Facts = Omit<SensorObservation, 'why'>;

export interface SentenceInputs {
  readonly run: RememberedObservation;
  readonly reading: FileReading;
  readonly containers: readonly unknown[] | null;
}

/** What a sensor's file shows that it saw, in sentences that follow the sensor's name. */
export function observationSentence(facts: Facts, inputs: SentenceInputs): string {
  const { reading, containers } = inputs;
  if (reading.kind !== 'read') return `${unreadSentence(facts, reading)}${endSentence(facts)}`;
  return [
    facts.life === 'ended' ? 'Its process is not running.' : null,
    ageSentence(facts),
    containers === null
      ? 'No container could be compared in this pass.'
      : sightSentence(facts, containers.length),
    proofSentence(facts, inputs),
    unknownIdsSentence(facts),
  ]
    .filter((part) => part !== null)
    .join(' ');
}

const endSentence = ({ life }: Facts): string =>
  life === 'ended' ? ' Its process is not running.' : '';

function unreadSentence(
  { sensor }: Facts,
  reading: Exclude<FileReading, { readonly kind: 'read' }>,
): string {
  const path = oneLine(sensor.path, 160);
  if (reading.kind === 'absent') {
    return reading.isDirectoryMissing
      ? `The directory of its event file ${path} does not exist. If it was created after the agent started, restart the agent, which then mounts it.`
      : `Its event file ${path} does not exist.`;
  }
  const { what, errno, mode, uid, gid } = reading;
  const owner =
    mode === null || uid === null || gid === null
      ? ''
      : `, mode ${mode.toString(8).padStart(4, '0')}, owner ${uid}:${gid}`;
  return `Its event file cannot be read: ${oneLine(what, 160)} (${errno}${owner}). The agent runs as vcap: let it enter the directory and read the file.`;
}

function ageSentence({ state, isSilent, life, lastLineAt }: Facts): string | null {
  if (state !== 'stale') return null;
  const last =
    lastLineAt === null ? 'It has not written a line yet' : `Its last line is from ${lastLineAt}`;
  if (life === 'ended') return `${last}.`;
  return isSilent
    ? `${last}, although containers have started since: it is silent.`
    : `${last}; no container that it should have named has started since.`;
}

function sightSentence({ seen, unseen, expectedUnseen }: Facts, running: number): string {
  const unseenPart =
    unseen.length === 0
      ? ''
      : `, but not ${unseen.length}: ${unseen
          .slice(0, 3)
          .map((one) => oneLine(one, 40))
          .join(', ')}${unseen.length > 3 ? ' and others' : ''}`;
  const limit =
    expectedUnseen === 0 ? '' : ` It cannot name ${expectedUnseen} of them (a known limit).`;
  return `It has named ${seen} of ${running} running containers${unseenPart}.${limit}`;
}

function proofSentence(
  { sensor, state, undecided, life }: Facts,
  { run, reading, containers }: SentenceInputs,
): string | null {
  if (containers === null || undecided === 0 || life === 'ended' || state === 'stale') return null;
  if (reading.kind === 'read' && !reading.isAtEnd) {
    return 'Its file has not been read to its end yet.';
  }
  if (state !== 'cannot-be-told') return null;
  const why = FORMATS[sensor.format].why(run);
  return why === null ? null : `The other ${undecided} are unknown: ${why}`;
}

function unknownIdsSentence({ sensor, unknownIds, unknownIdsOmitted }: Facts): string | null {
  if (unknownIds.length === 0) return null;
  const list = unknownIds.map((id) => oneLine(id, 40)).join(', ');
  const more = unknownIdsOmitted === 0 ? '' : ` and ${unknownIdsOmitted} more`;
  return `${FORMATS[sensor.format].unmatched}: ${list}${more}.`;
}
