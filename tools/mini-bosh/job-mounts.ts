import type { BpmProcess, BpmVolume } from './bpm-config.ts';
import { dataDirectory, jobDirectory, logDirectory } from './vm.ts';

/** A mount in an OCI configuration. */
export interface OciMount {
  readonly destination: string;
  readonly source: string;
  readonly type: string;
  readonly options: readonly string[];
}

interface Rights {
  readonly recursive?: boolean;
  readonly exec?: boolean;
  readonly write?: boolean;
}

/** With the fewest rights, unless more are requested (bpm runc/adapter/mount.go). */
const bind = (
  source: string,
  destination: string,
  { recursive = false, exec = false, write = false }: Rights = {},
): OciMount => ({
  destination,
  source,
  type: 'bind',
  options: [
    recursive ? 'rbind' : 'bind',
    exec ? 'exec' : 'noexec',
    'nosuid',
    'nodev',
    write ? 'rw' : 'ro',
  ],
});

const SYSTEM = ['/bin', '/etc', '/lib', '/lib64', '/sbin', '/usr'];
/** The possible targets of /etc/resolv.conf; mounted if they exist. */
export const RESOLVER_DIRECTORIES: readonly string[] = ['/run/resolvconf', '/run/systemd/resolve'];

/** The mounts of every job. No unrestricted volume can lie below them. */
function ownMounts(job: string, process: BpmProcess): readonly OciMount[] {
  const data = dataDirectory(job);
  const log = logDirectory(job);
  const home = jobDirectory(job);
  const writable = { recursive: true, write: true } as const;
  return [
    bind(`${data}/tmp`, '/tmp', writable),
    bind(`${data}/tmp`, '/var/tmp', writable),
    bind(`${data}/tmp`, `${data}/tmp`, writable),
    bind('/var/vcap/data/packages', '/var/vcap/data/packages', { exec: true }),
    bind('/var/vcap/packages', '/var/vcap/packages', { exec: true }),
    bind(home, home, { exec: true }),
    bind(log, log, writable),
    ...(process.ephemeral_disk ? [bind(data, data, writable)] : []),
  ];
}

const volumeMount = (volume: BpmVolume): OciMount =>
  bind(volume.path, volume.path, {
    recursive: true,
    exec: volume.allow_executions,
    write: volume.writable,
  });

const isBelow = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(`${directory}/`);

/** What a job's mounts depend on, apart from its bpm.yml. */
export interface MountedVm {
  /** Those of RESOLVER_DIRECTORIES that exist. */
  readonly resolverDirectories: readonly string[];
  /** The paths that match the pattern of an unrestricted volume. */
  readonly pathsOf: (pattern: string) => readonly string[];
}

/**
 * The bind mounts of a job, parents first, one per destination: the first one wins (bpm
 * runc/adapter/adapter.go, mount.go). As in bpm, an unrestricted volume is silently left out if it
 * is below a mount of every job, or matches no path.
 */
export function jobMounts(
  job: string,
  process: BpmProcess,
  { resolverDirectories, pathsOf }: MountedVm,
): readonly OciMount[] {
  const own = ownMounts(job, process);
  const unrestricted = (process.unsafe.unrestricted_volumes ?? []).flatMap((volume) =>
    pathsOf(volume.path).map((path) => ({ ...volume, path })),
  );
  const mounts = [
    ...SYSTEM.map((path) => bind(path, path, { exec: true })),
    ...resolverDirectories.map((path) => bind(path, path)),
    ...own,
    ...process.additional_volumes.map(volumeMount),
    ...unrestricted
      .filter(({ path }) => !own.some(({ destination }) => isBelow(path, destination)))
      .map(volumeMount),
  ];
  const first = new Map(mounts.toReversed().map((mount) => [mount.destination, mount]));
  const depth = ({ destination }: OciMount): number => destination.split('/').length;
  return [...first.values()].toSorted((a, b) => depth(a) - depth(b));
}
