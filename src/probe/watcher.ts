import fs from 'node:fs';
import { errnoOf } from '../model/failure.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import { parentOf } from '../model/paths.ts';
import { openablePath } from './kernel-reader.ts';

export type Watched = { readonly path: ByteString; readonly inode: number };

/**
 * Reports that an entry appeared or vanished in one of a set of directories. mkdir and rmdir in a
 * cgroup directory cause one inotify event each, on v1 and v2, also through a read-only bind mount.
 * `recursive` misses every rmdir. A watch only makes the agent react sooner: a timer covers
 * everything that cannot be watched.
 */
export function directoryWatcher(onChange: () => void) {
  const watches = new Map<string, { readonly inode: number; readonly watch: fs.FSWatcher }>();

  /** Watches exactly these directories; one that was recreated gets a new watch. */
  function watch(places: readonly Watched[]): void {
    const wanted = new Map(places.map(({ path, inode }) => [path as string, inode]));
    for (const [path, { inode }] of watches) {
      if (wanted.get(path) !== inode) drop(path);
    }
    for (const { path, inode } of places) if (!watches.has(path)) add(path, inode);
  }

  function close(): void {
    for (const path of watches.keys()) drop(path);
  }

  function add(path: ByteString, inode: number): void {
    try {
      const started = fs.watch(openablePath(path), { persistent: false }, onChange);
      started.on('error', () => drop(path));
      watches.set(path, { inode, watch: started });
    } catch {
      // The directory is gone, permission is missing, or the machine has no watches left.
    }
  }

  function drop(path: string): void {
    watches.get(path)?.watch.close();
    watches.delete(path);
  }

  return { watch, close };
}

/** Changes when a socket is recreated or removed. */
export function stampOfSocket(socketPath: string): string {
  try {
    const { ino, ctimeMs } = fs.lstatSync(socketPath);
    return `${ino} ${ctimeMs}`;
  } catch (error) {
    return errnoOf(error);
  }
}

/** The directory of a socket, watched to notice a recreated socket; empty if it cannot be read. */
export function directoryOfSocket(socketPath: string): readonly Watched[] {
  const path = parentOf(asByteString(socketPath));
  try {
    return [{ path, inode: fs.statSync(path).ino }];
  } catch {
    return [];
  }
}
