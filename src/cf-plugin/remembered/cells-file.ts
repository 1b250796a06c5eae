import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { errnoOf } from '../../model/failure.ts';
import {
  rememberedIn,
  rememberedText,
  type Earlier,
  type Owner,
  type RememberedCell,
} from './remembered-cells.ts';

const MAX_BYTES = 16 * 1024 * 1024;
const { O_RDONLY, O_NONBLOCK } = fs.constants;

/**
 * The cells that this user saw with this API, in a file in a folder of its own in cf's home (cf's
 * util/configv3/home_dir_unix.go). The file's name is a hash: neither user nor API becomes part of a
 * path.
 * @param owner an empty user: cf's token does not say whose it is, and nothing is kept
 */
export function cellsFile(env: Readonly<Record<string, string | undefined>>, owner: Owner) {
  const home = env['CF_HOME'] ?? '';
  const key = createHash('sha256')
    .update(JSON.stringify([owner.api, owner.user]))
    .digest('hex');
  const folder = path.join(home === '' ? homedir() : home, '.cf', 'rollcall');
  const file = path.join(folder, `cells-${key.slice(0, 32)}.json`);
  const isOwned = owner.user !== '';
  return {
    read: (): Earlier => (isOwned ? readCells(file, owner) : NOTHING),
    /** Returns why the cells are not kept, as a clause; null: they are. */
    write: (cells: readonly RememberedCell[]): string | null => {
      if (!isOwned) return "cf's token does not say whose it is";
      const errno = replaceFile(file, rememberedText(owner, cells));
      return errno === null ? null : `${file} cannot be written (${errno})`;
    },
  };
}

const NOTHING: Earlier = { cells: [], isNone: true, unusable: null };

/** Reads the remembered cells without ever waiting, not even for the writer of a pipe. */
function readCells(file: string, owner: Owner): Earlier {
  const unusable = (why: string): Earlier => ({
    cells: [],
    isNone: false,
    unusable: `${file} ${why}`,
  });
  try {
    const fd = fs.openSync(file, O_RDONLY | O_NONBLOCK);
    try {
      const stat = fs.fstatSync(fd);
      if (!stat.isFile()) return unusable('is not a file');
      if (stat.size > MAX_BYTES) return unusable('is too large');
      const parsed = rememberedIn(fs.readFileSync(fd, 'utf8'), owner);
      if (!parsed.ok) return unusable(parsed.why);
      return { cells: parsed.cells, isNone: false, unusable: null };
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    const errno = errnoOf(error);
    return errno === 'ENOENT' ? NOTHING : unusable(`cannot be read (${errno})`);
  }
}

/**
 * Another run reads the old text or the new one, and of two that write at once, the later one
 * remains. Returns the errno, or null.
 */
function replaceFile(file: string, text: string): string | null {
  const temporary = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(temporary, text, { mode: 0o600, flush: true });
    fs.renameSync(temporary, file);
    return null;
  } catch (error) {
    // Often there is none, and nothing can be done about one that cannot be removed.
    fs.unlink(temporary, () => undefined);
    return errnoOf(error);
  }
}
