import * as v from 'valibot';
import { drillView, eventView, type DrillView, type EventView } from '../model/agent-state.ts';
import { names, type Names } from '../model/names.ts';
import { namesSocketAnswer, type NamesSocket } from '../model/names-socket.ts';
import { reportView, type ReportView } from '../model/report-view.ts';
import * as s from '../model/shape.ts';
import { oneLine } from '../model/text.ts';
import { jsonIn, objectIn, parsedBy, parseJson, schemaVersionOf, type Parsed } from './json.ts';
import { schemaOf } from './schema.ts';

const MAX_EVENTS = 10_000;
const DRILL_SECONDS = 300;
const MAX_DRILL_SECONDS = 3600;

/** The answer to `GET /v1/report`. Drops unknown keys: other versions may send some. */
export function parseReportJson(json: string): Parsed<ReportView> {
  const answer = jsonIn(json);
  if (!answer.ok) return answer;
  const version = schemaVersionOf(answer.value);
  if (version !== null && version !== 1) {
    return { ok: false, why: `it has the schemaVersion ${version}, this rollcall reads 1` };
  }
  return parsedBy(report, answer.value);
}

/** The answer to `GET /v1/events`: an array, newest first. */
export function parseAgentEvents(json: string): Parsed<readonly EventView[]> {
  const answer = jsonIn(json);
  return answer.ok ? parsedBy(events, answer.value) : answer;
}

/** The answer to `GET /v1/names`. */
export function parseNames(json: string): Parsed<Names> {
  const answer = jsonIn(json);
  return answer.ok ? parsedBy(known, answer.value) : answer;
}

/** The answer to `GET /v1/names-socket`; the value is null if there is no such socket. */
export function parseNamesSocket(json: string): Parsed<NamesSocket | null> {
  const answer = jsonIn(json);
  if (!answer.ok) return answer;
  const parsed = parsedBy(socketAnswer, answer.value);
  return parsed.ok ? { ok: true, value: parsed.value.socket } : parsed;
}

/** The error in an answer; the beginning of the body if that is not the agent's JSON. */
export function parseAgentError(body: string): string {
  const parsed = v.safeParse(v.object({ error: v.string() }), parseJson(body));
  return parsed.success ? oneLine(parsed.output.error, 400) : oneLine(body.trim(), 200);
}

/** The seconds in the body of `POST /v1/drill`, 300 by default; null if the body is invalid. */
export const parseDrillRequest = (body: string): number | null =>
  body.trim() === '' ? DRILL_SECONDS : (objectIn(body, drillRequest)?.forSeconds ?? null);

/** The answer to `POST /v1/drill`; null if it is invalid. */
export const parseDrillAnswer = (body: string): DrillView | null => objectIn(body, drillAnswer);

const drillRequest = v.strictObject({
  forSeconds: v.optional(
    v.pipe(v.number(), v.minValue(1), v.maxValue(MAX_DRILL_SECONDS)),
    DRILL_SECONDS,
  ),
});
const drillAnswer = schemaOf(drillView);

const report = schemaOf(reportView);
const known = schemaOf(names);
const socketAnswer = schemaOf(namesSocketAnswer);
/** As the agent sends one, without the handle and the reason of an event that has none. */
const sentEvent = s.object({
  ...eventView.keys,
  handle: s.optionalKey(s.text, ''),
  reason: s.optionalKey(s.text, ''),
});
const event = v.pipe(
  schemaOf(sentEvent),
  v.transform(({ at, message, handle = null, reason = null, sentence, data }): EventView => ({
    at,
    message,
    handle,
    reason,
    sentence,
    data,
  })),
);
const events = v.pipe(v.array(event), v.maxLength(MAX_EVENTS));
