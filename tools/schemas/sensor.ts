import * as v from 'valibot';
import { SENSOR_NAMES } from '../../src/model/sensor.ts';
import type { SensorView } from '../../src/model/report-view.ts';
import {
  count,
  nullableCount,
  nullableText,
  nullableTime,
  flag,
  text,
  described,
} from './shapes.ts';

const prediction = v.object({
  mount: described(nullableText, 'The mount that it chooses; null: its own, or none.'),
  seen: described(count, 'Containers that it would see.'),
  missed: described(count, 'Containers that it would miss.'),
  misnamed: described(count, 'Containers that it would give another id.'),
  unknown: described(count, 'Containers for which this is unknown.'),
  knownLimits: described(count, 'Missed containers that its documentation excludes.'),
});

const observation = v.object({
  name: described(text, 'As configured: the label of its metrics.'),
  format: described(text, 'The format of its event file.'),
  path: described(text, 'The path of its event file.'),
  state: described(
    v.picklist(['fresh', 'stale', 'absent', 'unreadable', 'cannot-be-told']),
    'The state of its event file.',
  ),
  up: described(flag, 'Whether its process has not ended and its file can be read.'),
  silent: described(flag, 'Whether it is dead, unreadable or without a line for too long.'),
  seen: described(count, 'Containers that it named.'),
  unseen: described(
    v.array(text),
    'Handles of the containers that it should have named and did not.',
  ),
  expectedUnseen: described(count, 'Containers that it is not expected to name.'),
  undecided: described(count, 'Containers for which this is not known yet.'),
  unknownIds: described(v.array(text), 'At most 5 ids that it wrote and no container has.'),
  unknownIdsOmitted: described(count, 'The number of further ones.'),
  lastLineAt: described(nullableTime, 'When it last wrote a line.'),
  sentence: described(text, 'A summary in sentences.'),
});

/** A sensor that runs or is configured. */
export const sensor = v.object({
  name: described(text, 'A sensor that rollcall knows, or the name in the configuration.'),
  title: described(text, 'Its name for people.'),
  version: described(v.null(), 'Unknown.'),
  pid: described(nullableCount, 'Null: configured, but no process was found.'),
  startedAt: described(nullableTime, 'When its process started.'),
  unit: described(nullableText, 'Its systemd unit or bpm job.'),
  olderContainers: described(nullableCount, 'Running containers that are older than it.'),
  containers: described(nullableCount, 'Running containers.'),
  prediction: described(
    v.nullable(prediction),
    'The prediction by its published rules; null: its versions differ, or unknown.',
  ),
  blind: described(
    v.nullable(flag),
    'Whether every version that it can be would miss a container; null: unknown.',
  ),
  sentence: described(text, 'The whole prediction, in sentences.'),
  observation: described(
    v.nullable(observation),
    'The content of its event file; null: no event file of it is read.',
  ),
}) satisfies v.GenericSchema<unknown, SensorView>;

const byVersion = {
  seen: described(nullableCount, 'Containers that it would see; null: unknown.'),
  missed: described(nullableCount, 'Containers that it would miss.'),
  misnamed: described(nullableCount, 'Containers that it would give another id.'),
  unknown: described(nullableCount, 'Containers for which this is unknown.'),
  knownLimits: described(nullableCount, 'Missed containers that its documentation excludes.'),
};

const misnamed = v.object({
  handle: described(text, "The container's."),
  id: described(text, 'The id that the sensor would give it.'),
});

/** A range of versions of a known sensor. */
export const tool = v.object({
  name: described(v.picklist(SENSOR_NAMES), 'The sensor.'),
  versions: described(text, 'The versions to which it applies; empty: all.'),
  mount: described(nullableText, 'The mount that it would take, or "its own"; null: none.'),
  ...byVersion,
  why: described(text, 'The reason in sentences.'),
  remedy: described(nullableText, 'The remedy; null: none is known.'),
  source: described(text, 'The source of its rule.'),
  missedHandles: v.exactOptional(described(v.array(text), 'With --missed: the handles.')),
  misnamedHandles: v.exactOptional(described(v.array(misnamed), 'With --missed: handles and ids.')),
});
