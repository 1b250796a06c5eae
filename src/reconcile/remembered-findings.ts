import type { Handle } from '../model/ids.ts';
import type { RememberedContainer } from '../model/memory.ts';
import type { ContainerReport } from '../model/report.ts';
import { severityOf } from './container-report.ts';
import { worstFirst } from './worst-first.ts';

/** The findings that memory holds, for an agent that starts while nothing can be compared. */
export const rememberedFindings = (
  containers: ReadonlyMap<Handle, RememberedContainer>,
): readonly ContainerReport[] =>
  [...containers]
    .flatMap(([handle, remembered]): ContainerReport[] => {
      const { reason, severity, reported, differingSince, identity, evidence } = remembered;
      if (!reported || reason === null) return [];
      return [
        {
          handle,
          kind: identity?.kind ?? 'other',
          status: 'untracked',
          reason,
          severity: severity ?? severityOf(reason),
          since: differingSince,
          explanation: { kind: 'undecided', why: 'remembered from before the agent started' },
          drill: false,
          app: identity?.app ?? null,
          privileged: false,
          throttled: false,
          pids: evidence?.pids ?? 0,
          processes: evidence?.processes ?? [],
          cgroups: evidence?.cgroups ?? {},
          peas: [],
        },
      ];
    })
    .toSorted(worstFirst);
