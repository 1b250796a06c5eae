/** Of one cell, worst first. Only `all-tracked` is fine. */
export const CELL_VERDICTS = ['untracked', 'gone', 'stale', 'unknown', 'all-tracked'] as const;
export type CellVerdict = (typeof CELL_VERDICTS)[number];

/** A BOSH instance. Texts are as others gave them; empty where there is no such label. */
export interface CellLocation {
  readonly deployment: string;
  readonly instanceGroup: string;
  readonly index: string;
  readonly ip: string;
}

/** null: Log Cache did not say. */
export interface CellStatus extends CellLocation {
  readonly verdict: CellVerdict;
  /** The verdict in one sentence. */
  readonly why: string;
  readonly listed: number | null;
  readonly tracked: number | null;
  readonly pending: number | null;
  readonly untracked: number | null;
  readonly untrackedByReason: Readonly<Record<string, number>>;
  /** Untracked, and not among `untracked` of the foundation, because a cell names only so many. */
  readonly untrackedOmitted: number | null;
  readonly garden: 'up' | 'down' | null;
  readonly couldNotTell: boolean | null;
  readonly lastReconcileAt: string | null;
  /** Since the last reconcile. */
  readonly ageSeconds: number | null;
  /** Since the last sample that reached Log Cache. */
  readonly sampleAgeSeconds: number | null;
  readonly intervalSeconds: number | null;
  /** Between two samples, as measured in its instance group. */
  readonly scrapeIntervalSeconds: number;
  readonly version: string | null;
  readonly cgroupMode: string | null;
}

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
  /** Only cells with untracked instances are listed; the verdict is about all of them. */
  readonly untrackedOnly: boolean;
}

/** Everything the command tells, and the form of its JSON. */
export interface FoundationStatus {
  readonly schemaVersion: 1;
  /** By the clock of Log Cache. */
  readonly takenAt: string;
  readonly verdict: 'all-tracked' | 'untracked' | 'unknown';
  readonly why: string;
  /** False: of something that was asked for nothing could be told, whatever else was found. */
  readonly complete: boolean;
  readonly api: string;
  readonly selection: Selection;
  readonly expectedCells: number | null;
  /** For so long before `takenAt` a lost cell is known as gone; null: Log Cache did not say how far back it goes. */
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
  /** What is missing or uncertain, a sentence each. */
  readonly notes: readonly string[];
}
