import * as v from 'valibot';
import { parse } from 'yaml';
import { expected, runDirectory } from './vm.ts';

export const BPM_PACKAGE = '/var/vcap/packages/bpm/bin';
/** The only job under bpm here, and the name of its process. */
export const JOB = 'rollcall';
/** runc's name for the container of that process. */
export const CONTAINER_ID = `bpm-${JOB}`;
/** The beginning of the names of bpm's scopes, since bpm 1.4.33. */
export const SCOPE_PREFIX = 'monit-service-bpm';
/** The last part of the path of the container's cgroup. */
export const cgroupName = (hasSystemd: boolean): string =>
  hasSystemd ? `${SCOPE_PREFIX}-${CONTAINER_ID}.scope` : CONTAINER_ID;
export const RUNC_ROOT = '/var/vcap/sys/run/bpm-runc';
export const BUNDLE = `/var/vcap/data/bpm/bundles/${JOB}/${JOB}`;
export const PID_FILE = `${runDirectory('bpm')}/${JOB}/${JOB}.pid`;

/** Strict, unlike bpm, which ignores unknown keys: a typing error must not go unnoticed. */
const process = v.strictObject({
  name: v.string(),
  executable: v.string(),
  args: v.array(v.string()),
  additional_volumes: v.array(v.strictObject({ path: v.string(), mount_only: v.boolean() })),
  ephemeral_disk: v.boolean(),
  hooks: v.strictObject({ pre_start: v.string() }),
  limits: v.strictObject({
    memory: v.optional(v.pipe(v.string(), v.regex(/^\d+[MG]$/))),
    open_files: v.number(),
    processes: v.optional(v.number()),
  }),
  unsafe: v.strictObject({
    unrestricted_volumes: v.array(v.strictObject({ path: v.string() })),
    host_pid_namespace: v.boolean(),
  }),
});

export type BpmProcess = v.InferOutput<typeof process>;

/**
 * The process of the job, from the text of its bpm.yml.
 * @throws ToolFailure MINI_BOSH_FAILED that names the problem
 */
export function bpmProcess(text: string): BpmProcess {
  const value: unknown = parse(text);
  const parsed = v.safeParse(v.strictObject({ processes: v.array(process) }), value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    expected(false, `bpm.yml: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
  }
  const found = parsed.output.processes.find(({ name }) => name === JOB);
  expected(found !== undefined, `bpm.yml has no process ${JOB}`);
  return found;
}

/** `256M` in bytes; the units are binary, as in bytefmt. */
export const bytesOf = (size: string): number =>
  Number.parseInt(size, 10) * (size.endsWith('G') ? 1024 ** 3 : 1024 ** 2);
