import fs from 'node:fs';
import { asByteString, type ByteString } from '../model/ids.ts';
import type { HostNetwork, InitFacts, PolicyStore } from '../model/ledger.ts';
import {
  isAddress,
  namespaceMountsOf,
  parseFibTrie,
  parseHostInterfaces,
  parsePolicyStore,
} from '../parse/ledger-files.ts';
import { parseStat, parseStatus } from '../parse/process-files.ts';
import type { CommandLines } from './command-lines.ts';
import { readBytes, textOf, type KernelReader } from './kernel-reader.ts';
import { processFacts } from './processes.ts';
import { LATE, type TimedReads } from './timed-reads.ts';

/** Of a container that gives itself more addresses than this holds, none is known. */
const MAX_FIB_TRIE = 64 * 1024;
/** A line has about 120 bytes: 20,000 interfaces. */
const MAX_DEV = 4 * 1024 * 1024;
const MAX_STORE = 4 * 1024 * 1024;
/** Its writer truncates and writes. */
const ATTEMPTS = 3;
const MAX_VERSION = 64;
/** More are not left over, but made on purpose. */
const MAX_NAMES = 20_000;
const RESERVED = '/var/vcap/data/host-local/ipam/silk';
const STORE_FOLDER = '/var/vcap/data/container-metadata';

/** One process, as the init of its container; null if it has ended, or another took its pid. */
export async function initFacts(
  reader: KernelReader,
  commands: CommandLines,
  pid: number,
): Promise<InitFacts | null> {
  const before = parseStat(reader.text(`/proc/${pid}/stat`) ?? '');
  const status = parseStatus(reader.text(`/proc/${pid}/status`) ?? '');
  const trie = reader.text(`/proc/${pid}/net/fib_trie`, MAX_FIB_TRIE);
  const networkNamespace = namespaceOf(reader, pid);
  const parent = before === null ? null : processFacts(reader, before.parentPid);
  const after = parseStat(reader.text(`/proc/${pid}/stat`) ?? '');
  if (before === null || status === null || after === null) return null;
  const { startTicks, parentPid } = before;
  if (after.startTicks !== startTicks || after.parentPid !== parentPid) return null;
  const isHelper = parent !== null && /^(?:dadoo|containerd-shim)/.test(parent.comm);
  const launched = isHelper ? ((await commands.added(parent))?.process.launched ?? null) : null;
  const isOrphan = before.parentPid <= 1;
  return {
    namespacePids: status.namespacePids,
    addresses: trie === null || trie.length === MAX_FIB_TRIE ? null : parseFibTrie(trie),
    networkNamespace,
    isParentKnown: isOrphan || (parent !== null && (!isHelper || launched !== null)),
    helper: launched === null ? null : { by: launched.by, id: launched.id },
  };
}

/** Null for a reader that may not ask: only root, or the owner of the process. */
function namespaceOf({ root }: KernelReader, pid: number): number | null {
  try {
    const link = fs.readlinkSync(`${root}/proc/${pid}/ns/net`);
    return Number(/^net:\[(\d+)\]$/.exec(link)?.[1] ?? NaN) || null;
  } catch {
    return null;
  }
}

/** The cell's network, in which silk makes the host's end of each container's: gdn's, or pid 1's. */
export function hostNetwork(reader: KernelReader, gdnPid: number | null): HostNetwork {
  const dev = reader.text(`/proc/${gdnPid ?? 1}/net/dev`, MAX_DEV);
  return { addresses: dev === null || dev.length === MAX_DEV ? null : parseHostInterfaces(dev) };
}

/** The namespaces in the mount table of gdn, by handle; null if that cannot be read. */
export function namespacesAt(
  reader: KernelReader,
  gdnPid: number,
): ReadonlyMap<ByteString, number> | null {
  const bytes = readBytes(reader, `/proc/${gdnPid}/mountinfo`);
  return Buffer.isBuffer(bytes) && bytes.length > 0 ? namespaceMountsOf(textOf(bytes)) : null;
}

/**
 * The addresses that host-local has given away: the names of its files; null if they cannot be read,
 * also if the directory was removed and made anew.
 */
export async function reservedAddresses(
  { root }: KernelReader,
  disk: TimedReads,
): Promise<readonly string[] | null> {
  const names = await disk.names(`${root}${RESERVED}`);
  if (names === LATE || 'errno' in names) return null;
  return names.slice(0, MAX_NAMES).flatMap(({ name }) => (isAddress(name) ? [name] : []));
}

/** The directories in Garden's depot; null if it cannot be read. */
export async function directoriesIn(
  { root }: KernelReader,
  disk: TimedReads,
  path: string,
): Promise<readonly ByteString[] | null> {
  const names = await disk.names(`${root}${path}`);
  if (names === LATE || 'errno' in names) return null;
  return names
    .filter((entry) => entry.isDirectory())
    .slice(0, MAX_NAMES)
    .map(({ name }) => asByteString(name));
}

/**
 * Read without the lock that its writers take: the version file, the store, and the version file
 * again. Its writer empties it, writes, and then raises the version.
 */
export async function policyStore({ root }: KernelReader, disk: TimedReads): Promise<PolicyStore> {
  const folder = await disk.names(`${root}${STORE_FOLDER}`);
  if (folder === LATE) return failed('it could not be read in time');
  if ('errno' in folder)
    return folder.errno === 'ENOENT'
      ? { kind: 'absent' }
      : failed(WHY[folder.errno] ?? folder.errno);
  const path = `${root}${STORE_FOLDER}/store.json`;
  const version = async (): Promise<string | null> => {
    const read = await disk.file(`${path}_version`, MAX_VERSION);
    if (read === LATE) return null;
    return 'text' in read ? read.text : read.errno;
  };
  let why = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await version();
    const read = await disk.file(path, MAX_STORE);
    if (read === LATE) return failed('it could not be read in time');
    if ('errno' in read) {
      why = WHY[read.errno] ?? read.errno;
      if (read.errno !== 'EAGAIN') return failed(why);
      continue;
    }
    const entries = parsePolicyStore(read.text);
    const after = await version();
    if (after === null) return failed('it could not be read in time');
    if (entries !== null && after === before) return { kind: 'read', entries };
    why = entries === null ? 'it is not the JSON of a policy store' : 'it changes all the time';
  }
  return failed(why);
}

const WHY: Readonly<Record<string, string>> = {
  EAGAIN: 'it changes all the time',
  EFBIG: 'it has more than 4 MiB',
  ESTALE: 'its directory was removed and made anew',
};

const failed = (why: string): PolicyStore => ({ kind: 'failed', why });
