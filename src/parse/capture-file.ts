import * as v from 'valibot';
import { KnownFailure } from '../model/failure.ts';
import { CGROUP_FILES, type CgroupNumbers } from '../model/cgroup-numbers.ts';
import { cellIdentity } from '../model/cell-identity.ts';
import { appIdentity, CONTAINER_KINDS, GARDEN_FAILURE_CODES } from '../model/garden.ts';
import type { Device, Handle } from '../model/ids.ts';
import {
  bytes,
  count,
  destroyEvidence,
  errno,
  parsedBy,
  parseJson,
  processEntries,
  recordOf,
  schemaVersionOf,
  text,
  time,
} from './json.ts';
import { SENSOR_ID } from './sensor-lines.ts';
import { schemaOf } from './shape.ts';
import { NO_ANSWERS, type Answers, type QuestionName } from '../model/questions.ts';
import { CAPTURE_SCHEMA_VERSION, type Capture } from '../model/snapshot.ts';

/** A capture comes from another machine, so every field is checked and every list bounded. */
const MAX_ITEMS = 200_000;
const READ_VERSIONS = [1, 2, CAPTURE_SCHEMA_VERSION] as const;
const device = v.pipe(
  text,
  v.custom<Device>((value) => /^\d+:\d+$/.test(String(value))),
);
const handle = v.pipe(
  text,
  v.custom<Handle>((value) => typeof value === 'string'),
);
const list = <T extends v.GenericSchema>(item: T) => v.pipe(v.array(item), v.maxLength(MAX_ITEMS));
const entries = <K extends v.GenericSchema, V extends v.GenericSchema>(key: K, value: V) =>
  v.pipe(
    list(v.tuple([key, value])),
    v.transform((pairs): Map<v.InferOutput<K>, v.InferOutput<V>> => new Map(pairs)),
  );

const membership = recordOf(bytes);
const processFacts = v.object(processEntries);
const processInCgroups = v.object({
  ...processEntries,
  membership,
  children: v.optional(count, 0),
  depot: v.optional(v.nullable(text), null),
  containerdSocket: v.optional(v.nullable(text), null),
});
const { pid, startTicks, startedAt, state, namespacePids, comm } = processEntries;
const processSignals = v.object({
  state,
  threads: count,
  isKilled: v.boolean(),
  tracer: count,
});
const waitEvidence = v.object({
  processes: v.pipe(
    v.array(v.object({ pid, comm, state, wchan: v.nullable(text) })),
    v.maxLength(5),
  ),
  servers: v.nullable(
    v.pipe(
      v.array(
        v.variant('kind', [
          v.object({ kind: v.literal('nfs') }),
          v.object({ kind: v.literal('fuse'), connection: count }),
        ]),
      ),
      v.maxLength(5),
    ),
  ),
  mounts: v.nullable(count),
});
const processStart = v.object({ startTicks, namespacePids });
const repProcess = v.object({
  pid,
  startTicks,
  startedAt,
  state,
  namespacePids,
  comm,
  membership,
});
const rootImage = v.object({ name: bytes, store: bytes });
const mount = v.object({
  line: count,
  id: v.nullable(count),
  parentId: v.nullable(count),
  device: v.nullable(device),
  root: v.nullable(bytes),
  mountPoint: bytes,
  optionalFields: v.optional(v.nullable(count), null),
  fstype: text,
  source: bytes,
  superOptions: list(text),
});
const table = v.object({
  format: v.picklist(['mountinfo', 'mounts']),
  mounts: list(mount),
  malformed: list(v.object({ line: count, problem: text, text })),
  longLine: v.optional(v.nullable(count), null),
});
const mountStat = v.variant('kind', [
  v.object({
    kind: v.literal('seen'),
    magic: count,
    device,
    inode: count,
    hasReleaseAgent: v.boolean(),
    hasCgroupEvents: v.boolean(),
  }),
  v.object({ kind: v.literal('failed'), errno }),
]);
const scan = v.variant('kind', [
  v.object({
    kind: v.literal('seen'),
    controller: text,
    directories: list(
      v.object({ path: bytes, inode: count, pids: list(count), trouble: v.nullable(errno) }),
    ),
    unseen: list(
      v.object({
        path: bytes,
        why: v.picklist(['unreadable', 'bound', 'renamed', 'many']),
        errno: v.nullable(errno),
      }),
    ),
  }),
  v.object({ kind: v.literal('failed'), controller: text, errno }),
]);
const answer = <T extends v.GenericSchema>(value: T) =>
  v.variant('kind', [
    v.object({ kind: v.literal('answered'), value }),
    v.object({ kind: v.literal('failed'), code: v.picklist(GARDEN_FAILURE_CODES), why: text }),
  ]);
const containerProperties = v.object({
  properties: v.nullable(recordOf(text)),
  kind: v.picklist(CONTAINER_KINDS),
  app: v.nullable(schemaOf(appIdentity)),
  owner: v.picklist(['present', 'none', 'lost']),
});
const cgroupNumber = v.nullable(v.union([count, v.literal('max')]));
const cgroupNumbers: v.GenericSchema<unknown, CgroupNumbers> = v.object(
  v.entriesFromList(CGROUP_FILES, v.exactOptional(cgroupNumber)),
);
const sweep = v.object({
  namespaces: count,
  suspects: list(
    v.object({
      process: processFacts,
      membership,
      image: v.object({ name: bytes, store: bytes }),
    }),
  ),
  roots: list(v.object({ name: bytes, store: bytes, cgroup: bytes })),
});
const sensorId = v.pipe(v.string(), v.regex(SENSOR_ID));
/** Milliseconds since 1970 that a Date can hold. */
const instant = v.pipe(count, v.minValue(0), v.maxValue(8.64e15));
const sensorFact = v.variant('kind', [
  v.object({ kind: v.literal('named'), id: sensorId }),
  v.object({ kind: v.literal('existing'), id: sensorId, lines: count }),
  v.object({ kind: v.literal('created'), id: sensorId, at: v.nullable(instant) }),
  v.object({ kind: v.literal('as-of'), at: instant }),
]);
const fileReading = v.variant('kind', [
  v.object({
    kind: v.literal('read'),
    place: v.object({ device: count, inode: count, offset: count }),
    isAnew: v.boolean(),
    isWhole: v.boolean(),
    isAtEnd: v.boolean(),
    hasGap: v.boolean(),
    lines: count,
    facts: list(sensorFact),
    writtenAt: instant,
  }),
  v.object({ kind: v.literal('absent'), isDirectoryMissing: v.boolean() }),
  v.object({
    kind: v.literal('unreadable'),
    what: text,
    errno: v.pipe(v.string(), v.regex(/^[\w ]{1,32}$/)),
    mode: v.nullable(count),
    uid: v.nullable(count),
    gid: v.nullable(count),
  }),
]);
const sensorReading = v.object({
  reading: fileReading,
  time: v.object({ wall: instant, monotonic: count }),
});
/** A question that the first captures had not: absent there, which is the same as not asked. */
const later = <K extends QuestionName>(name: K, schema: v.GenericSchema<unknown, Answers[K]>) =>
  v.optional(schema, NO_ANSWERS[name] === null ? null : []);
const answers: { readonly [K in QuestionName]: v.GenericSchema<unknown, Answers[K]> } = {
  sweep: later('sweep', v.nullable(sweep)),
  memberships: entries(count, v.nullable(membership)),
  signals: later('signals', entries(count, v.nullable(processSignals))),
  processes: entries(count, v.nullable(processFacts)),
  ancestors: entries(count, list(processFacts)),
  rootImages: later('rootImages', entries(count, v.nullable(list(rootImage)))),
  gardenProcesses: later('gardenProcesses', v.nullable(list(processInCgroups))),
  repProcesses: later('repProcesses', v.nullable(list(repProcess))),
  starts: later('starts', entries(count, v.nullable(processStart))),
  scans: entries(text, scan),
  rootMounts: entries(handle, list(count)),
  overlays: later('overlays', v.nullable(list(bytes))),
  depot: later('depot', v.nullable(v.object({ names: v.nullable(list(bytes)) }))),
  destroys: later('destroys', v.nullable(entries(handle, destroyEvidence))),
  waits: later('waits', entries(handle, waitEvidence)),
  cgroupNumbers: later('cgroupNumbers', entries(bytes, cgroupNumbers)),
  controllers: later('controllers', entries(bytes, v.nullable(list(text)))),
  sensorFiles: later('sensorFiles', entries(text, sensorReading)),
  startTicks: later('startTicks', entries(count, v.nullable(count))),
  createdList: v.nullable(answer(list(handle))),
  properties: entries(handle, answer(containerProperties)),
  secondList: v.nullable(answer(list(handle))),
};
const snapshot = v.object({
  at: v.object({ wall: time, monotonicMilliseconds: count }),
  durationMilliseconds: count,
  cell: v.object({
    hostname: text,
    bootId: text,
    bosh: v.optional(v.nullable(schemaOf(cellIdentity)), null),
  }),
  mounts: v.object({
    source: text,
    root: text,
    namespace: v.picklist(['initial', 'private']),
    pidNamespace: v.optional(v.picklist(['initial', 'private']), 'initial'),
    cellTable: table,
    ownTable: table,
    stats: entries(bytes, mountStat),
    firstProcessPaths: v.nullable(membership),
  }),
  gardenProcesses: list(processInCgroups),
  primaryScan: v.nullable(scan),
  // Absent in captures of earlier versions.
  sensors: v.optional(
    v.nullable(
      v.object({
        processes: list(
          v.object({
            ...processEntries,
            membership,
            table: v.nullable(v.union([v.literal('cell'), table])),
          }),
        ),
        startTicks: entries(count, count),
      }),
    ),
    null,
  ),
  list: answer(list(handle)),
  listedAt: v.optional(v.nullable(time), null),
  answers: v.object(answers),
  hasHangingReads: v.optional(v.boolean(), false),
  isAnnounced: v.optional(v.boolean(), false),
});
const captureSchema = v.object({
  // An earlier version lacks the keys that have a default here.
  schemaVersion: v.pipe(
    v.picklist(READ_VERSIONS),
    v.transform((): typeof CAPTURE_SCHEMA_VERSION => CAPTURE_SCHEMA_VERSION),
  ),
  rollcallVersion: text,
  capturedAt: time,
  settleMilliseconds: count,
  looks: v.pipe(v.array(snapshot), v.minLength(1), v.maxLength(10_000)),
});

/**
 * The text of a capture file, already decompressed; `path` is for the messages.
 * @throws KnownFailure CAPTURE_UNREADABLE if it is not a capture, CAPTURE_SCHEMA if it has another
 * schema
 */
export function parseCapture(json: string, path: string): Capture {
  const value = parseJson(json);
  if (value === undefined) {
    throw new KnownFailure(
      'CAPTURE_UNREADABLE',
      `${path} is not a capture: it is not complete JSON. Make one with rollcall capture.`,
    );
  }
  const version = schemaVersionOf(value);
  if (version !== null && !READ_VERSIONS.some((known) => known === version)) {
    throw new KnownFailure(
      'CAPTURE_SCHEMA',
      `${path} has the schemaVersion ${version}, this rollcall reads 1 to ${CAPTURE_SCHEMA_VERSION}: ` +
        'use the rollcall that made it.',
    );
  }
  const parsed = parsedBy(captureSchema, value);
  if (parsed.ok) return parsed.value;
  throw new KnownFailure(
    'CAPTURE_UNREADABLE',
    `${path} is not a readable capture: ${parsed.why}. Make a new one with rollcall capture.`,
  );
}

/** The text of a capture file, before compression. A Map becomes the list of its entries. */
export const captureText = (capture: Capture): string =>
  JSON.stringify(capture, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
