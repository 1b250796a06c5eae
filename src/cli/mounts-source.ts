import { KnownFailure } from '../model/failure.ts';
import type { CgroupNamespace } from '../model/hierarchy.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import { oneLine } from '../model/one-line.ts';
import { cgroupVersion, type MountTable } from '../model/mount.ts';
import { parseMountInfo } from '../parse/mountinfo.ts';
import { parseMounts } from '../parse/mounts-file.ts';
import { KernelReader } from '../probe/kernel-reader.ts';
import { readMounts } from '../probe/mount-probe.ts';
import { processesNamed } from '../probe/processes.ts';
import { gardenServer } from '../model/garden-server.ts';
import type { LiveCell } from '../mounts/judge-mount.ts';
import { assumedNamespace } from '../mounts/shown-root.ts';
import { readTableFile } from './mount-table-file.ts';

/** By then any mount table has shown a mount. */
const HEAD = 1024 * 1024;

/** Where `rollcall mounts` reads, as typed. */
export interface MountsSourceOptions {
  readonly mountinfo?: string | undefined;
  readonly mounts?: string | undefined;
  readonly root?: string | undefined;
  readonly cgroupNamespace: 'auto' | CgroupNamespace;
}

export interface MountsSource {
  readonly source: string;
  readonly table: MountTable;
  readonly namespace: CgroupNamespace;
  /** Nobody said in which namespace the text was read. */
  readonly namespaceAssumed: boolean;
  /** Null for a text. */
  readonly live: LiveCell | null;
}

/** @throws KnownFailure USAGE, FILE_UNREADABLE, TABLE_UNUSABLE or PROC_UNREADABLE. */
export async function mountsSource(options: MountsSourceOptions): Promise<MountsSource> {
  const { mountinfo, mounts, root, cgroupNamespace } = options;
  if (mountinfo !== undefined && mounts !== undefined) {
    throw usage('--mountinfo and --mounts are two formats of one table; give one of them.');
  }
  const path = mountinfo ?? mounts;
  if (path === undefined) {
    if (cgroupNamespace !== 'auto') {
      throw usage('--cgroup-namespace is for a saved table; a running cell is asked itself.');
    }
    return liveSource(root ?? '/');
  }
  if (root !== undefined) {
    throw usage('--root asks a running cell and a saved table is none; give one of them.');
  }
  if (path === '') {
    throw usage('The path of the mount table is empty; give a file, or - for standard input.');
  }
  const table = tableOf(await readTableFile(path), path, mountinfo === undefined);
  return {
    source: path,
    table,
    namespace: cgroupNamespace === 'auto' ? assumedNamespace(table) : cgroupNamespace,
    namespaceAssumed: cgroupNamespace === 'auto' && table.format === 'mountinfo',
    live: null,
  };
}

function liveSource(root: string): MountsSource {
  if (!root.startsWith('/')) throw usage('--root needs an absolute path to a directory.');
  const inputs = readMounts(root);
  // Only in a private namespace does it matter where gdn is; finding it reads every process.
  const garden =
    inputs.namespace === 'private'
      ? gardenServer(processesNamed(new KernelReader(root), 'gdn'))
      : null;
  return {
    source: inputs.source,
    table: inputs.cellTable,
    namespace: inputs.namespace,
    namespaceAssumed: false,
    live: {
      ownTable: inputs.ownTable,
      root: inputs.root,
      stats: inputs.stats,
      gdnPaths: garden?.membership ?? null,
      firstProcessPaths: inputs.firstProcessPaths,
    },
  };
}

function tableOf(bytes: ByteString, path: string, isMountsFormat: boolean): MountTable {
  const [parse, parseOther] = isMountsFormat
    ? [parseMounts, parseMountInfo]
    : [parseMountInfo, parseMounts];
  const [wanted, other] = isMountsFormat ? ['mounts', 'mountinfo'] : ['mountinfo', 'mounts'];
  const name = path === '-' ? 'Standard input' : oneLine(path, 200);
  if (bytes === '') throw unusable(`${name} is empty; save a table with cat /proc/1/${wanted}.`);
  if (isOfWindows(bytes)) {
    throw unusable(`${name} has the line ends of Windows; convert it (dos2unix) and try again.`);
  }
  // A large file of something else would be remembered line by line as malformed.
  const isLarge = bytes.length > HEAD;
  const head = asByteString(isLarge ? bytes.slice(0, HEAD) : bytes);
  const beginning = parse(head);
  if (beginning.mounts.length > 0) return isLarge ? parse(bytes) : beginning;
  if (parseOther(head).mounts.length > 0) {
    throw unusable(`${name} has the format of /proc/1/${other}; read it with --${other}.`);
  }
  const [first] = beginning.malformed;
  throw unusable(
    `${name} is no table in the format of /proc/1/${wanted}: ${first?.problem ?? 'it holds no line'} in line 1.`,
  );
}

const isOfWindows = (bytes: ByteString): boolean =>
  bytes.includes('\r\n') && bytes.split('\n').every((line) => line === '' || line.endsWith('\r'));

/** What to say when a table is whole and holds no cgroup mount. */
export function withoutCgroups({ source, table, live }: MountsSource): KnownFailure | null {
  if (table.mounts.some((mount) => cgroupVersion(mount) !== null)) return null;
  const name = source === '-' ? 'Standard input' : oneLine(source, 200);
  return new KnownFailure(
    'NO_CGROUP_MOUNT',
    live === null
      ? `${name} holds no mount of type cgroup or cgroup2; save the whole table of the cell's pid 1.`
      : `${name} holds no mount of type cgroup or cgroup2: pid 1 there is not the cell's, or nothing mounted them ` +
          '(under bpm: unsafe.host_pid_namespace, and unsafe.unrestricted_volumes with the path /sys/fs/cgroup).',
  );
}

const usage = (message: string): KnownFailure => new KnownFailure('USAGE', message);
const unusable = (message: string): KnownFailure => new KnownFailure('TABLE_UNUSABLE', message);
