/** One thing of a release that bosh or the Director would reject, or accept although it breaks later. */
export interface ReleaseFinding {
  /** Where it stands, relative to the top of the release. */
  readonly file: string;
  readonly what: string;
  readonly todo: string;
}

export const findingLine = ({ file, what, todo }: ReleaseFinding): string =>
  `${file}: ${what}: ${todo}`;
