import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { OLDEST_READ_SECONDS, type Readings } from '../log-cache/ask.ts';
import {
  cellsOf,
  instanceKey,
  locationOf,
  type CellLocation,
  type CellSamples,
} from '../log-cache/cell-samples.ts';
import { ALL_GONE, type StatusArguments } from '../cf/options.ts';
import {
  isRememberable,
  MAX_REMEMBERED,
  type RememberedCell,
} from '../remembered/remembered-cells.ts';

/** A cell that is known from this answer of Log Cache, or from an earlier run. */
export interface KnownCell extends CellSamples {
  readonly key: string;
  /** Whether its rep reports. */
  readonly hasRep: boolean;
  /** What earlier runs saw of it; null: nothing, or it is forgotten. */
  readonly remembered: RememberedCell | null;
  /** Unix time in seconds of the newest sample that any run saw; null: rollcall never reported. */
  readonly lastSampleAt: number | null;
}

/** All cells that report, whose rep reports, or that earlier runs saw. */
export function rosterOf(
  readings: Readings,
  earlier: readonly RememberedCell[],
): readonly KnownCell[] {
  const reps = repsOf(readings);
  const heard = cellsOf(readings.samples, readings.now);
  const before = new Map(earlier.map((one) => [instanceKey(one), one]));
  const keys = new Set([...heard.keys(), ...reps.keys(), ...before.keys()]);
  return [...keys].flatMap((key) => {
    const known = before.get(key);
    const remembered = known?.forgottenAt === null ? known : null;
    const samples = heard.get(key);
    // Log Cache still holds samples of a cell that was deleted and then forgotten.
    const isNew = samples !== undefined && samples.newest > (known?.forgottenAt ?? -Infinity);
    const location = (isNew ? samples.location : reps.get(key)) ?? remembered;
    if (location === null) return [];
    const times = [isNew ? samples.newest : null, remembered?.lastSampleAt ?? null];
    const seen = times.filter((at) => at !== null).map((at) => Math.min(at, readings.now));
    const none = { location, samples: [], newest: 0, aheadSeconds: 0 };
    return [
      {
        ...(isNew ? samples : none),
        key,
        hasRep: reps.has(key),
        remembered,
        lastSampleAt: seen.length === 0 ? null : Math.max(...seen),
      },
    ];
  });
}

/** Windows cells cannot have rollcall, but send the same metric. */
const repsOf = ({ reps }: Readings): ReadonlyMap<string, CellLocation> =>
  new Map(
    reps
      .filter(({ tags }) => !Object.values(tags).includes('rep_windows'))
      .map((one) => [instanceKey(locationOf(one)), locationOf(one)]),
  );

/** `--cell` takes an IP address, an index or its beginning, or BOSH's name, `diego_cell/INDEX`. */
export function isSelected(
  { deployment, instanceGroup, index, ip }: CellLocation,
  { cell, deployment: only }: Omit<StatusArguments['selection'], 'untrackedOnly'>,
): boolean {
  if (only !== null && deployment !== only) return false;
  if (cell === null || ip === cell) return true;
  return (cell.includes('/') ? `${instanceGroup}/${index}` : index).startsWith(cell);
}

/**
 * The gone cells that `--forget` names.
 * @throws KnownFailure CELL_NOT_FOUND if a name is that of none, or of several
 */
export function forgottenIn(
  gone: readonly KnownCell[],
  names: readonly string[],
): readonly KnownCell[] {
  if (names.includes(ALL_GONE)) return gone;
  return names.flatMap((name) => {
    const found = gone.filter(({ location }) =>
      isSelected(location, { cell: name, deployment: null }),
    );
    if (found.length === 1) return found;
    const shown = oneLine(name, 160);
    throw new KnownFailure(
      'CELL_NOT_FOUND',
      found.length === 0
        ? `No gone cell is called ${shown}: cf rollcall-status lists those that are gone.`
        : `${found.length} gone cells are called ${shown}: name each by more of its index.`,
    );
  });
}

/**
 * What the next run remembers: every cell that an earlier run saw, and those that report together
 * with their rep. Time removes no cell; `--forget` does.
 */
export function rememberedAfter(
  roster: readonly KnownCell[],
  earlier: readonly RememberedCell[],
  forgotten: ReadonlySet<KnownCell>,
  now: number,
) {
  const kept = roster.flatMap((cell): readonly RememberedCell[] => {
    const { remembered, hasRep, lastSampleAt } = cell;
    const isKept = remembered !== null || hasRep;
    const location = isRememberable(cell.location) ? cell.location : remembered;
    if (!isKept || location === null || lastSampleAt === null || forgotten.has(cell)) return [];
    return [{ ...location, lastSampleAt, forgottenAt: null }];
  });
  // A run can read samples from before a cell was forgotten for this long.
  const stillForgotten = [
    ...earlier.filter((one) => now - (one.forgottenAt ?? 0) <= OLDEST_READ_SECONDS),
    ...[...forgotten]
      .filter(({ location }) => isRememberable(location))
      .map(({ location }) => ({ ...location, lastSampleAt: now, forgottenAt: now })),
  ];
  const known = new Set(earlier.map(instanceKey));
  const knownFirst = kept.toSorted((a, b) => isIn(known, b) - isIn(known, a));
  const next = new Map(knownFirst.slice(0, MAX_REMEMBERED).map((one) => [instanceKey(one), one]));
  for (const one of stillForgotten) {
    const key = instanceKey(one);
    if (!next.has(key) && next.size < MAX_REMEMBERED) next.set(key, one);
  }
  return {
    cells: [...next.values()],
    keys: new Set(next.keys()),
    /** How many cells that report together with their rep cannot be kept, because there are too many. */
    omitted: Math.max(0, kept.length - MAX_REMEMBERED),
  };
}

const isIn = (keys: ReadonlySet<string>, one: CellLocation): number =>
  Number(keys.has(instanceKey(one)));
