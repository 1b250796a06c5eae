import fs from 'node:fs';
import process from 'node:process';
import { errnoOf } from '../model/failure.ts';

const FOLDER_MODE = 0o750;

/**
 * Makes a folder of the agent's, unless it is there. Its mode is set on the open folder, so that it
 * depends on no umask.
 * @returns why it cannot be used, and what to do; null: it can
 */
export function ownFolderProblem(path: string): string | null {
  let folder: number;
  try {
    folder = openedFolder(path);
  } catch (error) {
    const errno = errnoOf(error);
    return errno === 'ELOOP' || errno === 'ENOTDIR'
      ? `${path} is not a directory: remove it`
      : `${errno}: cannot make or open the directory ${path}`;
  }
  try {
    const { uid, mode } = fs.fstatSync(folder);
    if (uid !== process.geteuid?.())
      return `the directory ${path} belongs to user ${uid}: remove it`;
    if ((mode & 0o7777) !== FOLDER_MODE) fs.fchmodSync(folder, FOLDER_MODE);
    return null;
  } catch (error) {
    return `${errnoOf(error)}: cannot set the mode of the directory ${path}`;
  } finally {
    fs.closeSync(folder);
  }
}

/** Opened first: it is there almost always, and an error costs more than all else. */
function openedFolder(path: string): number {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
  const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
  try {
    return fs.openSync(path, flags);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    fs.mkdirSync(path, { mode: FOLDER_MODE });
    return fs.openSync(path, flags);
  }
}

/**
 * Why the agent neither opens nor replaces what is at a path in a folder of its own: a link, another
 * kind of file, or that of another user. Null: it may.
 */
export function ownPlaceProblem(path: string, kind: 'file' | 'socket'): string | null {
  try {
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return null;
    const isOfKind = kind === 'file' ? stat.isFile() : stat.isSocket();
    if (!isOfKind) return `${path} is not a ${kind}: remove it`;
    return stat.uid === process.geteuid?.()
      ? null
      : `${path} belongs to user ${stat.uid}: remove it`;
  } catch (error) {
    return `${errnoOf(error)}: cannot see ${path}`;
  }
}
