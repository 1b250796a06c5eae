import { KnownFailure, usageFailure } from '../model/failure.ts';
import type { CgroupNamespace, MountsReport } from '../model/hierarchy.ts';
import { cgroupVersion, type MountTable } from '../model/mount.ts';
import { chooseMounts } from '../mounts/choose-mounts.ts';
import { type LiveCell, assumedNamespace } from '../mounts/judge-mount.ts';
import { gdnCandidates } from '../mounts/resolve.ts';
import { mountsJson } from '../present/mounts-json.ts';
import { documentText } from '../present/document/terminal.ts';
import { mountsDocument } from '../present/mounts.ts';
import { shownCommand } from '../parse/shown-command.ts';
import type { MountInputs, Snapshot, StoredCapture } from '../model/snapshot.ts';
import { readCapture } from '../probe/capture-files.ts';
import { KernelReader } from '../probe/kernel-reader.ts';
import { MountReader } from '../probe/mount-probe.ts';
import { CommandLines } from '../probe/command-lines.ts';
import { gardenProcesses } from '../probe/processes.ts';
import { readSavedTable, tableName } from '../probe/saved-mount-table.ts';
import type { Io } from '../terminal/io.ts';
import type { Arguments } from './command-table.ts';
import { printAnswer } from './answer.ts';

type MountsArguments = Arguments<'mounts'>;

/** More malformed lines than this tell nothing new. */
const MAX_MALFORMED = 5;

/**
 * Which mount shows each hierarchy. Exits with 0 if every hierarchy has one, with 1 otherwise.
 * @throws KnownFailure for unusable input, and for a table without any cgroup mount
 */
export async function runMounts(options: MountsArguments, io: Io): Promise<number> {
  const source = await mountsSource(options);
  const report = reportOf(source, options);
  reportProblems(report, io, options.format === 'json');
  const nothing = withoutCgroups(source);
  if (options.format === 'json' || nothing === null) {
    printAnswer(
      mountsJson(report),
      options,
      io,
      (style) => documentText(mountsDocument(report), style),
      source,
    );
  }
  if (nothing !== null) throw nothing;
  return report.choices.every(({ chosen }) => chosen !== null) ? 0 : 1;
}

function reportOf(from: MountsSource, { rule }: MountsArguments): MountsReport {
  const { table, live, stored: _shownApart, ...origin } = from;
  const { mode, choices } = chooseMounts({ table, namespace: from.namespace, live, rule });
  return { ...origin, rule, mode, malformed: table.malformed, choices };
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

interface MountsSource {
  readonly source: string;
  readonly table: MountTable;
  readonly namespace: CgroupNamespace;
  /** No option said in which namespace the text was read. */
  readonly namespaceAssumed: boolean;
  /** Null for a text. */
  readonly live: LiveCell | null;
  /** Null if it does not come from a capture. */
  readonly stored: StoredCapture | null;
}

/** @throws KnownFailure USAGE, FILE_UNREADABLE, TABLE_UNUSABLE or PROC_UNREADABLE */
async function mountsSource(options: MountsArguments): Promise<MountsSource> {
  const { mountinfo, mounts, root, cgroupNamespace, capture } = options;
  if (capture !== undefined) {
    if (mountinfo !== undefined || mounts !== undefined || root !== undefined) {
      throw usageFailure(
        '--capture has its own mount table: leave out --mountinfo, --mounts and --root.',
      );
    }
    if (cgroupNamespace !== 'auto') {
      throw usageFailure('--cgroup-namespace is only for a saved table.');
    }
    return captureSource(capture);
  }
  if (mountinfo !== undefined && mounts !== undefined) {
    throw usageFailure(
      '--mountinfo and --mounts are two formats of one table; give only one of them.',
    );
  }
  const path = mountinfo ?? mounts;
  if (path === undefined) {
    if (cgroupNamespace !== 'auto') {
      throw usageFailure('--cgroup-namespace is only for a saved table.');
    }
    return liveSource(root ?? '/');
  }
  if (root !== undefined) {
    throw usageFailure('--root is for a running cell and cannot be combined with a saved table.');
  }
  if (path === '') {
    throw usageFailure(
      'The path of the mount table is empty; give a file, or - for standard input.',
    );
  }
  const table = await readSavedTable(path, mountinfo === undefined ? 'mounts' : 'mountinfo');
  return {
    source: path,
    table,
    namespace: cgroupNamespace === 'auto' ? assumedNamespace(table) : cgroupNamespace,
    namespaceAssumed: cgroupNamespace === 'auto' && table.format === 'mountinfo',
    live: null,
    stored: null,
  };
}

async function liveSource(root: string): Promise<MountsSource> {
  if (!root.startsWith('/')) throw usageFailure('--root needs an absolute path to a directory.');
  const inputs = new MountReader(root).read();
  // gdn's place matters only in a private namespace, and finding gdn reads every process.
  const reader = new KernelReader(root);
  const named =
    inputs.namespace === 'private'
      ? await gardenProcesses(reader, new CommandLines(reader, shownCommand))
      : [];
  return { ...cellSource(inputs, named), stored: null };
}

/** The table of the last pass in a capture. */
function captureSource(path: string): MountsSource {
  const stored = readCapture(path);
  const last = stored.capture.passes.at(-1);
  if (last === undefined) {
    throw new KnownFailure('CAPTURE_UNREADABLE', `${path} contains no pass.`);
  }
  return { ...cellSource(last.mounts, last.gardenProcesses), stored };
}

function cellSource(
  inputs: MountInputs,
  named: Snapshot['gardenProcesses'],
): Omit<MountsSource, 'stored'> {
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

function withoutCgroups({ source, table, live }: MountsSource): KnownFailure | null {
  if (table.mounts.some((mount) => cgroupVersion(mount) !== null)) return null;
  const name = tableName(source);
  return new KnownFailure(
    'NO_CGROUP_MOUNT',
    live === null
      ? `${name} contains no mount of type cgroup or cgroup2; save the whole table of the cell's pid 1.`
      : `${name} contains no mount of type cgroup or cgroup2: pid 1 there is not the cell's, or nothing mounted them ` +
          '(under bpm: unsafe.host_pid_namespace, and unsafe.unrestricted_volumes with the path /sys/fs/cgroup).',
  );
}
