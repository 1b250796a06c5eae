/** Versions from `from` up to but not including `before`; null: no limit. */
export interface VersionRange {
  readonly from: Version | null;
  readonly before: Version | null;
}
type Version = readonly [major: number, minor: number, patch: number];

/**
 * The versions that a typed version can mean: `0.22` is every 0.22.x, `v0.22.5` only that one. A
 * fourth number or a suffix (Tracee has v0.22.4.1 and v0.24.0-rc) is of the version before it. Null:
 * not a version.
 */
export function typedVersion(text: string): VersionRange | null {
  const match =
    /^v?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6})(?:\.\d{1,6})?)?(?:-rc[\w.-]{0,20})?$/.exec(text);
  if (match === null) return null;
  const [major, minor, patch] = match.slice(1).map((part) => (part ? Number(part) : null));
  if (major === null || major === undefined) return null;
  if (minor === null || minor === undefined)
    return { from: [major, 0, 0], before: [major + 1, 0, 0] };
  if (patch === null || patch === undefined)
    return { from: [major, minor, 0], before: [major, minor + 1, 0] };
  return { from: [major, minor, patch], before: [major, minor, patch + 1] };
}

/** Whether a version can be in both. */
export const overlap = (a: VersionRange, b: VersionRange): boolean =>
  isBefore(a.from, b.before) && isBefore(b.from, a.before);

const isBefore = (from: Version | null, before: Version | null): boolean =>
  from === null || before === null || compare(from, before) < 0;

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
