import * as v from 'valibot';
import {
  acknowledgedMilliseconds,
  acknowledgementEntry,
  MAX_ACKNOWLEDGED_BY,
  MAX_ACKNOWLEDGED_REASON,
  MAX_ACKNOWLEDGEMENTS,
  rememberedAcknowledgement,
  type AcknowledgementEntry,
  type AcknowledgementRequest,
  type RememberedAcknowledgements,
} from '../model/acknowledgement.ts';
import { oneLine } from '../model/text.ts';
import * as s from '../model/shape.ts';
import { knownEntries, objectIn, type Parsed } from './json.ts';
import { schemaOf } from './shape.ts';

const stored = s.struct({ handle: s.handle, ...rememberedAcknowledgement.fields });

/** As the memory file has them: a list. */
export const storedAcknowledgements = v.pipe(
  knownEntries(schemaOf(stored), MAX_ACKNOWLEDGEMENTS),
  v.transform(
    (known): RememberedAcknowledgements =>
      new Map(known.map(({ handle, ...one }) => [handle, one])),
  ),
);

const TAKES =
  `an acknowledgement takes {"handle", "for", "reason", "by"}: for is a time such as 7d, 12h or 30m, at most 90d; ` +
  `reason has 1 to ${MAX_ACKNOWLEDGED_REASON} characters, by 1 to ${MAX_ACKNOWLEDGED_BY}`;

const word = (most: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(most));
const request = v.strictObject({
  handle: v.pipe(v.string(), v.minLength(1)),
  for: v.string(),
  reason: word(MAX_ACKNOWLEDGED_REASON),
  by: word(MAX_ACKNOWLEDGED_BY),
});

/** The body of `POST /v1/ack`. Its texts go into the memory file and every view: one line each. */
export function parseAcknowledgementRequest(body: string): Parsed<AcknowledgementRequest> {
  const parsed = objectIn(body, request);
  const milliseconds = parsed === null ? null : acknowledgedMilliseconds(parsed.for);
  if (parsed === null || milliseconds === null) return { ok: false, why: TAKES };
  const { handle, reason, by } = parsed;
  return {
    ok: true,
    value: {
      handle,
      milliseconds,
      reason: oneLine(reason, MAX_ACKNOWLEDGED_REASON),
      by: oneLine(by, MAX_ACKNOWLEDGED_BY),
    },
  };
}

const entry = schemaOf(acknowledgementEntry);
const list = v.object({
  acknowledgements: v.pipe(v.array(entry), v.maxLength(MAX_ACKNOWLEDGEMENTS)),
});

/** The answer to `POST /v1/ack`; null if it is invalid. */
export const parseAcknowledgement = (body: string): AcknowledgementEntry | null =>
  objectIn(body, entry);

/** The answer to `GET /v1/acks`. */
export function parseAcknowledgements(body: string): Parsed<readonly AcknowledgementEntry[]> {
  const parsed = objectIn(body, list);
  return parsed === null
    ? { ok: false, why: 'it is not a list of acknowledgements' }
    : { ok: true, value: parsed.acknowledgements };
}
