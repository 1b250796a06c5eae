import type { Report } from '../model/report.ts';
import { reportOfAgent, unlessSilent } from './agent-answers.ts';
import { isThisCell, type CellSource } from './cell-source.ts';

/** A check must not wait long for an agent that hangs. */
const DEADLINE_MILLISECONDS = 1000;

/**
 * The report of a check with what the agent of this cell knows about rep: only an agent can have
 * seen a rep that no longer runs. It is not asked about an empty or saved cell, or the files of
 * another one.
 */
export async function withRepSeenByAgent(
  report: Report,
  source: CellSource,
  statusSocket: string,
): Promise<Report> {
  const isAnyOfRep = report.containers.some(
    ({ kind, pids }) => pids > 0 && (kind === 'app-instance' || kind === 'task'),
  );
  if (!isThisCell(source) || !isAnyOfRep) return report;
  const known = await unlessSilent(reportOfAgent(statusSocket, DEADLINE_MILLISECONDS), () => null);
  const warning = known?.cell.warnings.find(({ reason }) => reason === 'no-rep');
  if (warning === undefined) return report;
  const { containers } = warning;
  const warnings = [{ reason: 'no-rep', containers } as const, ...report.cell.warnings];
  return { ...report, cell: { ...report.cell, warnings } };
}
