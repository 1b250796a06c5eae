import type { Report } from '../model/report.ts';
import { reportWithEntries } from '../reconcile/acknowledge.ts';
import { acknowledgementsOfAgent, unlessSilent } from './agent-answers.ts';
import { isThisCell, type CellSource } from './cell-source.ts';

/** A check must not wait long for an agent that hangs. */
const DEADLINE_MILLISECONDS = 1000;

/**
 * The report of a check with what the agent of this cell has acknowledged. The agent is asked only
 * if something is untracked, and not about a saved cell or the files of another one. Without an
 * answer, nothing is acknowledged.
 */
export async function withAcknowledgedByAgent(
  report: Report,
  source: CellSource,
  statusSocket: string,
): Promise<Report> {
  const isAnyUntracked = report.containers.some(({ status }) => status === 'untracked');
  if (!isThisCell(source) || !isAnyUntracked) return report;
  const asked = acknowledgementsOfAgent(statusSocket, DEADLINE_MILLISECONDS);
  const entries = await unlessSilent(asked, () => null);
  return entries === null ? report : reportWithEntries(report, entries);
}
