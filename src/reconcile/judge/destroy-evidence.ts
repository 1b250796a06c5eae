import {
  HOST_PARTS,
  MAX_HOST_PROCESSES,
  type DestroyEvidence,
  type HostProcess,
} from '../../model/destroy.ts';
import { asReadNow, hasEnded } from '../../model/process.ts';
import type { ProcessIdentity } from '../../model/sweep.ts';
import type { PassFacts } from './pass-facts.ts';

/** Milliseconds. Longer than any step of a destroy takes that works, even in a slow network plugin. */
const HANGS_AFTER = 60_000;

/** Whether a process already ran for so long when it was found that it may keep a destroy waiting. */
export const mayHang = (
  { startedAt }: Pick<HostProcess, 'startedAt'>,
  { at }: Pick<DestroyEvidence, 'at'>,
): boolean => Date.parse(at) - Date.parse(startedAt) >= HANGS_AFTER;

/** What a search of this pass found, and what an earlier pass knew. */
interface Evidence {
  /** Null: this pass does not search. */
  readonly found: DestroyEvidence | null;
  readonly before: DestroyEvidence | null;
}

/**
 * What is known now of a destroy, or of a creation. What an earlier pass saw below gdn still counts
 * when its parent has ended: nothing else shows this user that it may keep gdn waiting.
 */
export function evidenceNow(
  { found, before }: Evidence,
  { state, answers }: Pick<PassFacts, 'state' | 'answers'>,
): DestroyEvidence | null {
  const known = found ?? before;
  if (known === null) return null;
  const running = (before?.processes ?? []).filter(
    (one) => !hasEnded(asReadNow(one, answers.processes).state),
  );
  // The pipes of an earlier gdn ended with it.
  const ofThisGdn = running.filter(
    ({ part, startTicks }) => !waits(part) || startTicks >= (state.gdn?.startTicks ?? 0),
  );
  const earlier = withoutParents(ofThisGdn, state.gdn?.pid ?? null);
  const processes = found === null ? earlier : merged(found, earlier);
  return {
    ...known,
    processes: processes
      .toSorted((a, b) => HOST_PARTS.indexOf(a.part) - HOST_PARTS.indexOf(b.part))
      .slice(0, MAX_HOST_PROCESSES),
    hasWorked: known.hasWorked || before?.hasWorked === true,
  };
}

/** Whether gdn waits for it, or may. */
export const waits = (part: HostProcess['part']): boolean =>
  part === 'works' || part === 'holds' || part === 'left';

/** Marks as `left` what worked on the container and is no longer below gdn. */
function withoutParents(
  processes: readonly HostProcess[],
  gdnPid: number | null,
): readonly HostProcess[] {
  const working = processes.filter(({ part }) => part === 'works');
  const below = new Set(working.filter(({ parentPid }) => parentPid === gdnPid));
  for (const { pid } of below) for (const one of working) if (one.parentPid === pid) below.add(one);
  return processes.map((one) =>
    one.part === 'works' && !below.has(one) ? { ...one, part: 'left' } : one,
  );
}

/**
 * A search finds again what names the handle, which what is left of a command may not do. If the
 * search saw who holds pipes, nothing else that is left matters.
 */
function merged(search: DestroyEvidence, earlier: readonly HostProcess[]): readonly HostProcess[] {
  // Whoever looks for the container types its handle, too.
  const found = search.processes.filter((one) => one.part !== 'names' || mayHang(one, search));
  if (search.pipesRead) return found;
  const left = earlier
    .filter(({ part }) => part === 'works' || part === 'left')
    .filter((one) => !found.some((now) => isSame(now, one) && waits(now.part)))
    .map((one) => ({ ...one, part: 'left' as const }));
  return [...found.filter((now) => !left.some((one) => isSame(now, one))), ...left];
}

const isSame = (a: ProcessIdentity, b: ProcessIdentity): boolean =>
  a.pid === b.pid && a.startTicks === b.startTicks;
