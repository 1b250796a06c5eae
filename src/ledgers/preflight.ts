import type { Reason } from '../model/finding.ts';
import type { Obstacle, ObstacleCause } from '../model/preflight.ts';
import type { ContainerReport, Report } from '../model/report.ts';

/** What a container with this reason means for a drain; null: nothing. */
function causeOf({ reason, explanation }: ContainerReport): ObstacleCause | null {
  if (explanation.kind === 'undecided') return 'undecided';
  const causes: Readonly<Record<Reason, ObstacleCause | null>> = {
    stuck: 'stuck',
    // rep waits only for what it may have to destroy.
    'no-cgroup':
      explanation.kind === 'no-cgroup' && explanation.stopsRep === 'destroy' ? 'undestroyed' : null,
    unowned: 'unowned',
    'unknown-to-garden': 'unknown-to-garden',
    escaped: null,
    'limit-lost': null,
    partial: null,
  };
  return reason === null ? null : causes[reason];
}

/** What hangs, waits or is lost if this cell is drained or recreated, or is not known. */
export function obstaclesIn({ containers, cell, ledgers }: Report): readonly Obstacle[] {
  const ofContainers = containers.flatMap((container): readonly Obstacle[] => {
    const cause = container.status === 'tracked' || container.drill ? null : causeOf(container);
    if (cause === null) return [];
    return [{ cause, subject: container.handle, isPending: container.status === 'pending' }];
  });
  const ofCell = cell.warnings.flatMap(({ reason }): readonly Obstacle[] =>
    reason === 'no-rep' || reason === 'unfinished'
      ? [{ cause: reason, subject: null, isPending: false }]
      : [],
  );
  const ofLedgers = ledgers.alone.flatMap(({ kind, name, isLeftover }): readonly Obstacle[] =>
    kind === 'policy' ? [{ cause: 'policy-entry', subject: name, isPending: !isLeftover }] : [],
  );
  const unread: readonly Obstacle[] = ledgers.unread.includes('policy')
    ? [{ cause: 'policy-unread', subject: null, isPending: false }]
    : [];
  return [...ofContainers, ...ofCell, ...ofLedgers, ...unread];
}
