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
  try {
    fs.mkdirSync(path, { mode: FOLDER_MODE });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') return `${errnoOf(error)}: cannot make the directory ${path}`;
  }
  let folder: number;
  try {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
    folder = fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    const errno = errnoOf(error);
    return errno === 'ELOOP' || errno === 'ENOTDIR'
      ? `${path} is not a directory: remove it`
      : `${errno}: cannot open the directory ${path}`;
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
