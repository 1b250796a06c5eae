import * as v from 'valibot';
import {
  MAX_ACKNOWLEDGEMENTS,
  type RememberedAcknowledgement,
  type RememberedAcknowledgements,
} from '../model/acknowledgement.ts';
import { REASONS, SEVERITIES } from '../model/finding.ts';
import type { Handle } from '../model/ids.ts';
import { nullableText, text, time } from './json.ts';

const finding = v.object({ reason: v.picklist(REASONS), severity: v.picklist(SEVERITIES) });

/** What the memory file holds of acknowledgements. */
export const storedAcknowledgements = v.pipe(
  v.array(
    v.object({
      handle: v.custom<Handle>((handle) => typeof handle === 'string'),
      finding,
      firstSeen: text,
      until: time,
      reason: text,
      by: nullableText,
      isOver: v.boolean(),
    }),
  ),
  v.maxLength(MAX_ACKNOWLEDGEMENTS),
);

export const rememberedAcknowledgements = (
  stored: v.InferOutput<typeof storedAcknowledgements>,
): RememberedAcknowledgements => new Map(stored.map(({ handle, ...one }) => [handle, one]));

export const storedAcknowledgement = ([handle, one]: readonly [
  Handle,
  RememberedAcknowledgement,
]): object => ({ handle, ...one });
