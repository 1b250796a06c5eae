import fs from 'node:fs';
import path from 'node:path';
import type { ContainerName, Names } from '../model/names.ts';
import { shownInTables, TABLE_NAMES, tablesOf, type Tables } from '../names/tables.ts';
import { replaceFile } from '../probe/own-files.ts';
import { ownFolderProblem, ownPlaceProblem } from './own-folder.ts';

/** With a refresh of the names, which comes within four seconds, tables follow a change within five. */
const REST_MILLISECONDS = 2000;
const READABLE = { isSynced: false, mode: 0o640 };

/** The files that say which app each container belongs to, in a directory of the agent's. */
export class NameFiles {
  readonly #directory: string;
  readonly #report: (problem: string | null) => void;
  /** What the files hold; null: they are not known to hold anything. */
  #written: readonly ContainerName[] | null = null;
  #problem: string | null = null;
  #latest: Names | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @param report why the files cannot be written, once; null when they can again */
  constructor(directory: string, report: (problem: string | null) => void) {
    this.#directory = directory;
    this.#report = report;
  }

  /**
   * Follows the names; many changes at once make one file.
   * @param isConfirmed a pass has just read the cell: the files get its time even if nothing changed
   */
  follow(names: Names, isConfirmed: boolean): void {
    this.#latest = names;
    const shown = shownInTables(names, Date.now());
    if (isSame(shown, this.#written)) {
      if (isConfirmed && !this.#confirm()) this.#write(shown);
      return;
    }
    if (this.#timer !== null) return;
    this.#write(shown);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#latest !== null) this.follow(this.#latest, false);
    }, REST_MILLISECONDS);
    this.#timer.unref();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #write(shown: readonly ContainerName[]): void {
    const problem = ownFolderProblem(this.#directory) ?? this.#replace(tablesOf(shown));
    this.#written = problem === null ? shown : null;
    if ((problem === null) !== (this.#problem === null)) this.#report(problem);
    this.#problem = problem;
  }

  #replace(tables: Tables): string | null {
    for (const name of TABLE_NAMES) {
      const file = path.join(this.#directory, name);
      const problem = ownPlaceProblem(file, 'file');
      if (problem !== null) return problem;
      const errno = replaceFile(file, tables[name], READABLE);
      if (errno !== null) return `${errno}: cannot write ${file}`;
    }
    return null;
  }

  /** Sets the files' times; false if one is not there any more. */
  #confirm(): boolean {
    const now = new Date();
    try {
      for (const name of TABLE_NAMES) fs.utimesSync(path.join(this.#directory, name), now, now);
      return true;
    } catch {
      return false;
    }
  }
}

const isSame = (
  shown: readonly ContainerName[],
  written: readonly ContainerName[] | null,
): boolean =>
  written !== null &&
  shown.length === written.length &&
  shown.every((one, place) => one === written[place]);

/** Where the job has the files; another memory file has others beside it. */
export const nameFilesBeside = (memoryPath: string): string =>
  path.join(path.dirname(memoryPath), 'names');

/** Removes the files of an agent that wrote them, so that nobody takes them for current. */
export function removeNameFiles(directory: string): void {
  try {
    if (!fs.lstatSync(directory).isDirectory()) return;
    for (const name of TABLE_NAMES) {
      const file = path.join(directory, name);
      if (ownPlaceProblem(file, 'file') === null) fs.rmSync(file, { force: true });
    }
  } catch {
    // There is no such directory, or it is not ours.
  }
}
