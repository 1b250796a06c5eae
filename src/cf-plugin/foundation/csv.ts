import { oneLine } from '../../model/text.ts';
import { VERDICT_WORDS, type CellStatus } from './cell-status.ts';

const MAX_FIELD = 600;

const COLUMNS: Readonly<Record<string, (cell: CellStatus) => string | number | null>> = {
  deployment: (cell) => cell.deployment,
  instance_group: (cell) => cell.instanceGroup,
  index: (cell) => cell.index,
  ip: (cell) => cell.ip,
  verdict: (cell) => VERDICT_WORDS[cell.verdict],
  why: (cell) => cell.why,
  listed: (cell) => cell.listed,
  tracked: (cell) => cell.tracked,
  pending: (cell) => cell.pending,
  untracked: (cell) => cell.untracked,
  acknowledged: (cell) => cell.acknowledged,
  rep: (cell) => cell.repCount,
  room: (cell) => cell.room,
  leftovers: (cell) => countsText(cell.leftovers),
  warnings: (cell) => warningsText(cell),
  garden: (cell) => cell.garden,
  last_pass: (cell) => cell.lastReconcileAt,
  version: (cell) => cell.version,
  cgroup_mode: (cell) => cell.cgroupMode,
};

/** A line per cell, as RFC 4180 has it; what is not known is empty. */
export function statusCsv(cells: readonly CellStatus[]): string {
  const rows = cells.map((cell) => Object.values(COLUMNS).map((of) => field(of(cell))));
  return [Object.keys(COLUMNS), ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

/** `address 3, overlay 1`; empty if all are 0, null if nothing is known. */
export function countsText(counts: Readonly<Record<string, number>> | null): string | null {
  if (counts === null) return null;
  return Object.keys(counts)
    .toSorted()
    .flatMap((name) => (counts[name] === 0 ? [] : [`${oneLine(name, 60)} ${counts[name]}`]))
    .join(', ');
}

export const warningsText = ({ warnings }: CellStatus): string | null =>
  warnings === null
    ? null
    : Object.keys(warnings)
        .filter((reason) => warnings[reason] === 1)
        .map((reason) => oneLine(reason, 60))
        .join(', ');

/** A spreadsheet would run a text that begins with one of these characters. */
function field(value: string | number | null): string {
  const text = value === null ? '' : oneLine(String(value), MAX_FIELD);
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === 'string' ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
