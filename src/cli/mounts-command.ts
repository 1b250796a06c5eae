import fs from 'node:fs';
import process from 'node:process';
import { KnownFailure } from '../model/failure.ts';
import type { CgroupNamespace, Rule, MountsReport } from '../model/hierarchy.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import { cgroupVersion, type MountTable } from '../model/mount.ts';
import { chooseMounts } from '../mounts/choose-mounts.ts';
import { compareRules } from '../mounts/compare-rules.ts';
import { type LiveCell, assumedNamespace } from '../mounts/judge-mount.ts';
import { gdnCandidates } from '../mounts/resolve.ts';
import { colors } from '../present/color.ts';
import { jsonText } from '../present/json-text.ts';
import { mountsJson } from '../present/mounts-json.ts';
import { mountsTable } from '../present/mounts-table.ts';
import { KernelReader } from '../probe/kernel-reader.ts';
import { readMounts } from '../probe/mount-probe.ts';
import { processesNamed } from '../probe/processes.ts';
import { sensorsByRule } from '../sensors/tools.ts';
import { wantsColor, type ColorChoice, type Io } from '../terminal/io.ts';
import { oneLine } from '../model/text.ts';
import { parseMountInfo, parseMounts } from '../parse/mount-table.ts';

export interface MountsArguments extends MountsSourceArguments {
  readonly rule: Rule;
  readonly compare: boolean;
  readonly format: 'table' | 'json';
  readonly color: ColorChoice;
}

/** More malformed lines than this tell nothing new. */
const MAX_MALFORMED = 5;
/** A file without a mount in its first megabyte is not a mount table. */
const HEAD_BYTES = 1024 * 1024;
/** Larger than any table: a device file or an endless pipe must not fill the memory. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Which mount shows each hierarchy. Exits with 0 if every hierarchy has one, with 1 otherwise.
 * @throws KnownFailure for unusable input, and for a table without any cgroup mount
 */
export async function runMounts(options: MountsArguments, io: Io): Promise<number> {
  const source = await mountsSource(options);
  const report = reportOf(source, options);
  reportProblems(report, io, options.format === 'json');
  const nothing = withoutCgroups(source);
  if (options.format === 'json') io.stdout(`${jsonText(mountsJson(report), 2)}\n`);
  else if (nothing === null) {
    const { columns } = io;
    io.stdout(mountsTable(report, { colors: colors(wantsColor(options.color, io)), columns }));
  }
  if (nothing !== null) throw nothing;
  return report.choices.every(({ chosen }) => chosen !== null) ? 0 : 1;
}

function reportOf(from: MountsSource, { rule, compare }: MountsArguments): MountsReport {
  const { table, live, ...origin } = from;
  const question = { table, namespace: from.namespace, live };
  const { mode, choices } = chooseMounts({ ...question, rule });
  const verified = (): MountsReport['choices'] =>
    rule === 'verified' ? choices : chooseMounts({ ...question, rule: 'verified' }).choices;
  const comparison = compare ? compareRules({ ...question, verified: verified() }) : null;
  return {
    ...origin,
    rule,
    mode,
    malformed: table.malformed,
    choices,
    comparison,
    sensorsByRule: sensorsByRule(),
  };
}

/** Reports on stderr what the JSON has no place for. */
function reportProblems(
  { malformed, namespace, namespaceAssumed }: MountsReport,
  io: Io,
  isJson: boolean,
): void {
  for (const { line, problem, text } of malformed.slice(0, MAX_MALFORMED)) {
    io.stderr(`rollcall: skipped line ${line}, ${problem}: "${text}"\n`);
  }
  const more = malformed.length - MAX_MALFORMED;
  if (more > 0) io.stderr(`rollcall: … and ${more} more malformed lines.\n`);
  if (namespaceAssumed && isJson) {
    io.stderr(
      `rollcall: from its roots, the table is assumed to come from ${namespace === 'private' ? 'a private' : 'the initial'} ` +
        'cgroup namespace (change this with --cgroup-namespace).\n',
    );
  }
}

/** Where `rollcall mounts` reads, as typed. */
interface MountsSourceArguments {
  readonly mountinfo?: string | undefined;
  readonly mounts?: string | undefined;
  readonly root?: string | undefined;
  readonly cgroupNamespace: 'auto' | CgroupNamespace;
}

interface MountsSource {
  readonly source: string;
  readonly table: MountTable;
  readonly namespace: CgroupNamespace;
  /** No option said in which namespace the text was read. */
  readonly namespaceAssumed: boolean;
  /** Null for a text. */
  readonly live: LiveCell | null;
}

/** @throws KnownFailure USAGE, FILE_UNREADABLE, TABLE_UNUSABLE or PROC_UNREADABLE */
async function mountsSource(options: MountsSourceArguments): Promise<MountsSource> {
  const { mountinfo, mounts, root, cgroupNamespace } = options;
  if (mountinfo !== undefined && mounts !== undefined) {
    throw usage('--mountinfo and --mounts are two formats of one table; give only one of them.');
  }
  const path = mountinfo ?? mounts;
  if (path === undefined) {
    if (cgroupNamespace !== 'auto') {
      throw usage('--cgroup-namespace is only for a saved table.');
    }
    return liveSource(root ?? '/');
  }
  if (root !== undefined) {
    throw usage('--root is for a running cell and cannot be combined with a saved table.');
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
  // gdn's place matters only in a private namespace, and finding gdn reads every process.
  const named = inputs.namespace === 'private' ? processesNamed(new KernelReader(root), 'gdn') : [];
  const [gdn] = gdnCandidates(named, inputs.firstProcessPaths);
  return {
    source: inputs.source,
    table: inputs.cellTable,
    namespace: inputs.namespace,
    namespaceAssumed: false,
    live: {
      ownTable: inputs.ownTable,
      root: inputs.root,
      stats: inputs.stats,
      gdnPaths: gdn?.membership ?? null,
      firstProcessPaths: inputs.firstProcessPaths,
    },
  };
}

function tableOf(bytes: ByteString, path: string, isMountsFormat: boolean): MountTable {
  const [parse, parseOther] = isMountsFormat
    ? [parseMounts, parseMountInfo]
    : [parseMountInfo, parseMounts];
  const [wanted, other] = isMountsFormat ? ['mounts', 'mountinfo'] : ['mountinfo', 'mounts'];
  const name = nameOf(path);
  if (bytes === '') throw unusable(`${name} is empty; save a table with cat /proc/1/${wanted}.`);
  if (isOfWindows(bytes)) {
    throw unusable(`${name} has Windows line endings; convert it (dos2unix) and try again.`);
  }
  // Otherwise a large file that is not a table would be kept, line by line, as malformed.
  const isLarge = bytes.length > HEAD_BYTES;
  const head = asByteString(isLarge ? bytes.slice(0, HEAD_BYTES) : bytes);
  const beginning = parse(head);
  if (beginning.mounts.length > 0) return isLarge ? parse(bytes) : beginning;
  if (parseOther(head).mounts.length > 0) {
    throw unusable(`${name} has the format of /proc/1/${other}; read it with --${other}.`);
  }
  const [first] = beginning.malformed;
  throw unusable(
    `${name} is not a table in the format of /proc/1/${wanted}: ${first?.problem ?? 'it is empty'} in line 1.`,
  );
}

const isOfWindows = (bytes: ByteString): boolean =>
  bytes.includes('\r\n') && bytes.split('\n').every((line) => line === '' || line.endsWith('\r'));

/** The failure for a table without any cgroup mount. */
function withoutCgroups({ source, table, live }: MountsSource): KnownFailure | null {
  if (table.mounts.some((mount) => cgroupVersion(mount) !== null)) return null;
  const name = nameOf(source);
  return new KnownFailure(
    'NO_CGROUP_MOUNT',
    live === null
      ? `${name} contains no mount of type cgroup or cgroup2; save the whole table of the cell's pid 1.`
      : `${name} contains no mount of type cgroup or cgroup2: pid 1 there is not the cell's, or nothing mounted them ` +
          '(under bpm: unsafe.host_pid_namespace, and unsafe.unrestricted_volumes with the path /sys/fs/cgroup).',
  );
}

const nameOf = (path: string): string => (path === '-' ? 'Standard input' : oneLine(path, 200));

const usage = (message: string): KnownFailure => new KnownFailure('USAGE', message);
const unusable = (message: string): KnownFailure => new KnownFailure('TABLE_UNUSABLE', message);

/**
 * The bytes of a saved mount table; `-` is standard input.
 * @throws KnownFailure FILE_UNREADABLE
 */
async function readTableFile(path: string): Promise<ByteString> {
  const name = nameOf(path);
  const stream: AsyncIterable<string | Buffer> =
    path === '-' ? process.stdin : fs.createReadStream(path);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      length += bytes.length;
      if (length > MAX_BYTES) {
        throw new KnownFailure(
          'FILE_UNREADABLE',
          `${name} is not a mount table: it is larger than 64 MiB.`,
        );
      }
      chunks.push(bytes);
    }
  } catch (cause) {
    if (cause instanceof KnownFailure) throw cause;
    throw new KnownFailure('FILE_UNREADABLE', `${name} ${whyUnreadable(cause)}`, { cause });
  }
  return asByteString(Buffer.concat(chunks).toString('latin1'));
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT')
    return 'does not exist; give the path of a saved mount table, or - for standard input.';
  if (code === 'EISDIR') return 'is a directory; give the path of a saved mount table.';
  return `cannot be read (${String(code ?? error)}); give the path of a saved mount table that you can read.`;
}
