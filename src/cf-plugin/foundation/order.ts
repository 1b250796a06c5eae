import {
  CELL_VERDICTS,
  type CellStatus,
  type CellLocation,
  type Selection,
  type UntrackedInstance,
} from './status.ts';

/** A cell is given by its ip, its index or the beginning of it, or as BOSH writes it, `diego_cell/INDEX`. */
export function isSelected(place: CellLocation, { cell, deployment }: Selection): boolean {
  if (deployment !== null && place.deployment !== deployment) return false;
  if (cell === null || place.ip === cell) return true;
  const given = cell.includes('/') ? `${place.instanceGroup}/${place.index}` : place.index;
  return given.startsWith(cell);
}

/** What is untracked comes first, whatever else the cell is; then by verdict. */
export const worstFirst = (a: CellStatus, b: CellStatus): number =>
  Number((b.untracked ?? 0) > 0) - Number((a.untracked ?? 0) > 0) ||
  CELL_VERDICTS.indexOf(a.verdict) - CELL_VERDICTS.indexOf(b.verdict) ||
  (b.untracked ?? 0) - (a.untracked ?? 0) ||
  (b.pending ?? 0) - (a.pending ?? 0) ||
  byPlace(a, b);

/** Drills last: nothing is broken there. Then critical before warning, the oldest first. */
export const worstFindingFirst = (a: UntrackedInstance, b: UntrackedInstance): number =>
  Number(a.drill) - Number(b.drill) ||
  Number(b.severity === 'critical') - Number(a.severity === 'critical') ||
  byText(a.since ?? '~', b.since ?? '~') ||
  byPlace(a.cell, b.cell) ||
  byText(a.handle, b.handle);

const byPlace = (a: CellLocation, b: CellLocation): number =>
  byText(a.deployment, b.deployment) ||
  byText(a.instanceGroup, b.instanceGroup) ||
  byText(a.index, b.index) ||
  byText(a.ip, b.ip);

/** By code unit, so that the order is the same on every machine. */
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
