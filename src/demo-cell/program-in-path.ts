import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Whether a program can be started by its name. `searchPath`: folders as in PATH; that of this process where not given. */
export const isInPath = (program: string, searchPath = process.env['PATH'] ?? ''): boolean =>
  searchPath.split(path.delimiter).some((folder) => {
    if (folder === '') return false;
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // not in this one
    }
  });
