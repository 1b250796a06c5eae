import * as v from 'valibot';
import type { Handle } from '../model/ids.ts';
import { filePlace, SENSOR_FORMATS, type RememberedObservation } from '../model/observation.ts';
import { nullable } from '../model/shape.ts';
import { count, knownEntries, text } from './json.ts';
import { schemaOf } from './shape.ts';

const writtenIds = v.pipe(
  v.array(v.tuple([text, v.object({ isNamed: v.boolean(), unusedSince: v.nullable(count) })])),
  v.maxLength(20_000),
);
const handleText = v.custom<Handle>((value) => typeof value === 'string');
const observation = v.object({
  name: text,
  path: text,
  format: v.picklist(SENSOR_FORMATS),
  place: schemaOf(nullable(filePlace)),
  process: v.nullable(v.object({ pid: count, startTicks: count })),
  since: count,
  isWhole: v.boolean(),
  gapAt: v.nullable(count),
  ids: writtenIds,
  existing: v.object({ lines: count, ids: writtenIds }),
  created: v.array(v.tuple([text, count])),
  waiting: v.array(v.tuple([handleText, count])),
  brokenSince: v.nullable(count),
  told: v.object({ unseen: v.array(handleText), silent: v.boolean() }),
});

export const storedObservations = knownEntries(observation, 16);

type Stored = Omit<v.InferOutput<typeof observation>, 'name'>;

export const rememberedObservations = (
  stored: v.InferOutput<typeof storedObservations>,
): ReadonlyMap<string, RememberedObservation> =>
  new Map(stored.map(({ name, ...one }) => [name, rememberedObservation(one)] as const));

function rememberedObservation({ told, ...stored }: Stored): RememberedObservation {
  const { place, existing, ids, created, waiting } = stored;
  // If a file is read again from its beginning, its lines are counted again.
  const isReadAgain = place?.offset === 0 && existing.lines <= 2;
  return {
    ...stored,
    reported: told,
    ids: new Map(ids),
    existing: { lines: isReadAgain ? 0 : existing.lines, ids: new Map(existing.ids) },
    created: new Map(created),
    waiting: new Map(waiting),
    asOf: null,
    lastLineAt: null,
  };
}

/** After a restart of the agent, the end of the file is read again, at most this much of it. */
const PLACE_STEP = 16 * 1024 * 1024;

/**
 * Leaves out what is read again: a sensor that writes must not make the agent write in every pass.
 */
export const storedObservation = ([name, remembered]: readonly [string, RememberedObservation]) => {
  const {
    asOf: _,
    lastLineAt: __,
    place,
    ids,
    existing,
    created,
    waiting,
    reported,
    ...rest
  } = remembered;
  const offset = place === null ? 0 : Math.floor(place.offset / PLACE_STEP) * PLACE_STEP;
  return {
    name,
    ...rest,
    told: reported,
    place: place === null ? null : { ...place, offset },
    ids: [...ids],
    existing: { lines: existing.lines, ids: [...existing.ids] },
    created: [...created],
    waiting: [...waiting],
  };
};
