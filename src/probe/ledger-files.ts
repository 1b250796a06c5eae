import fs from 'node:fs';
import process from 'node:process';
import { asByteString, type ByteString } from '../model/ids.ts';
import type {
  HostNetwork,
  InitFacts,
  PolicyStore,
  Reservations,
  RootLists,
} from '../model/ledger.ts';
import {
  holderIn,
  isAddress,
  parseFibTrie,
  parseHostInterfaces,
  parsePolicyStore,
  parsePortPool,
} from '../parse/ledger-files.ts';
import type { ProcessStat } from '../parse/process-files.ts';
import type { CommandLines } from './command-lines.ts';
import type { KernelReader } from './kernel-reader.ts';
import { nameOfProcess } from './process-names.ts';
import { timeOf } from './processes.ts';
import { LATE, type TimedReads } from './timed-reads.ts';

/** Of a container that gives itself more addresses than this holds, none is known. */
const MAX_FIB_TRIE = 64 * 1024;
/** A line has about 120 bytes: 20,000 interfaces. */
const MAX_DEV = 4 * 1024 * 1024;
const MAX_STORE = 4 * 1024 * 1024;
/** How often a file is read that its writer may just have truncated to write it anew. */
const ATTEMPTS = 3;
const MAX_VERSION = 64;
/** More names than this are not left over, but made on purpose. */
const MAX_NAMES = 20_000;
const RESERVED = '/var/vcap/data/host-local/ipam/silk';
/** The addresses of a subnet with a prefix of 22 bits; the content of further files is not read. */
const MAX_HOLDERS = 1024;
/** The bytes of a file that holds a handle and the name of an interface. */
const MAX_HOLDER = 4096;
const IMAGES = '/var/vcap/data/grootfs/store';
const SILK_STORE = '/var/vcap/data/silk/store.json';
const PORTS = '/var/vcap/data/garden-cni/external-networker-state.json';
const IDENTITIES = '/var/vcap/data/rep/shared/garden/instance_identity';
const STORE_FOLDER = '/var/vcap/data/container-metadata';

/** Between two pauses: about 5 ms of work. */
const INITS_AT_ONCE = 64;

/** What stays while a process lives under its parent: another parent, or start, is another one. */
type KeptInit = Omit<InitFacts, 'addresses'> & {
  readonly startTicks: number;
  readonly parentPid: number;
};

/** Reads the inits of containers, every minute: what cannot change while they live, only once. */
export function initReader(reader: KernelReader, commands: CommandLines) {
  const known = new Map<number, KeptInit>();

  /** By pid; null for one that has ended, or whose pid another one took during the read. */
  return async function readInits(
    pids: readonly number[],
    pause: () => Promise<void>,
  ): Promise<ReadonlyMap<number, InitFacts | null>> {
    if (known.size > MAX_NAMES) known.clear();
    const inits = new Map<number, InitFacts | null>();
    for (const [index, pid] of pids.entries()) {
      if (index % INITS_AT_ONCE === INITS_AT_ONCE - 1) await pause();
      inits.set(pid, await initOf(pid));
    }
    return inits;
  };

  async function initOf(pid: number): Promise<InitFacts | null> {
    const trie = reader.text(`/proc/${pid}/net/fib_trie`, MAX_FIB_TRIE);
    const now = reader.stat(pid);
    const was = known.get(pid);
    const isSame = was?.startTicks === now?.startTicks && was?.parentPid === now?.parentPid;
    const kept = was !== undefined && isSame ? was : await wholeInit(pid, now);
    if (kept === null) return null;
    // A parent that could not be read may answer next time.
    if (kept.isParentKnown) known.set(pid, kept);
    const { startTicks: _start, parentPid: _parent, ...facts } = kept;
    const addresses = trie === null || trie.length === MAX_FIB_TRIE ? null : parseFibTrie(trie);
    return { ...facts, addresses };
  }

  /** While the parent stays the same, another process cannot have taken its pid. */
  async function wholeInit(pid: number, before: ProcessStat | null): Promise<KeptInit | null> {
    const status = reader.status(pid);
    if (before === null || status === null) return null;
    const { startTicks, parentPid } = before;
    const networkNamespace = namespaceOf(reader, pid);
    const comm = nameOfProcess(reader, parentPid);
    const isHelper = comm !== null && /^(?:dadoo|containerd-shim)/.test(comm);
    const launched = isHelper ? await commands.launchedBy({ pid: parentPid, comm }) : null;
    const after = reader.stat(pid);
    if (after?.startTicks !== startTicks || after.parentPid !== parentPid) return null;
    return {
      startTicks,
      parentPid,
      startedAt: timeOf(reader, startTicks),
      namespacePids: status.namespacePids,
      networkNamespace,
      isParentKnown: parentPid <= 1 || (comm !== null && (!isHelper || launched !== null)),
      helper: launched === null ? null : { by: launched.by, id: launched.id },
    };
  }
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

/**
 * The addresses that host-local has given away: the names of its files; null if they cannot be read,
 * also if the directory was removed and made anew.
 */
export async function reservations(
  { root }: KernelReader,
  disk: TimedReads,
): Promise<Reservations> {
  const names = await disk.names(`${root}${RESERVED}`);
  if ('errno' in names) return { addresses: null, holders: null };
  const addresses = names.entries
    .slice(0, MAX_NAMES)
    .flatMap(({ name }) => (isAddress(name) ? [name] : []));
  const holders = new Map<string, ByteString>();
  for (const address of addresses.slice(0, MAX_HOLDERS)) {
    const read = await disk.file(`${root}${RESERVED}/${address}`, MAX_HOLDER);
    if (typeof read !== 'string') {
      if (read.errno === LATE || read.errno === 'EACCES') return { addresses, holders: null };
      continue;
    }
    const holder = holderIn(read);
    if (holder !== null) holders.set(address, holder);
  }
  return { addresses, holders };
}

/** Null for another user than root. What is not there has no entries. */
export async function rootLists(reader: KernelReader, disk: TimedReads): Promise<RootLists | null> {
  if (process.geteuid?.() !== 0) return null;
  const directories = (path: string) => directoriesIn(reader, disk, path, []);
  const handlesIn = async (
    path: string,
    parse: (text: string) => Iterable<ByteString> | null,
  ): Promise<readonly ByteString[] | null> => {
    const read = await disk.file(`${reader.root}${path}`, MAX_STORE);
    if (typeof read !== 'string') return read.errno === 'ENOENT' ? [] : null;
    const handles = parse(read);
    return handles === null ? null : [...handles].slice(0, MAX_NAMES);
  };
  const unprivileged = await directories(`${IMAGES}/unprivileged/images`);
  const privileged = await directories(`${IMAGES}/privileged/images`);
  return {
    image:
      unprivileged === null || privileged === null
        ? null
        : [...unprivileged, ...privileged].slice(0, MAX_NAMES),
    silk: await handlesIn(SILK_STORE, (text) => parsePolicyStore(text)?.keys() ?? null),
    ports: await handlesIn(PORTS, parsePortPool),
    // Below each name are private keys of an app, which nothing reads.
    identity: await directories(IDENTITIES),
  };
}

/** The directories in another; `absent` if it does not exist, and null if it cannot be read. */
export async function directoriesIn(
  { root }: KernelReader,
  disk: TimedReads,
  path: string,
  absent: readonly ByteString[] | null,
): Promise<readonly ByteString[] | null> {
  const names = await disk.names(`${root}${path}`);
  if ('errno' in names) return names.errno === 'ENOENT' ? absent : null;
  return names.entries
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
  if ('errno' in folder)
    return folder.errno === 'ENOENT' ? { kind: 'absent' } : failed(folder.errno);
  const path = `${root}${STORE_FOLDER}/store.json`;
  const version = async (): Promise<string> => {
    const read = await disk.file(`${path}_version`, MAX_VERSION);
    return typeof read === 'string' ? read : read.errno;
  };
  let why = 'EAGAIN';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await version();
    const read = await disk.file(path, MAX_STORE);
    if (typeof read !== 'string') {
      why = read.errno;
      if (why !== 'EAGAIN') break;
      continue;
    }
    const entries = parsePolicyStore(read);
    const after = await version();
    if (after === LATE) return failed(LATE);
    if (entries !== null && after === before)
      return { kind: 'read', entries, madeAt: folder.madeAt };
    why = entries === null ? 'it is not the JSON of a policy store' : 'EAGAIN';
  }
  return failed(why);
}

const WHY: Readonly<Record<string, string>> = {
  EAGAIN: 'it changes all the time',
  EFBIG: 'it has more than 4 MiB',
  ESTALE: 'its directory was removed and made anew',
  [LATE]: 'it could not be read in time',
};

const failed = (why: string): PolicyStore => ({ kind: 'failed', why: WHY[why] ?? why });
