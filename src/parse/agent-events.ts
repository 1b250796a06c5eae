import * as v from 'valibot';
import type { EventView } from '../model/agent-state.ts';
import { text } from './shapes.ts';

const MAX_EVENTS = 10_000;
/** An agent nests three deep; what is much deeper could be read, and not be written as JSON again. */
const DEEPEST = 16;

const isShallow = (value: unknown, left = DEEPEST): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (left > 0 && Object.values(value).every((one) => isShallow(one, left - 1)));

const event = v.object({
  at: text,
  message: text,
  handle: v.optional(v.nullable(text), null),
  reason: v.optional(v.nullable(text), null),
  sentence: text,
  data: v.pipe(
    v.unknown(),
    v.check((data) => isShallow(data)),
  ),
});
const events: v.GenericSchema<unknown, EventView[]> = v.pipe(
  v.array(event),
  v.maxLength(MAX_EVENTS),
);

export type ParsedEvents =
  | { readonly ok: true; readonly events: readonly EventView[] }
  | { readonly ok: false; readonly why: string };

/** The answer to `GET /v1/events`: an array, newest first. */
export function parseAgentEvents(json: string): ParsedEvents {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { ok: false, why: 'it is no JSON' };
  }
  const parsed = v.safeParse(events, value, { abortEarly: true });
  if (parsed.success) return { ok: true, events: parsed.output };
  const [issue] = parsed.issues;
  return { ok: false, why: `it has a wrong value at ${v.getDotPath(issue) ?? 'its top'}` };
}
