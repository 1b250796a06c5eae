import * as v from 'valibot';
import { REASONS } from '../model/finding.ts';
import { CONTAINER_KINDS } from '../model/garden.ts';
import type { ReportView } from '../model/report-view.ts';
import { appIdentity, count, nullableText, recordOf, text } from './shapes.ts';

const hierarchy = v.object({
  device: nullableText,
  version: v.picklist([1, 2]),
  controllers: v.array(text),
  name: nullableText,
  chosen: v.nullable(
    v.object({ mountPoint: text, mountId: v.nullable(count), root: nullableText }),
  ),
  confirmed: v.nullable(v.boolean()),
  why: text,
});
const container = v.object({
  handle: text,
  kind: v.picklist(CONTAINER_KINDS),
  status: v.picklist(['tracked', 'pending', 'untracked']),
  reason: v.nullable(v.picklist(REASONS)),
  severity: v.nullable(v.picklist(['warning', 'critical'])),
  since: nullableText,
  explanation: v.picklist([
    'tracked',
    'unknown-to-garden',
    'unowned',
    'no-cgroup',
    'partial',
    'in-transition',
    'drill',
    'undecided',
  ]),
  sentence: text,
  advice: nullableText,
  drill: v.boolean(),
  app: v.nullable(appIdentity),
  privileged: v.boolean(),
  throttled: v.boolean(),
  pids: count,
  processes: v.array(
    v.object({ pid: count, parentPid: count, uid: count, startedAt: text, command: text }),
  ),
  cgroups: recordOf(text),
  peas: v.array(text),
});
const view: v.GenericSchema<unknown, ReportView> = v.object({
  schemaVersion: v.literal(1),
  takenAt: text,
  durationMilliseconds: count,
  verdict: v.picklist(['all-tracked', 'untracked', 'unknown']),
  why: text,
  cell: v.object({ hostname: text, bootId: text, scopes: recordOf(text) }),
  cgroups: v.object({
    mode: v.picklist(['v1', 'hybrid', 'v2', 'none']),
    namespace: v.picklist(['initial', 'private']),
    primary: nullableText,
    anchor: v.nullable(
      v.object({
        source: v.picklist(['process', 'memory', 'walk']),
        pid: v.nullable(count),
        path: text,
      }),
    ),
    hierarchies: v.array(hierarchy),
  }),
  garden: v.variant('state', [
    v.object({ state: v.literal('known'), listed: count }),
    v.object({ state: v.literal('unavailable'), since: text, why: text }),
  ]),
  containers: v.array(container),
  seen: count,
  ignored: v.object({
    bpm: count,
    docker: count,
    systemd: count,
    'other-garden': count,
    unrecognised: count,
  }),
  stale: v.array(text),
  staleOmitted: count,
  summary: v.object({
    listed: count,
    tracked: count,
    pending: count,
    untracked: count,
    byReason: recordOf(count),
  }),
});

export type ParsedReport =
  | { readonly ok: true; readonly view: ReportView }
  | { readonly ok: false; readonly why: string };

/** The answer of a running agent. It may be of another version than we are: keys we do not know are left out. */
export function parseReportJson(json: string): ParsedReport {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { ok: false, why: 'it is no whole JSON' };
  }
  const version = v.safeParse(v.object({ schemaVersion: v.number() }), value);
  if (version.success && version.output.schemaVersion !== 1) {
    return {
      ok: false,
      why: `it has the schemaVersion ${version.output.schemaVersion}, this rollcall reads 1`,
    };
  }
  const parsed = v.safeParse(view, value, { abortEarly: true });
  if (parsed.success) return { ok: true, view: parsed.output };
  return {
    ok: false,
    why: `it has a wrong value at ${v.getDotPath(parsed.issues[0]) ?? 'its top'}`,
  };
}
