import type { SensorName } from '../model/sensor.ts';

/** Versions from `from` up to but not including `before`; null: no limit. */
export interface VersionRange {
  readonly from: Version | null;
  readonly before: Version | null;
}
/** A range that a person typed: `0.22`. */
export interface TypedVersion extends VersionRange {
  readonly text: string;
}
type Version = readonly [major: number, minor: number, patch: number];

/**
 * The versions that a typed version can mean: `0.22` is every 0.22.x, `v0.22.5` only that one. A
 * fourth number or a suffix (Tracee has v0.22.4.1 and v0.24.0-rc) is of the version before it. Null:
 * not a version.
 */
export function typedVersion(text: string): TypedVersion | null {
  const range = rangeOf(text);
  return range && { ...range, text };
}

function rangeOf(text: string): VersionRange | null {
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

/** The newest version of a tool whose code was read, where that is known. */
const NEWEST_READ: Readonly<Partial<Record<SensorName, readonly [text: string, Version]>>> = {
  tracee: ['v0.24.1', [0, 24, 1]],
  falco: ['0.44.1', [0, 44, 1]],
  tetragon: ['v1.7.0', [1, 7, 0]],
};

/** The newest version whose code was read, if this one is newer; otherwise null. */
export function newerThanRead(tool: SensorName, { from }: VersionRange): string | null {
  const [text, newest] = NEWEST_READ[tool] ?? [];
  if (text === undefined || newest === undefined || from === null) return null;
  return compare(from, newest) > 0 ? text : null;
}

/** Whether a version can be in both. */
export const overlap = (a: VersionRange, b: VersionRange): boolean =>
  isBefore(a.from, b.before) && isBefore(b.from, a.before);

const isBefore = (from: Version | null, before: Version | null): boolean =>
  from === null || before === null || compare(from, before) < 0;

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
