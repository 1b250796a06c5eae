import * as v from 'valibot';
import { keptObservation, type RememberedObservation } from '../model/observation.ts';
import * as s from '../model/shape.ts';
import { schemaOf } from './shape.ts';

const observation = s.struct({
  name: s.text,
  ...keptObservation.fields,
  told: s.struct({ unseen: s.list(s.handle), silent: s.flag }),
});

/** As the memory file has them: a list. */
export const storedObservations = v.pipe(
  schemaOf(s.list(observation, 16)),
  v.transform((stored) => new Map(stored.map(rememberedObservation))),
);

function rememberedObservation({ name, told, ...stored }: s.TypeOf<typeof observation>) {
  const { place, existing } = stored;
  // If a file is read again from its beginning, its lines are counted again.
  const lines = place?.offset === 0 && existing.lines <= 2 ? 0 : existing.lines;
  const remembered: RememberedObservation = {
    ...stored,
    reported: told,
    existing: { ...existing, lines },
    asOf: null,
    lastLineAt: null,
  };
  return [name, remembered] as const;
}

/** After a restart of the agent, the end of the file is read again, at most this much of it. */
const PLACE_STEP = 16 * 1024 * 1024;

/** Leaves out what is read again, so that a busy sensor does not make the agent write each time. */
export function storedObservation([name, remembered]: readonly [string, RememberedObservation]) {
  const { asOf: _, lastLineAt: __, place, existing, reported, ...rest } = remembered;
  const offset = place === null ? 0 : Math.floor(place.offset / PLACE_STEP) * PLACE_STEP;
  return {
    name,
    ...rest,
    told: reported,
    place: place === null ? null : { ...place, offset },
    ids: [...rest.ids],
    existing: { lines: existing.lines, ids: [...existing.ids] },
    created: [...rest.created],
    waiting: [...rest.waiting],
  };
}
