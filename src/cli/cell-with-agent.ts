import { whyNotCurrent, withAgent } from '../reconcile/with-agent.ts';
import type { Io } from '../terminal/io.ts';
import { askedAgent, type AskedAgent } from './agent-answers.ts';
import {
  cellReport,
  isThisCell,
  waitNotice,
  type CellReport,
  type CellSource,
  type Reads,
} from './cell-source.ts';

/**
 * The report of a cell, with what only its agent knows. It asks no agent about a saved cell or
 * another root; without an answer, the check stands alone.
 */
export async function reportWithAgent(
  source: CellSource,
  { format, statusSocket }: { readonly format: string; readonly statusSocket: string },
  io: Io,
  reads: Reads = {},
) {
  const checked = await cellReport(source, reads, waitNotice(format, io));
  return withAgentAsked(checked, source, statusSocket);
}

/** The same for a cell that has been checked. */
export async function withAgentAsked<T extends Pick<CellReport, 'report' | 'lastPass'>>(
  checked: T,
  source: CellSource,
  statusSocket: string,
): Promise<T & { readonly agent: AskedAgent }> {
  const agent: AskedAgent = isThisCell(source)
    ? await askedAgent(statusSocket)
    : { kind: 'not-asked' };
  if (agent.kind !== 'answered') return { ...checked, agent };
  const why = whyNotCurrent(agent.report, checked.report);
  return {
    ...checked,
    report: withAgent(checked, agent.report),
    agent: why === null ? agent : { kind: 'silent', why },
  };
}
