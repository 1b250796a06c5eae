import * as v from 'valibot';
import { KnownFailure } from '../model/failure.ts';
import { CAPTURE_SCHEMA_VERSION, captureContent, type Capture } from '../model/snapshot.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { jsonIn, parsedBy, schemaVersionOf } from './json.ts';
import { schemaOf } from './schema.ts';

/** Ten passes over 5,000 containers. */
const MAX_CAPTURE_VALUES = 8_000_000;
/** A capture comes from another machine, so every field is checked and every list bounded. */
const captureSchema = v.pipe(
  schemaOf(captureContent),
  v.forward(
    v.check(({ passes }) => passes.length > 0),
    ['passes'],
  ),
);

/**
 * The text of a capture file, already decompressed; `path` is for the messages.
 * @throws KnownFailure CAPTURE_UNREADABLE if it is not a capture, CAPTURE_SCHEMA if it has another
 * schema
 */
export function parseCapture(json: string, path: string): Capture {
  const written = jsonIn(json, MAX_CAPTURE_VALUES);
  if (!written.ok) {
    throw new KnownFailure(
      'CAPTURE_UNREADABLE',
      `${path} is not a capture: ${written.why}. Make one with ${TYPED_ON_CELL} capture.`,
    );
  }
  const version = schemaVersionOf(written.value);
  if (version !== null && version !== CAPTURE_SCHEMA_VERSION) {
    throw new KnownFailure(
      'CAPTURE_SCHEMA',
      `${path} has the schemaVersion ${version}, this rollcall reads ${CAPTURE_SCHEMA_VERSION}: use the rollcall that made it.`,
    );
  }
  const parsed = parsedBy(captureSchema, written.value);
  if (parsed.ok) return parsed.value;
  throw new KnownFailure(
    'CAPTURE_UNREADABLE',
    `${path} is not a readable capture: ${parsed.why}. Make a new one with ${TYPED_ON_CELL} capture.`,
  );
}

/** The text of a capture file, before compression. A Map becomes the list of its entries. */
export const captureText = (capture: Capture): string =>
  JSON.stringify(capture, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
