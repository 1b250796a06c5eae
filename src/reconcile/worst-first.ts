import { REASONS } from '../model/finding.ts';
import type { ContainerReport } from '../model/report.ts';

const statusRank = ({ status, severity }: ContainerReport): number => {
  if (status === 'untracked') return severity === 'critical' ? 0 : 1;
  return status === 'pending' ? 2 : 3;
};

const reasonRank = ({ reason }: ContainerReport): number =>
  reason === null ? REASONS.length : REASONS.indexOf(reason);

/** Findings before what may become one before what is fine; within these by reason, then by handle. */
export const worstFirst = (a: ContainerReport, b: ContainerReport): number =>
  statusRank(a) - statusRank(b) ||
  reasonRank(a) - reasonRank(b) ||
  (a.handle < b.handle ? -1 : a.handle > b.handle ? 1 : 0);
