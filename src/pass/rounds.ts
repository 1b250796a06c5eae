import { isEmpty, mergeAnswers, NO_QUESTIONS, type Questions } from '../model/questions.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { CellProbe } from '../probe/cell-probe.ts';
import type { ObservedPass } from '../reconcile/judge/observed-containers.ts';
import { questionsOf } from '../reconcile/questions.ts';
import { observePass } from '../reconcile/reconcile.ts';

/*
 * A pure stage that needs more data returns questions. Each round has the probe answer some, and
 * adds the answers to the snapshot.
 */

/**
 * Rounds of one pass, more than one container needs: the created list, properties, the second list
 * and the other hierarchies, root mounts, evidence. The next pass asks for the rest.
 */
const MAX_ROUNDS = 10;

/** One round. */
export async function withAnswers(
  snapshot: Snapshot,
  probe: CellProbe,
  asked: Partial<Questions>,
): Promise<Snapshot> {
  const questions = { ...NO_QUESTIONS, ...asked };
  if (isEmpty(questions)) return snapshot;
  const answers = mergeAnswers(snapshot.answers, await probe.answer(questions));
  return { ...snapshot, answers };
}

/** Rounds until the state can be decided, and what they asked. */
export async function askedUntilDecided(
  first: ObservedPass,
  probe: CellProbe,
): Promise<{ readonly pass: ObservedPass; readonly rounds: readonly Questions[] }> {
  let pass = first;
  const rounds: Questions[] = [];
  while (rounds.length < MAX_ROUNDS) {
    const questions = questionsOf(pass);
    if (isEmpty(questions)) break;
    rounds.push(questions);
    const snapshot = await withAnswers(pass.snapshot, probe, questions);
    pass = observePass(pass.state.cgroups, snapshot, pass.memory, pass.state);
  }
  return { pass, rounds };
}
