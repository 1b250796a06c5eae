import { normalize } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { dataDirectory, expected, runDirectory } from './vm.ts';

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

/**
 * Strict, unlike bpm, which ignores unknown keys: a typing error in our file must not go unnoticed.
 */
const volume = v.strictObject({
  path: v.string(),
  writable: v.optional(v.boolean(), false),
  allow_executions: v.optional(v.boolean(), false),
  mount_only: v.optional(v.boolean(), false),
});

const whole = v.pipe(v.number(), v.integer(), v.minValue(1));

/**
 * Without the keys that no job of this release may use: `privileged`, `persistent_disk`, `shared`.
 */
const process = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1)),
  executable: v.pipe(v.string(), v.minLength(1)),
  args: v.optional(v.array(v.string()), []),
  env: v.optional(v.record(v.string(), v.string()), {}),
  workdir: v.optional(v.string()),
  additional_volumes: v.optional(v.array(volume), []),
  capabilities: v.optional(v.array(v.string()), []),
  ephemeral_disk: v.optional(v.boolean(), false),
  hooks: v.optional(v.strictObject({ pre_start: v.string() })),
  limits: v.optional(
    v.strictObject({
      memory: v.optional(v.pipe(v.string(), v.regex(/^\d+[KMGT]$/))),
      open_files: v.optional(whole),
      processes: v.optional(whole),
    }),
    {},
  ),
  unsafe: v.optional(
    v.strictObject({
      unrestricted_volumes: v.optional(v.array(volume), []),
      host_pid_namespace: v.optional(v.boolean(), false),
    }),
    {},
  ),
  shutdown_signal: v.optional(v.picklist(['TERM', 'INT']), 'TERM'),
});

export type BpmVolume = v.InferOutput<typeof volume>;
export type BpmProcess = v.InferOutput<typeof process>;

/**
 * The process with the job's name from the text of the job's bpm.yml, checked by bpm's rules
 * (config/job_config.go).
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
  for (const { path } of found.additional_volumes) checkVolume(job, path);
  return found;
}

function checkVolume(job: string, path: string): void {
  expected(
    normalize(path) === path && path.startsWith('/var/vcap/'),
    `bpm.yml of ${job}: the volume ${path} must be a canonical path below /var/vcap`,
  );
  expected(
    path !== dataDirectory(job) && path !== `/var/vcap/store/${job}`,
    `bpm.yml of ${job}: the volume ${path} is the job's own directory: use ephemeral_disk`,
  );
}

const UNITS = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 } as const;

/** `256M` in bytes; the units are binary, as in bytefmt. */
export function bytesOf(size: string): number {
  const unit = v.parse(v.picklist(['K', 'M', 'G', 'T']), size.slice(-1));
  return Number(size.slice(0, -1)) * UNITS[unit];
}
