/** Where BOSH and bpm put things on a VM (bosh-agent settings/directories, bpm config/bpm_config.go). */
export const jobDirectory = (job: string): string => `/var/vcap/jobs/${job}`;
/** What the links of `jobDirectory` lead to, by job and version. */
export const INSTALLED_JOBS = '/var/vcap/data/jobs';
export const dataDirectory = (job: string): string => `/var/vcap/data/${job}`;
export const runDirectory = (job: string): string => `/var/vcap/sys/run/${job}`;
export const logDirectory = (job: string): string => `/var/vcap/sys/log/${job}`;

/** What the Director runs as the errand. */
export const ERRAND: readonly string[] = [`${jobDirectory('rollcall-report')}/bin/run`];

/** Of this program alone; in the VM, so that it goes with it. */
export const MINI_BOSH = dataDirectory('mini-bosh');

export const BPM_PACKAGE = '/var/vcap/packages/bpm/bin';
/** runc's name for the container of a job's process that has the job's name, and the last part of its cgroup. */
export const containerId = (job: string): string => `bpm-${job}`;
export const RUNC_ROOT = '/var/vcap/sys/run/bpm-runc';
export const bundleDirectory = (job: string): string => `/var/vcap/data/bpm/bundles/${job}/${job}`;
export const pidFile = (job: string): string => `${runDirectory('bpm')}/${job}/${job}.pid`;
