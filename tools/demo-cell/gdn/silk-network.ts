import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import type { ContainerRecord } from '../cgroups/container-spec.ts';
import { ONLY_CELL_ENVIRONMENT } from './programs.ts';

const NAMESPACES = '/var/vcap/data/garden-cni/container-netns';
const RESERVED = '/var/vcap/data/host-local/ipam/silk';
const STORE = '/var/vcap/data/container-metadata';
/** The peer of every container. */
const GATEWAY = '169.254.0.1';

/** Both ends of a container's network, and its namespace by name. */
const UP = `
set -e
pid=$1 name=$2 interface=$3 address=$4 gateway=$5
: >"$name"
mount --bind "/proc/$pid/ns/net" "$name"
ip link add "$interface" type veth peer name eth0 netns "$pid"
ip addr add "$gateway" peer "$address" dev "$interface"
ip link set "$interface" up
nsenter --target "$pid" --net -- sh -ec '
  ip link set lo up
  ip addr add "$1" peer "$2" dev eth0
  ip link set eth0 up
' sh "$address" "$gateway"
`;
const DOWN = `
ip link del "$2"
umount "$1" && rm "$1"
`;

const run = (script: string, ...args: readonly string[]): Promise<unknown> =>
  execa('sh', ['-c', script, 'sh', ...args], { ...ONLY_CELL_ENVIRONMENT, stdin: 'ignore' });

/** What silk keeps of the networks of containers: addresses, interfaces, namespaces, a store. */
export class SilkNetwork {
  readonly #containers = new Map<string, { readonly ip: string; readonly metadata: object }>();
  #last = 1;
  #version = 0;

  /** As silk's start does: its store is older than every container. */
  constructor() {
    for (const folder of [NAMESPACES, RESERVED, STORE]) mkdirSync(folder, { recursive: true });
  }

  /** @returns the address that it gives to the container */
  async up({ handle, properties }: ContainerRecord, initPid: number): Promise<string> {
    const host = (this.#last += 1);
    const ip = `10.255.${host >> 8}.${host & 0xff}`;
    writeFileSync(`${RESERVED}/${ip}`, handle);
    await run(UP, `${initPid}`, `${NAMESPACES}/${handle}`, interfaceOf(ip), ip, GATEWAY);
    const metadata = {
      app_id: properties['network.app_id'],
      space_id: properties['network.space_id'],
      org_id: properties['network.org_id'],
      policy_group_id: properties['network.app_id'],
    };
    this.#containers.set(handle, { ip, metadata });
    this.#save();
    return ip;
  }

  async down(handle: string): Promise<void> {
    const known = this.#containers.get(handle);
    if (known === undefined) return;
    this.#containers.delete(handle);
    this.#save();
    rmSync(`${RESERVED}/${known.ip}`, { force: true });
    await run(DOWN, `${NAMESPACES}/${handle}`, interfaceOf(known.ip));
  }

  #save(): void {
    const entries = [...this.#containers].map(([handle, entry]) => [handle, { handle, ...entry }]);
    writeFileSync(`${STORE}/store.json`, JSON.stringify(Object.fromEntries(entries)));
    writeFileSync(`${STORE}/store.json_version`, String((this.#version += 1)));
  }
}

const interfaceOf = (ip: string): string =>
  `s-${ip
    .split('.')
    .map((part) => part.padStart(3, '0'))
    .join('')}`;
