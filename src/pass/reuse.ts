import type { Memory } from '../model/memory.ts';
import { openQuestions, type Questions } from '../model/questions.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { CellProbe } from '../probe/cell-probe.ts';
import { changedSince, reusableAfter } from '../reconcile/reuse/changed-containers.ts';
import {
  areAnswersSame,
  reusedRounds,
  type ReusablePass,
} from '../reconcile/reuse/reusable-pass.ts';
import { withAnswers } from './rounds.ts';

/** What a pass shares with an earlier one. */
export interface Reused {
  /** With the answers to what the earlier pass asked. */
  readonly snapshot: Snapshot;
  /** The earlier pass, as it is after what has changed; null: the pass must be decided as a whole. */
  readonly reused: ReusablePass | null;
  /** What the earlier pass asked, and this one therefore, too. */
  readonly rounds: readonly Questions[];
}

/**
 * Asks what the earlier pass asked, and finds out whether its decision holds for this pass, too
 * (docs/decisions/one-pass.md).
 * @param reusable null: there is none
 * @param memory from this boot
 */
export async function reusedFrom(
  reusable: ReusablePass | null,
  snapshot: Snapshot,
  memory: Memory,
  probe: CellProbe,
): Promise<Reused> {
  const nothing = { snapshot, reused: null, rounds: [] };
  if (reusable === null) return nothing;
  const change = changedSince(reusable, snapshot);
  if (change === null) return nothing;
  const rounds = reusedRounds(snapshot, memory, reusable);
  if (rounds === null) return nothing;
  let asked = snapshot;
  for (const questions of rounds)
    asked = await withAnswers(asked, probe, openQuestions(questions, asked.answers));
  const isSame =
    !probe.hasHangingReads() &&
    !probe.hasMoreNames() &&
    areAnswersSame(asked.answers, reusable.pass.snapshot.answers);
  return {
    snapshot: asked,
    reused: isSame ? reusableAfter(reusable, change, asked, memory) : null,
    rounds: reusable.pass.rounds,
  };
}
