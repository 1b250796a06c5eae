import { appNames, propertiesOf } from '../../src/demo-cell/app-properties.ts';
import { instanceHandle } from '../../src/demo-cell/handles.ts';
import type { ContainerProperties } from '../../src/model/container-properties.ts';
import type { GardenAnswer } from '../../src/model/garden.ts';
import type { MountStat } from '../../src/model/hierarchy.ts';
import {
  asByteString,
  asDevice,
  asHandle,
  type ByteString,
  type Handle,
} from '../../src/model/ids.ts';
import { NO_ANSWERS, type Snapshot } from '../../src/model/snapshot.ts';
import type { MountInputs } from '../../src/model/mount-inputs.ts';
import type { Membership, ProcessInCgroups } from '../../src/model/process.ts';
import type { CgroupDirectory } from '../../src/model/sighting.ts';
import { identityOf } from '../../src/parse/container-identity.ts';
import { parseMountInfo } from '../../src/parse/mountinfo.ts';

const CONTROLLERS = ['cpuset', 'cpu', 'cpuacct', 'blkio', 'memory', 'devices', 'freezer', 'pids'];
const PROCESSES = 3;
const GDN_PID = 2;
const SERVICE = asByteString('/system.slice/garden.service');

/** All that a pass reads of a cell with so many healthy app instances and so many empty directories, made up. */
export function syntheticLook(containers: number, dead = 0): Snapshot {
  const handles = Array.from({ length: containers }, (_, n) => asHandle(instanceHandle(`${n}`)));
  const list: GardenAnswer<readonly Handle[]> = { kind: 'answered', value: handles };
  return {
    at: { wall: '2026-01-01T00:00:00.000Z', monotonicMilliseconds: 0 },
    durationMilliseconds: 0,
    cell: { hostname: 'cell', bootId: 'boot' },
    mounts: mountInputs(),
    gardenProcesses: [gdn()],
    primaryScan: {
      kind: 'seen',
      controller: 'memory',
      directories: directoriesOf(handles, dead),
      unseen: [],
    },
    list,
    answers: {
      ...NO_ANSWERS,
      createdList: list,
      properties: new Map(handles.map((handle) => [handle, answered(propertiesAs(handle))])),
      memberships: new Map(
        handles.map((handle, n) => [firstPid(n), everywhere(containerPath(handle))] as const),
      ),
    },
  };
}

const answered = <T>(value: T): GardenAnswer<T> => ({ kind: 'answered', value });

const firstPid = (container: number): number => 1000 + container * PROCESSES;

const containerPath = (name: string): ByteString => asByteString(`${SERVICE}/garden/${name}`);

const everywhere = (path: ByteString): Membership =>
  Object.fromEntries(CONTROLLERS.map((name) => [name, path]));

function propertiesAs(handle: Handle): ContainerProperties {
  const properties = propertiesOf(handle, 'app', appNames(handle, {}));
  return { properties, ...identityOf(handle, properties) };
}

function directoriesOf(handles: readonly Handle[], dead: number): readonly CgroupDirectory[] {
  let inode = 0;
  const directory = (path: string, pids: readonly number[]): CgroupDirectory => {
    inode += 1;
    return { path: asByteString(path), inode, pids, trouble: null };
  };
  return [
    directory('/', [1]),
    directory('/system.slice', []),
    directory(SERVICE, [GDN_PID]),
    directory(`${SERVICE}/garden`, []),
    ...handles.map((handle, n) => {
      const first = firstPid(n);
      return directory(containerPath(handle), [first, first + 1, first + 2]);
    }),
    ...Array.from({ length: dead }, (_, n) => directory(containerPath(`dead-${n}`), [])),
  ];
}

function gdn(): ProcessInCgroups {
  return {
    pid: GDN_PID,
    parentPid: 1,
    startTicks: 100,
    startedAt: '2026-01-01T00:00:00.000Z',
    realUid: 0,
    namespacePids: [GDN_PID],
    comm: 'gdn',
    command: 'gdn server',
    launched: null,
    membership: everywhere(SERVICE),
  };
}

function mountInputs(): MountInputs {
  const lines = [
    '20 1 8:1 / / rw - ext4 /dev/sda1 rw',
    '21 20 0:20 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
    ...CONTROLLERS.map(
      (name, n) =>
        `${30 + n} 21 0:${30 + n} / /sys/fs/cgroup/${name} rw - cgroup cgroup rw,${name}`,
    ),
  ];
  const table = parseMountInfo(asByteString(`${lines.join('\n')}\n`));
  const stats = CONTROLLERS.map((name, n): readonly [ByteString, MountStat] => [
    asByteString(`/sys/fs/cgroup/${name}`),
    {
      kind: 'seen',
      magic: 0x27e0eb,
      device: asDevice(`0:${30 + n}`),
      inode: 1,
      hasReleaseAgent: true,
      hasCgroupEvents: false,
    },
  ]);
  return {
    source: '/proc/1/mountinfo',
    root: '/',
    namespace: 'initial',
    cellTable: table,
    ownTable: table,
    stats: new Map(stats),
    firstProcessPaths: everywhere(asByteString('/')),
  };
}
