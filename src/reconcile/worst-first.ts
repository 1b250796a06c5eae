import type { ContainerReport } from '../model/report.ts';

const rank = ({ status, severity }: ContainerReport): number => {
  if (status === 'untracked') return severity === 'critical' ? 0 : 1;
  return status === 'pending' ? 2 : 3;
};

/** Findings before what may become one before what is fine; by handle within. */
export const bySeverity = (a: ContainerReport, b: ContainerReport): number =>
  rank(a) - rank(b) || (a.handle < b.handle ? -1 : a.handle > b.handle ? 1 : 0);
