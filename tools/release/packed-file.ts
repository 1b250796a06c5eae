/** A file of a job or a package. */
export interface PackedFile {
  /** In the archive of the job or package. */
  readonly path: string;
  /** In the checkout. */
  readonly from: string;
}

/** By code unit and not by language, because fingerprints depend on it. */
export const byPath = (a: PackedFile, b: PackedFile): number => (a.path < b.path ? -1 : 1);

/** Whether a path that a spec or an index names could lead elsewhere than below the folder it is meant for. */
export const leavesItsFolder = (path: string): boolean =>
  path.startsWith('/') || path.split('/').includes('..');
