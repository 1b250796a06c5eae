import * as v from 'valibot';
import { parse } from 'yaml';
import { expected, runDirectory } from './vm.ts';

export const BPM_PACKAGE = '/var/vcap/packages/bpm/bin';
/** runc's name for the container of the job's process that has the job's name. */
export const containerId = (job: string): string => `bpm-${job}`;
/** The beginning of the names of bpm's scopes, since bpm 1.4.33. */
export const SCOPE_PREFIX = 'monit-service-bpm';
/** The last part of the path of the container's cgroup. */
export const cgroupName = (job: string, hasSystemd: boolean): string =>
  hasSystemd ? `${SCOPE_PREFIX}-${containerId(job)}.scope` : containerId(job);
export const RUNC_ROOT = '/var/vcap/sys/run/bpm-runc';
export const bundleDirectory = (job: string): string => `/var/vcap/data/bpm/bundles/${job}/${job}`;
export const pidFile = (job: string): string => `${runDirectory('bpm')}/${job}/${job}.pid`;

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
 * The process with the job's name from the text of the job's bpm.yml.
 * @throws ToolFailure MINI_BOSH_FAILED that names the job and the problem.
 */
export function bpmProcess(job: string, text: string): BpmProcess {
  const value: unknown = parse(text);
  const parsed = v.safeParse(v.strictObject({ processes: v.array(process) }), value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    expected(false, `bpm.yml of ${job}: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
  }
  const found = parsed.output.processes.find(({ name }) => name === job);
  expected(found !== undefined, `bpm.yml of ${job} has no process ${job}`);
  return found;
}

/** `256M` in bytes; the units are binary, as in bytefmt. */
export const bytesOf = (size: string): number =>
  Number.parseInt(size, 10) * (size.endsWith('G') ? 1024 ** 3 : 1024 ** 2);
