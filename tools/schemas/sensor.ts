import * as v from 'valibot';
import { SENSOR_NAMES } from '../../src/model/sensor.ts';
import type { SensorView } from '../../src/model/report-view.ts';
import {
  count,
  nullableCount,
  nullableText,
  nullableTime,
  switchedOn,
  text,
  told,
} from './shapes.ts';

const prediction = v.object({
  mount: told(nullableText, 'The mount that it chooses; null: its own, or none.'),
  seen: told(count, 'Containers that it would see.'),
  missed: told(count, 'Containers that it would miss.'),
  misnamed: told(count, 'Containers that it would give another id.'),
  unknown: told(count, 'Containers for which this is unknown.'),
  knownLimits: told(count, 'Missed containers that its documentation excludes.'),
});

const observation = v.object({
  name: told(text, 'As configured: the label of its metrics.'),
  format: told(text, 'The format of its event file.'),
  path: told(text, 'The path of its event file.'),
  state: told(
    v.picklist(['fresh', 'stale', 'absent', 'unreadable', 'cannot-be-told']),
    'The state of its event file.',
  ),
  up: told(switchedOn, 'Whether its process has not ended and its file can be read.'),
  silent: told(switchedOn, 'Whether it is dead, unreadable or without a line for too long.'),
  seen: told(count, 'Containers that it named.'),
  unseen: told(v.array(text), 'Handles of the containers that it should have named and did not.'),
  expectedUnseen: told(count, 'Containers that it is not expected to name.'),
  undecided: told(count, 'Containers for which this is not known yet.'),
  unknownIds: told(v.array(text), 'At most 5 ids that it wrote and no container has.'),
  unknownIdsOmitted: told(count, 'The number of further ones.'),
  lastLineAt: told(nullableTime, 'When it last wrote a line.'),
  sentence: told(text, 'A summary in sentences.'),
});

/** A sensor that runs or is configured. */
export const sensor = v.object({
  name: told(text, 'A sensor that rollcall knows, or the name in the configuration.'),
  title: told(text, 'Its name for people.'),
  version: told(v.null(), 'Unknown.'),
  pid: told(nullableCount, 'Null: configured, but no process was found.'),
  startedAt: told(nullableTime, 'When its process started.'),
  unit: told(nullableText, 'Its systemd unit or bpm job.'),
  olderContainers: told(nullableCount, 'Running containers that are older than it.'),
  containers: told(nullableCount, 'Running containers.'),
  prediction: told(
    v.nullable(prediction),
    'The prediction by its published rules; null: its versions differ, or unknown.',
  ),
  blind: told(
    v.nullable(switchedOn),
    'Whether every version that it can be would miss a container; null: unknown.',
  ),
  sentence: told(text, 'The whole prediction, in sentences.'),
  observation: told(
    v.nullable(observation),
    'The content of its event file; null: no event file of it is read.',
  ),
}) satisfies v.GenericSchema<unknown, SensorView>;

const byVersion = {
  seen: told(nullableCount, 'Containers that it would see; null: unknown.'),
  missed: told(nullableCount, 'Containers that it would miss.'),
  misnamed: told(nullableCount, 'Containers that it would give another id.'),
  unknown: told(nullableCount, 'Containers for which this is unknown.'),
  knownLimits: told(nullableCount, 'Missed containers that its documentation excludes.'),
};

const misnamed = v.object({
  handle: told(text, "The container's."),
  id: told(text, 'The id that the sensor would give it.'),
});

/** A range of versions of a known sensor. */
export const tool = v.object({
  name: told(v.picklist(SENSOR_NAMES), 'The sensor.'),
  versions: told(text, 'The versions to which it applies; empty: all.'),
  mount: told(nullableText, 'The mount that it would take, or "its own"; null: none.'),
  ...byVersion,
  why: told(text, 'The reason in sentences.'),
  remedy: told(nullableText, 'The remedy; null: none is known.'),
  source: told(text, 'The source of its rule.'),
  missedHandles: v.exactOptional(told(v.array(text), 'With --missed: the handles.')),
  misnamedHandles: v.exactOptional(told(v.array(misnamed), 'With --missed: handles and ids.')),
});
