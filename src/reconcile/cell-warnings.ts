import {
  quietOf,
  type CellWarning,
  type HangingReads,
  type CutSweep,
  type Unpoliced,
  type Unread,
  type WarningReason,
  type WithoutOwner,
} from '../model/cell-warning.ts';
import type { Memory, RememberedRep, RememberedWarning } from '../model/memory.ts';
import { asHandle } from '../model/ids.ts';
import { textOfBytes } from '../model/text.ts';
import type { Moment } from '../model/snapshot.ts';
import { limitsLost } from './judge/limit-lost.ts';
import type { ObservedPass } from './judge/observed-containers.ts';
import { withoutRep } from './remembered-rep.ts';
import { unfinished } from './unfinished.ts';

/**
 * What is wrong with the cell rather than with one container.
 * @param rep after this pass
 */
export const cellWarnings = (
  pass: ObservedPass,
  rep: RememberedRep | null,
): readonly CellWarning[] => [
  ...withoutRep(pass, rep),
  ...unfinished(pass),
  ...withoutOwner(pass),
  ...unpoliced(pass),
  ...limitsLost(pass.containers, pass.state.cgroups.primary?.controller, pass.snapshot.answers),
  ...cutSweep(pass),
  ...unread(pass),
];

function cutSweep({ snapshot }: ObservedPass): readonly CutSweep[] {
  const omitted = snapshot.answers.sweep?.omitted ?? null;
  if (omitted === null) return [];
  const { processes, container } = omitted;
  const filledBy = container === null ? null : asHandle(textOfBytes(container));
  return [{ reason: 'cut-sweep', processes, filledBy }];
}

/** While nothing can be compared, earlier warnings stay, and what is not read is still known. */
export function uncomparedWarnings(pass: ObservedPass): readonly CellWarning[] {
  const now = unread(pass);
  const earlier = pass.memory.lastReport.warnings;
  return [...earlier.filter(({ reason }) => !now.some((one) => one.reason === reason)), ...now];
}

const unread = ({ snapshot, state }: ObservedPass): readonly (Unread | HangingReads)[] => [
  ...(snapshot.hasHangingReads || snapshot.hangingFile !== null
    ? [{ reason: 'hanging-reads', file: snapshot.hangingFile } as const]
    : []),
  ...((state.view?.renamed ?? 0) > 0 ? [{ reason: 'renamed-cgroups' } as const] : []),
  ...((state.view?.crowded.length ?? 0) > 0 ? [{ reason: 'too-many-cgroups' } as const] : []),
  ...(snapshot.hasMoreNames ? [{ reason: 'too-many-names' } as const] : []),
];

/** Containers that Garden calls created, and to which nobody ever gave a property. */
function withoutOwner({ containers }: ObservedPass): readonly WithoutOwner[] {
  const without = containers.flatMap(({ handle, isListed, properties }) => {
    const isCreated = properties?.properties?.['garden.state'] === 'created';
    return isListed && properties?.owner === 'none' && isCreated ? [handle] : [];
  });
  const [worst] = without.toSorted();
  return worst === undefined ? [] : [{ reason: 'no-owner', containers: without.length, worst }];
}

/** By the last reading of the ledgers, which comes after the decision of its pass. */
function unpoliced({
  containers,
  memory: { lastReport },
}: Pick<ObservedPass, 'containers' | 'memory'>): readonly Unpoliced[] {
  const known = new Set(lastReport.ledgers.unpoliced.map(({ handle }) => handle));
  if (known.size === 0) return [];
  const live = containers.flatMap(({ handle, cgroup }) =>
    known.has(handle) && cgroup !== null && cgroup.pids.length > 0 ? [handle] : [],
  );
  const [worst] = live.toSorted();
  const omitted = lastReport.ledgers.unpolicedOmitted;
  return worst === undefined
    ? []
    : [{ reason: 'unpoliced', containers: live.length + omitted, worst }];
}

/** A logged warning lasts until no pass has seen it for a while. */
export function warningsAfter(
  before: Memory['warnings'],
  warnings: readonly CellWarning[],
  { wall, monotonicMilliseconds: now }: Moment,
): Memory['warnings'] {
  const after = new Map<WarningReason, RememberedWarning>();
  for (const [reason, one] of before) {
    const seenAt = one.seenAt ?? now;
    if (now - seenAt < quietOf(reason)) after.set(reason, { ...one, seenAt });
  }
  for (const { reason } of warnings) {
    after.set(reason, { since: before.get(reason)?.since ?? wall, seenAt: now });
  }
  return after;
}
