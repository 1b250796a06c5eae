import { instanceKey } from '../log-cache/cell-samples.ts';
import { VERDICT_WORDS, type CellStatus, type UntrackedInstance } from './cell-status.ts';

/** Compares by the first key that differs; texts by code unit, which is the same everywhere. */
const by =
  <T>(keysOf: (one: T) => readonly (string | number)[]) =>
  (a: T, b: T): number => {
    const others = keysOf(b);
    for (const [index, key] of keysOf(a).entries()) {
      const other = others[index] ?? key;
      if (key !== other) return key < other ? -1 : 1;
    }
    return 0;
  };

/** Cells with untracked instances come first, whatever their verdict. */
export const worstFirst = by<CellStatus>((cell) => [
  Number((cell.untracked ?? 0) === 0),
  Object.keys(VERDICT_WORDS).indexOf(cell.verdict),
  -(cell.untracked ?? 0),
  -(cell.pending ?? 0),
  instanceKey(cell),
]);

/** Drills come last; the code of a deleted app is the most serious. */
export const worstFindingFirst = by<UntrackedInstance>((one) => [
  Number(one.drill),
  Number(one.diego !== 'app-deleted'),
  Number(one.severity !== 'critical'),
  one.since ?? '~',
  instanceKey(one.cell),
  one.handle,
]);
