import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Whether a program is in the PATH. */
export const isInPath = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false; // not in this one
    }
  });
