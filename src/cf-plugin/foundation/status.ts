/** The verdicts of a cell, worst first. Only `all-tracked` is a success. */
export const CELL_VERDICTS = ['untracked', 'gone', 'stale', 'unknown', 'all-tracked'] as const;
export type CellVerdict = (typeof CELL_VERDICTS)[number];

/** A verdict as the table and its sentences say it. */
export const VERDICT_WORDS: Readonly<Record<CellVerdict, string>> = {
  untracked: 'untracked',
  gone: 'gone',
  stale: 'stale',
  unknown: 'could not tell',
  'all-tracked': 'all tracked',
};

/** A BOSH instance. Untrusted texts, empty where the label is missing: escape them on output. */
export interface CellLocation {
  readonly deployment: string;
  readonly instanceGroup: string;
  readonly index: string;
  readonly ip: string;
}

/** A number or text is null where Log Cache has no sample of it. */
export interface CellStatus extends CellLocation {
  readonly verdict: CellVerdict;
  /** The verdict in one sentence. */
  readonly why: string;
  readonly listed: number | null;
  readonly tracked: number | null;
  readonly pending: number | null;
  readonly untracked: number | null;
  readonly untrackedByReason: Readonly<Record<string, number>>;
  /** Untracked, but not in `untracked` of the foundation: a cell names only so many. */
  readonly untrackedOmitted: number | null;
  readonly garden: 'up' | 'down' | null;
  readonly couldNotTell: boolean | null;
  readonly lastReconcileAt: string | null;
  /** Since the last reconcile. */
  readonly ageSeconds: number | null;
  /** Since the last sample that reached Log Cache. */
  readonly sampleAgeSeconds: number | null;
  readonly intervalSeconds: number | null;
  /** As measured in its instance group. */
  readonly scrapeIntervalSeconds: number;
  readonly version: string | null;
  readonly cgroupMode: string | null;
}

/** Characters of a handle that are shown; the metrics have no more either. */
export const MAX_HANDLE = 128;

export interface UntrackedInstance {
  readonly handle: string;
  readonly reason: string;
  readonly severity: string;
  /** RFC 3339. */
  readonly since: string | null;
  readonly drill: boolean;
  readonly cell: CellLocation;
  readonly app: {
    readonly id: string;
    readonly name: string | null;
    readonly space: string | null;
    readonly organization: string | null;
  } | null;
}

export interface Selection {
  readonly cell: string | null;
  readonly deployment: string | null;
  /** Lists only cells with untracked instances; the verdict still counts all selected cells. */
  readonly untrackedOnly: boolean;
}

/** Everything that the command shows, in the form of its JSON. */
export interface FoundationStatus {
  readonly schemaVersion: 1;
  /** By the clock of Log Cache. */
  readonly takenAt: string;
  readonly verdict: 'all-tracked' | 'untracked' | 'unknown';
  readonly why: string;
  /** False where some of the requested state is unknown, whatever else was found. */
  readonly complete: boolean;
  readonly api: string;
  readonly selection: Selection;
  readonly expectedCells: number | null;
  /** A cell lost longer before `takenAt` is missing; null if Log Cache's retention is unknown. */
  readonly goneKnownForSeconds: number | null;
  readonly summary: {
    readonly cells: number;
    readonly byVerdict: Readonly<Record<CellVerdict, number>>;
    readonly listed: number;
    readonly tracked: number;
    readonly pending: number;
    readonly untracked: number;
    readonly drills: number;
  };
  readonly cells: readonly CellStatus[];
  readonly untracked: readonly UntrackedInstance[];
  /** One sentence for each thing that is missing or uncertain. */
  readonly notes: readonly string[];
}

/** `--cell` takes an ip, an index or its beginning, or BOSH's name, `diego_cell/INDEX`. */
export function isSelected(location: CellLocation, { cell, deployment }: Selection): boolean {
  if (deployment !== null && location.deployment !== deployment) return false;
  if (cell === null || location.ip === cell) return true;
  const given = cell.includes('/') ? `${location.instanceGroup}/${location.index}` : location.index;
  return given.startsWith(cell);
}

/** Cells with untracked instances come first, whatever their verdict. */
export const worstFirst = (a: CellStatus, b: CellStatus): number =>
  Number((b.untracked ?? 0) > 0) - Number((a.untracked ?? 0) > 0) ||
  CELL_VERDICTS.indexOf(a.verdict) - CELL_VERDICTS.indexOf(b.verdict) ||
  (b.untracked ?? 0) - (a.untracked ?? 0) ||
  (b.pending ?? 0) - (a.pending ?? 0) ||
  byLocation(a, b);

/** Drills come last; then critical before warning, the oldest first. */
export const worstFindingFirst = (a: UntrackedInstance, b: UntrackedInstance): number =>
  Number(a.drill) - Number(b.drill) ||
  Number(b.severity === 'critical') - Number(a.severity === 'critical') ||
  byText(a.since ?? '~', b.since ?? '~') ||
  byLocation(a.cell, b.cell) ||
  byText(a.handle, b.handle);

const byLocation = (a: CellLocation, b: CellLocation): number =>
  byText(a.deployment, b.deployment) ||
  byText(a.instanceGroup, b.instanceGroup) ||
  byText(a.index, b.index) ||
  byText(a.ip, b.ip);

/** By code unit, which is the same on every machine. */
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Seconds in at most two units: `9s`, `3m10s`, `15m`, `2h05m`, `4d03h`; negative ones with a minus.
 * The page's spanText rounds to one unit, too coarse beside limits of 45 s and 5 min.
 */
export function durationText(seconds: number): string {
  if (seconds < 0) return `-${durationText(-seconds)}`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return inTwoUnits(Math.floor(whole / 60), 'm', whole % 60, 's');
  const minutes = Math.floor(whole / 60);
  if (minutes < 1440) return inTwoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'm');
  const hours = Math.floor(minutes / 60);
  return inTwoUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const inTwoUnits = (large: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large}${unit}` : `${large}${unit}${String(small).padStart(2, '0')}${smallUnit}`;
