import type { CellWarning } from '../model/cell-warning.ts';
import { asHandle } from '../model/ids.ts';
import type { ReportView } from '../model/report-view.ts';
import type { Report } from '../model/report.ts';
import { reportOfAgent, unlessSilent } from './agent-answers.ts';
import { isThisCell, type CellSource } from './cell-source.ts';

/** A check must not wait long for an agent that hangs. */
const DEADLINE_MILLISECONDS = 1000;

/**
 * The report of a check with what only an agent can have seen: a rep that no longer runs, and what
 * must last for minutes. It is not asked about an empty or saved cell, or the files of another one.
 */
export async function withSeenByAgent(
  report: Report,
  source: CellSource,
  statusSocket: string,
): Promise<Report> {
  const isAnyOfRep = report.containers.some(
    ({ kind, pids }) => pids > 0 && (kind === 'app-instance' || kind === 'task'),
  );
  if (!isThisCell(source) || !isAnyOfRep) return report;
  const known = await unlessSilent(reportOfAgent(statusSocket, DEADLINE_MILLISECONDS), () => null);
  const seen = (known?.cell.warnings ?? []).flatMap(seenByAgent);
  const warnings = [...seen, ...report.cell.warnings];
  return seen.length === 0 ? report : { ...report, cell: { ...report.cell, warnings } };
}

function seenByAgent({
  reason,
  containers,
  worst,
}: ReportView['cell']['warnings'][number]): readonly CellWarning[] {
  if (reason === 'no-rep') return [{ reason, containers }];
  return reason === 'unpoliced' ? [{ reason, containers, worst: asHandle(worst) }] : [];
}
