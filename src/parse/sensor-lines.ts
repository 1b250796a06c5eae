import * as v from 'valibot';
import { SENSOR_ID, type SensorFact, type SensorFormat } from '../model/observation.ts';
import { parseJson } from './json.ts';
import { MAX_INSTANT } from './schema.ts';

/**
 * The fact in a line of an event file; null if there is nothing relevant in it.
 *
 * Lines are read as Latin-1: ids and keys are ASCII, and a UTF-8 text remains the same JSON. A
 * quote inside a JSON text is escaped, so a container cannot write `"containerId":"` into a line.
 * Even so, a new id must come from a line that is valid JSON as a whole; a search in the bytes only
 * shows that a line names no id, or a known one.
 * @param isKnown whether an id was named before: its line is not parsed
 */
export function sensorFact(
  format: SensorFormat,
  line: string,
  isKnown: (id: string) => boolean,
): SensorFact | null {
  return READERS[format](line, isKnown);
}

const READERS: Readonly<
  Record<SensorFormat, (line: string, isKnown: (id: string) => boolean) => SensorFact | null>
> = { tracee: traceeFact, falco: falcoFact, ids: idsFact };

/** Container events by name, because their numbers change between versions. */
const TRACEE_EVENT = /"(?:eventName|name)":\s*"(existing_container|container_create)"/;
/** `containerId` since v0.15; `container.id` before and since; at HEAD below `workload`. */
const TRACEE_ID = /"(?:containerId"|container":\s*\{\s*"id"):\s*"([^"\\]+)"/;

const argument = v.object({
  name: v.string(),
  value: v.optional(v.unknown()),
  str: v.optional(v.unknown()),
});
const container = v.object({ id: v.optional(v.string()) });
const traceeLine = v.object({
  timestamp: v.optional(v.union([v.number(), v.string()])),
  /** Up to v0.24; then `name`. */
  eventName: v.optional(v.string()),
  name: v.optional(v.string()),
  args: v.optional(v.nullable(v.array(argument)), []),
  data: v.optional(v.nullable(v.array(argument)), []),
  containerId: v.optional(v.string()),
  container: v.optional(v.nullable(container)),
  workload: v.optional(v.nullable(v.object({ container: v.optional(v.nullable(container)) }))),
});

function traceeFact(line: string, isKnown: (id: string) => boolean): SensorFact | null {
  const isContainerEvent = TRACEE_EVENT.test(line);
  if (!isContainerEvent) {
    const [, id] = TRACEE_ID.exec(line) ?? [];
    if (id === undefined || isKnown(id)) return null;
  }
  // One issue suffices: a line of a megabyte can have a million.
  const { success, output } = v.safeParse(traceeLine, parseJson(line), { abortEarly: true });
  if (!success) return null;
  const { eventName, name, args, data, workload } = output;
  const event = eventName ?? name;
  if (event === 'existing_container' || event === 'container_create') {
    // The id is in the argument; the container of the line itself is that of gdn or runc.
    const given = [...(args ?? []), ...(data ?? [])].find((one) => one.name === 'container_id');
    const id = given?.value ?? given?.str;
    if (typeof id !== 'string' || !SENSOR_ID.test(id)) return null;
    return event === 'existing_container'
      ? { kind: 'existing', id, lines: 1 }
      : { kind: 'created', id, at: traceeTime(output.timestamp) };
  }
  // The removal of a sub-cgroup causes the same event, so it neither ends nor shows a container.
  if (event === 'container_remove') return null;
  return named([output.containerId, output.container?.id, workload?.container?.id]);
}

/** From nanoseconds or RFC 3339. Null for a time since the start of Tracee, or beyond all dates. */
function traceeTime(timestamp: number | string | undefined): number | null {
  const at = typeof timestamp === 'number' ? timestamp / 1e6 : Date.parse(timestamp ?? '');
  return at >= YEAR_2000 && at <= MAX_INSTANT ? at : null;
}
const YEAR_2000 = Date.UTC(2000);

function named(ids: readonly (string | null | undefined)[]): SensorFact | null {
  const id = ids.find((one) => typeof one === 'string' && one !== '');
  return typeof id === 'string' && SENSOR_ID.test(id) ? { kind: 'named', id } : null;
}

const falcoText = v.optional(v.nullable(v.string()));
const falcoLine = v.object({
  output: falcoText,
  /** Absent with `json_include_output_fields_property: false`. */
  output_fields: v.optional(
    v.nullable(v.object({ 'container.id': falcoText, 'container.full_id': falcoText })),
  ),
});

const FALCO_FULL_ID = /"container\.full_id":\s*"([^"\\]+)"/;
const FALCO_ID = /"container\.id":\s*"([^"\\]+)"/;
/** How an alert's text names a container, as the container plugin suggests it. */
const FALCO_ID_IN_TEXT = /(?<![^\s"(])container_id=([^\s"\\]+)/g;
/** What Falco prints as the id for a process of the host, and for a field without a value. */
const NO_FALCO_ID: ReadonlySet<string> = new Set(['', 'host', '<NA>']);

function falcoFact(line: string, isKnown: (id: string) => boolean): SensorFact | null {
  const fields = [FALCO_FULL_ID, FALCO_ID].map((field) => field.exec(line)?.[1]);
  const searched = falcoIdOf(fields) ?? falcoIdInText(line);
  if (searched === null || isKnown(searched)) return null;
  const { success, output: alert } = v.safeParse(falcoLine, parseJson(line));
  if (!success) return null;
  const { output_fields: given, output: text } = alert;
  const id =
    given === undefined || given === null
      ? falcoIdInText(text ?? '')
      : falcoIdOf([given['container.full_id'], given['container.id']]);
  return id === null || isKnown(id) ? null : named([id]);
}

const falcoIdOf = (ids: readonly (string | null | undefined)[]): string | null =>
  ids.find((id) => typeof id === 'string' && !NO_FALCO_ID.has(id)) ?? null;

/** Null also for different ids: a command line in the text can contain one, too. */
function falcoIdInText(text: string): string | null {
  const ids = new Set([...text.matchAll(FALCO_ID_IN_TEXT)].map(([, id]) => id));
  return ids.size === 1 ? falcoIdOf([...ids]) : null;
}

const AS_OF = /^#\s*as of\s+(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))\s*$/;

function idsFact(line: string): SensorFact | null {
  const text = line.trim();
  const [, at] = AS_OF.exec(text) ?? [];
  if (at !== undefined) {
    const time = Date.parse(at);
    return Number.isNaN(time) ? null : { kind: 'as-of', at: time };
  }
  return text.startsWith('#') ? null : named([text]);
}
