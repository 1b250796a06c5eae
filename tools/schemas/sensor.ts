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
  mount: told(nullableText, 'The mount that it takes; null: its own, or none.'),
  seen: told(count, 'Containers that it would see.'),
  missed: told(count, 'Containers that it would miss.'),
  misnamed: told(count, 'Containers that it would call by another id.'),
  unknown: told(count, 'Containers of which that cannot be told.'),
  knownLimits: told(count, 'Of the missed ones, those that its documentation excludes.'),
});

const observation = v.object({
  name: told(text, 'As configured: the label of its metrics.'),
  format: told(text, 'The format of its event file.'),
  path: told(text, 'The path of its event file.'),
  state: told(
    v.picklist(['fresh', 'stale', 'absent', 'unreadable', 'cannot-be-told']),
    'Of its event file.',
  ),
  up: told(switchedOn, 'Whether its process has not ended and its file can be read.'),
  silent: told(switchedOn, 'Whether it is dead, unreadable or without a line for too long.'),
  seen: told(count, 'Containers that it named.'),
  unseen: told(v.array(text), 'Handles of the containers that it should have named and did not.'),
  expectedUnseen: told(count, 'Containers that it need not name.'),
  undecided: told(count, 'Containers of which that cannot be told yet.'),
  unknownIds: told(v.array(text), 'At most 5 ids that it wrote and no container has.'),
  unknownIdsOmitted: told(count, 'How many more there are.'),
  lastLineAt: told(nullableTime, 'When it last wrote a line.'),
  sentence: told(text, 'All of it in sentences.'),
});

/** A sensor that runs or is configured. */
export const sensor = v.object({
  name: told(text, 'One of those that rollcall knows, or the name in the configuration.'),
  title: told(text, 'Its name for people.'),
  version: told(v.null(), 'Not found out.'),
  pid: told(nullableCount, 'Null: it is configured, and no process of it was found.'),
  startedAt: told(nullableTime, 'When its process started.'),
  unit: told(nullableText, 'Its systemd unit or bpm job.'),
  olderContainers: told(nullableCount, 'Running containers that are older than it.'),
  containers: told(nullableCount, 'Running containers.'),
  prediction: told(
    v.nullable(prediction),
    'What it would see by its published rules; null: its versions differ, or nothing can be told.',
  ),
  blind: told(
    v.nullable(switchedOn),
    'Whether every version that it can be would miss some container; null: that cannot be told.',
  ),
  sentence: told(text, 'All that is predicted, in sentences.'),
  observation: told(
    v.nullable(observation),
    'What it says it saw; null: no event file of it is read.',
  ),
}) satisfies v.GenericSchema<unknown, SensorView>;

const byVersion = {
  seen: told(nullableCount, 'Containers that it would see; null: that cannot be told.'),
  missed: told(nullableCount, 'Containers that it would miss.'),
  misnamed: told(nullableCount, 'Containers that it would call by another id.'),
  unknown: told(nullableCount, 'Containers of which that cannot be told.'),
  knownLimits: told(nullableCount, 'Of the missed ones, those that its documentation excludes.'),
};

const misnamed = v.object({
  handle: told(text, 'Of the container.'),
  id: told(text, 'What the sensor would call it.'),
});

/** A range of versions of a known sensor. */
export const tool = v.object({
  name: told(v.picklist(SENSOR_NAMES), 'The sensor.'),
  versions: told(text, 'Those of which it holds, in words; empty: all.'),
  mount: told(nullableText, 'The mount that it would take, or "its own"; null: none.'),
  ...byVersion,
  why: told(text, 'The reason in sentences.'),
  remedy: told(nullableText, 'What to change; null: nothing is known.'),
  source: told(text, 'Where its rule is from.'),
  missedHandles: v.exactOptional(told(v.array(text), 'With --missed: the handles.')),
  misnamedHandles: v.exactOptional(told(v.array(misnamed), 'With --missed: handles and ids.')),
});
