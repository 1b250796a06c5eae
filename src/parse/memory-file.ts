import * as v from 'valibot';
import { REASONS, SEVERITIES } from '../model/finding.ts';
import { CONTAINER_KINDS } from '../model/garden.ts';
import type { Handle } from '../model/ids.ts';
import { MEMORY_SCHEMA_VERSION, type Memory, type RememberedContainer } from '../model/memory.ts';
import {
  appIdentity,
  bytes,
  count,
  nullableText,
  processEntries,
  recordOf,
  text,
} from './shapes.ts';

const MAX_CONTAINERS = 50_000;
const paths = recordOf(bytes);

const processFacts = v.object(processEntries);
const container = v.object({
  cgroupInode: v.nullable(count),
  inodeOf: nullableText,
  firstSeen: text,
  listed: v.boolean(),
  differingSince: nullableText,
  reason: v.nullable(v.picklist(REASONS)),
  // As with troubleTold below.
  severity: v.optional(v.nullable(v.picklist(SEVERITIES)), null),
  lasted: count,
  looks: count,
  reported: v.boolean(),
  worse: v.optional(
    v.nullable(
      v.object({ reason: v.picklist(REASONS), differingSince: text, lasted: count, looks: count }),
    ),
    null,
  ),
  seenIn: v.array(text),
  identity: v.nullable(
    v.object({ kind: v.picklist(CONTAINER_KINDS), app: v.nullable(appIdentity) }),
  ),
  evidence: v.nullable(
    v.object({
      processes: v.pipe(v.array(processFacts), v.maxLength(5)),
      cgroups: paths,
      pids: count,
    }),
  ),
});
const file = v.object({
  schemaVersion: v.literal(MEMORY_SCHEMA_VERSION),
  writtenAt: text,
  bootId: nullableText,
  anchor: v.nullable(paths),
  gardenUnavailableSince: nullableText,
  // Files of earlier versions have no such key.
  troubleTold: v.optional(nullableText, null),
  lastLook: v.nullable(v.object({ monotonicMilliseconds: count, compared: v.boolean() })),
  // A record would lose a handle called __proto__.
  containers: v.unknown(),
});

export type ParsedMemory =
  | { readonly ok: true; readonly memory: Omit<Memory, 'lastKnown'> }
  | { readonly ok: false; readonly why: string };

/** The text of a memory file. Whatever is not exactly ours is refused as a whole: half a memory would forget half the alarms. */
export function parseMemory(json: string): ParsedMemory {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { ok: false, why: 'it holds no whole JSON' };
  }
  const version = v.safeParse(v.object({ schemaVersion: v.number() }), value);
  if (version.success && version.output.schemaVersion > MEMORY_SCHEMA_VERSION) {
    return {
      ok: false,
      why: `it was written by a newer rollcall (schemaVersion ${version.output.schemaVersion})`,
    };
  }
  const parsed = v.safeParse(file, value, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return { ok: false, why: `it has a wrong value at ${v.getDotPath(issue) ?? 'its top'}` };
  }
  const containers = parseContainers(parsed.output.containers);
  if (containers === null) return { ok: false, why: 'it has a wrong value in containers' };
  const { bootId, anchor, gardenUnavailableSince, troubleTold, lastLook } = parsed.output;
  return {
    ok: true,
    memory: { bootId, anchor, gardenUnavailableSince, troubleTold, lastLook, containers },
  };
}

function parseContainers(value: unknown): Map<Handle, RememberedContainer> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  if (entries.length > MAX_CONTAINERS) return null;
  const parsed = v.safeParse(
    v.array(v.tuple([v.custom<Handle>((key) => typeof key === 'string'), container])),
    entries,
    {
      abortEarly: true,
    },
  );
  return parsed.success ? new Map(parsed.output) : null;
}
