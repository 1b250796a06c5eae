import type { Memory } from '../model/memory.ts';
import { openQuestions, type Questions } from '../model/questions.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { CellProbe } from '../probe/cell-probe.ts';
import { changedSince, settledAgain } from '../reconcile/decided-in-part.ts';
import { areAnswersSame, roundsAgain, type SettledPass } from '../reconcile/unchanged.ts';
import { withAnswers } from './rounds.ts';

/** What a pass shares with an earlier one. */
export interface SharedWithEarlier {
  /** With the answers to what the earlier pass asked. */
  readonly snapshot: Snapshot;
  /** The earlier pass, as it is after what has changed; null: the pass must be decided as a whole. */
  readonly settled: SettledPass | null;
  /** What the earlier pass asked, and this one therefore, too. */
  readonly rounds: readonly Questions[];
}

/**
 * Asks what the earlier pass asked, and finds out whether its decision holds for this pass, too
 * (docs/decisions/one-pass.md).
 * @param settled null: there is none
 * @param memory from this boot
 */
export async function sharedWithEarlier(
  settled: SettledPass | null,
  snapshot: Snapshot,
  memory: Memory,
  probe: CellProbe,
): Promise<SharedWithEarlier> {
  const nothing = { snapshot, settled: null, rounds: [] };
  if (settled === null) return nothing;
  const change = changedSince(settled, snapshot);
  if (change === null) return nothing;
  const rounds = roundsAgain(snapshot, memory, settled);
  if (rounds === null) return nothing;
  let asked = snapshot;
  for (const questions of rounds)
    asked = await withAnswers(asked, probe, openQuestions(questions, asked.answers));
  const isSame =
    !probe.hasHangingReads() &&
    !probe.hasMoreNames() &&
    areAnswersSame(asked.answers, settled.pass.snapshot.answers);
  return {
    snapshot: asked,
    settled: isSame ? settledAgain(settled, change, asked, memory) : null,
    rounds: settled.pass.rounds,
  };
}
