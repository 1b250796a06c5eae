import { asByteString, asDevice, type ByteString } from '../../src/model/ids.ts';
import type { MountStat } from '../../src/model/hierarchy.ts';
import { cgroupVersion, type MountTable } from '../../src/model/mount.ts';
import { tableOf } from '../mounts/mount-lines.ts';

/** A file system that can be mounted more than once. */
export interface FileSystem {
  readonly device: string;
  readonly type: 'ext4' | 'tmpfs' | 'cgroup' | 'cgroup2';
  readonly options: string;
  readonly directories: Set<string>;
}

interface SimulatedMount {
  readonly id: number;
  readonly fileSystem: FileSystem;
  readonly root: string;
  readonly mountPoint: string;
  /** Where it is: in which mount, and in which directory of that mount's file system. */
  readonly on: { readonly mount: SimulatedMount; readonly directory: string } | null;
}

interface Place {
  readonly mount: SimulatedMount;
  /** In the file system of the mount. */
  readonly directory: string;
}

const below = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`;

/** Mounts one after the other, and what lies at a path: written without rollcall's own walk. */
export class SimulatedMounts {
  readonly #mounts: SimulatedMount[];

  constructor(root: FileSystem) {
    this.#mounts = [{ id: 1, fileSystem: root, root: '/', mountPoint: '/', on: null }];
  }

  /** Null: there is no such directory. */
  at(path: string): Place | null {
    const [first] = this.#mounts;
    let place = first === undefined ? null : this.#top({ mount: first, directory: '/' });
    for (const name of path.split('/').filter((one) => one !== '')) {
      if (place === null) return null;
      const directory: string = below(place.directory, name);
      if (!place.mount.fileSystem.directories.has(directory)) return null;
      place = this.#top({ mount: place.mount, directory });
    }
    return place;
  }

  /** Does nothing if the path does not exist and no directory can be made there. */
  mount(fileSystem: FileSystem, root: string, path: string): void {
    const names = path.split('/').filter((one) => one !== '');
    for (const depth of names.keys()) {
      const parent = this.at(`/${names.slice(0, depth).join('/')}`);
      const { type = 'cgroup', directories } = parent?.mount.fileSystem ?? {};
      if (parent !== null && !type.startsWith('cgroup'))
        directories?.add(below(parent.directory, names[depth] ?? ''));
    }
    const on = this.at(path);
    if (on === null) return;
    this.#mounts.push({ id: this.#mounts.length + 1, fileSystem, root, mountPoint: path, on });
  }

  /** Every directory at or below a path that a walk finds, with what it is. */
  walk(path: string): readonly (readonly [string, Place])[] {
    const place = this.at(path);
    if (place === null) return [];
    const { directory } = place;
    const children = [...place.mount.fileSystem.directories].filter(
      (one) =>
        one !== '/' && one.slice(0, one.lastIndexOf('/')) === (directory === '/' ? '' : directory),
    );
    const names = children.map((one) => one.slice(one.lastIndexOf('/') + 1));
    return [[path, place], ...names.flatMap((name) => this.walk(below(path, name)))];
  }

  table(): MountTable {
    const lines = this.#mounts.map(({ id, fileSystem, root, mountPoint, on }) => {
      const { device, type, options } = fileSystem;
      return `${id} ${on?.mount.id ?? 0} ${device} ${root} ${mountPoint} rw shared:${id} - ${type} ${type} ${options}`;
    });
    return tableOf(...lines);
  }

  /** What stat returns at each cgroup mount point. The inode of a root is 1. */
  stats(): ReadonlyMap<ByteString, MountStat> {
    const points = this.table().mounts.filter((mount) => cgroupVersion(mount) !== null);
    return new Map(points.map(({ mountPoint }) => [mountPoint, this.#statOf(mountPoint)] as const));
  }

  #statOf(path: string): MountStat {
    const place = this.at(asByteString(path));
    if (place === null) return { kind: 'failed', errno: 'ENOENT' };
    const { type, device, directories } = place.mount.fileSystem;
    const inode = 1 + [...directories].indexOf(place.directory);
    return {
      kind: 'read',
      magic: { cgroup: 0x27e0eb, cgroup2: 0x63677270, tmpfs: 0x01021994, ext4: 0xef53 }[type],
      device: asDevice(device),
      inode,
      hasReleaseAgent: type === 'cgroup' && inode === 1,
      hasCgroupEvents: type === 'cgroup2' && inode !== 1,
    };
  }

  /** The mount on top of all mounts at a place. */
  #top(place: Place): Place {
    const over = this.#mounts.find(
      ({ on }) => on?.mount === place.mount && on.directory === place.directory,
    );
    return over === undefined ? place : this.#top({ mount: over, directory: over.root });
  }
}
