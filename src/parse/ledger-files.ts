import * as v from 'valibot';
import { asByteString, type ByteString } from '../model/ids.ts';
import type { PolicyEntry } from '../model/ledger.ts';
import { nameOf, parentOf } from '../model/paths.ts';
import { bytesOfText } from '../model/text.ts';
import { parsedBy, parseJson, recordOf } from './json.ts';
import { parseMountInfo } from './mount-table.ts';

/**
 * The IPv4 addresses of a network namespace, without loopback, from /proc/PID/net/fib_trie (kernel
 * net/ipv4/fib_trie.c fib_trie_seq_show): below the leaf of an address of its own stands
 * `/32 host LOCAL`. Its tables repeat them.
 */
export function parseFibTrie(text: string): readonly string[] {
  const own = new Set<string>();
  for (const [, address = ''] of text.matchAll(/\|-- ([\d.]+)\n +\/32 host LOCAL$/gm))
    if (!address.startsWith('127.')) own.add(address);
  return [...own];
}

/**
 * The addresses of containers in /proc/net/dev: silk names the host's end of a container's veth pair
 * after it, `s-010255001002` (silk cni/config/device_name_generator.go:11). A name with a number above
 * 255 is not silk's.
 */
export function parseHostInterfaces(text: string): readonly string[] {
  const addresses = new Set<string>();
  for (const [, digits = ''] of text.matchAll(/^ *s-(\d{12}):/gm)) {
    const numbers = [0, 3, 6, 9].map((at) => Number(digits.slice(at, at + 3)));
    if (numbers.every((number) => number <= 255)) addresses.add(numbers.join('.'));
  }
  return [...addresses];
}

/** `10.255.1.2`: host-local names a file so for each address that it has given away. */
export const isAddress = (name: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) && name.split('.').every((part) => Number(part) <= 255);

const NAMESPACES = '/container-netns';

/**
 * The network namespaces that Garden's networker keeps mounted, by handle: it binds each on
 * `…/garden-cni/container-netns/HANDLE`, and the root of that mount is `net:[INODE]`
 * (garden-external-networker bindmount/mounter_linux.go).
 */
export function namespaceMountsOf(mountinfo: ByteString): ReadonlyMap<ByteString, number> {
  const lines = mountinfo.split('\n').filter((line) => line.includes(' net:['));
  const inodes = new Map<ByteString, number>();
  for (const { fstype, root, mountPoint } of parseMountInfo(asByteString(lines.join('\n')))
    .mounts) {
    if (fstype !== 'nsfs' || !parentOf(mountPoint).endsWith(NAMESPACES)) continue;
    const inode = /^net:\[(\d+)\]$/.exec(root ?? '')?.[1];
    if (inode !== undefined) inodes.set(nameOf(mountPoint), Number(inode));
  }
  return inodes;
}

/** The handle is the first line of what host-local writes for an address (host-local disk/backend.go Reserve). */
export const holderIn = (text: string): ByteString | null => {
  const handle = text.split(/\r?\n/, 1)[0]?.trim() ?? '';
  return handle === '' ? null : bytesOfText(handle);
};

const portPool = v.object({ acquired_ports: recordOf(v.array(v.number())) });

/** The handles in the state of Garden's networker, `{"acquired_ports": {HANDLE: […]}}` (port_allocator/pool.go). */
export function parsePortPool(text: string): readonly ByteString[] | null {
  const parsed = parsedBy(portPool, parseJson(text));
  return parsed.ok ? Object.keys(parsed.value.acquired_ports).map(bytesOfText) : null;
}

const MAX_ENTRIES = 20_000;
const MAX_TEXT = 256;
const someText = v.fallback(v.nullable(v.pipe(v.string(), v.maxLength(MAX_TEXT))), null);
const metadata = v.object({
  app_id: v.optional(someText, null),
  space_id: v.optional(someText, null),
  org_id: v.optional(someText, null),
});
const entry = v.object({
  handle: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)),
  ip: v.optional(someText, null),
  metadata: v.optional(v.fallback(metadata, { app_id: null, space_id: null, org_id: null })),
});
const store = recordOf(entry);

/**
 * silk's store of containers, `{HANDLE: {handle, ip, metadata}}` (cf-networking lib/datastore
 * datastore.go:77). Null if it is not that: another program writes it in place, so half of it may be
 * there.
 */
export function parsePolicyStore(text: string): ReadonlyMap<ByteString, PolicyEntry> | null {
  const value = parseJson(text);
  const parsed = parsedBy(store, value);
  if (!parsed.ok || Array.isArray(value)) return null;
  const entries = Object.values(parsed.value);
  if (entries.length > MAX_ENTRIES) return null;
  return new Map(
    entries.map(({ handle, ip, metadata: known }) => [
      bytesOfText(handle),
      {
        address: ip !== null && isAddress(ip) ? ip : null,
        appId: known?.app_id ?? null,
        spaceId: known?.space_id ?? null,
        organizationId: known?.org_id ?? null,
      },
    ]),
  );
}
