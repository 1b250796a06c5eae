/** A file of a job or a package. */
export interface PackedFile {
  /** In the archive of the job or package. */
  readonly path: string;
  /** In the checkout. */
  readonly from: string;
}
