import {
  type Difference,
  type Explanation,
  type Reason,
  reasonsOnlyFor,
  type Severity,
  severityOf,
  type Status,
} from '../../model/finding.ts';
import type { ContainerProperties } from '../../model/garden.ts';

/** The result of one pass for one container, before grace periods. */
export interface Judgement {
  readonly reason: Reason | null;
  readonly severity: Severity | null;
  readonly explanation: Explanation;
  /** The next lesser difference that also holds, with its own; null also if not checked. */
  readonly lesser: Judgement | null;
  /** The reasons that cannot hold; used only for an undecided container. */
  readonly disproved: readonly Reason[];
}

const TRACKED: Judgement = {
  reason: null,
  severity: null,
  explanation: { kind: 'tracked' },
  lesser: null,
  disproved: [],
};
export const IN_TRANSITION: Judgement = { ...TRACKED, explanation: { kind: 'in-transition' } };

export const undecided = (why: string, disproved: readonly Reason[]): Judgement => ({
  ...TRACKED,
  explanation: { kind: 'undecided', why },
  disproved,
});

/**
 * @param severity only if the reason alone does not decide it; null: this pass could not decide it
 */
export const differs = (
  explanation: Difference,
  severity: Severity | null = severityOf(explanation.kind),
): Judgement => ({ reason: explanation.kind, severity, explanation, lesser: null, disproved: [] });

/** The first judgement, with the next one as its `lesser`; null: that reason does not hold. */
export function inOrder(...judgements: readonly (Judgement | null)[]): Judgement {
  const [first, ...rest] = judgements.filter((one) => one !== null);
  if (first === undefined) return TRACKED;
  return first.reason === null || rest.length === 0
    ? first
    : { ...first, lesser: inOrder(...rest) };
}

/** What cannot hold for a listed container; for one that also has processes, or has none. */
export const NOT_IF_LISTED = reasonsOnlyFor('unlisted');
export const NOT_IF_LIVE = reasonsOnlyFor('unlisted', 'lifeless');
export const NOT_IF_LIFELESS = reasonsOnlyFor('unlisted', 'live');

/** Garden still says whether it has an owner. */
export const perhapsLive = (
  why: string,
  { properties }: { readonly properties: ContainerProperties | null },
): Judgement =>
  undecided(why, properties?.owner === 'present' ? [...NOT_IF_LISTED, 'unowned'] : NOT_IF_LISTED);

/** The judgement, or the lesser one, with this reason. */
function ofReason(judgement: Judgement, reason: Reason | null): Judgement | null {
  for (let at: Judgement | null = judgement; at !== null; at = at.lesser) {
    if (at.reason === reason) return at;
  }
  return null;
}

/** Every reason that holds, worst first. */
export function reasonsOf({ reason, lesser }: Judgement): readonly Reason[] {
  const below = lesser === null ? [] : reasonsOf(lesser);
  return reason === null ? below : [reason, ...below];
}

/** The processes outside that alone are its reason; null: it is about the whole container. */
export const outsideIn = ({ explanation }: Judgement): readonly number[] | null => {
  if (explanation.kind === 'escaped') return explanation.processes.map(({ pid }) => pid);
  return explanation.kind === 'partial' ? explanation.pids : null;
};

/** The reasons that hold, without those of which no process outside counts. */
export function countedReasons(
  judgement: Judgement,
  counting: ReadonlySet<number>,
): readonly Reason[] {
  const { reason, lesser } = judgement;
  const below = lesser === null ? [] : countedReasons(lesser, counting);
  const isCounted = outsideIn(judgement)?.some((pid) => counting.has(pid)) ?? true;
  return reason !== null && isCounted ? [reason, ...below] : below;
}

/** The judgement by the reason that is reported, which another one or none in this pass may hide. */
export const effective = (
  judgement: Judgement,
  { status, reason }: { readonly status: Status; readonly reason: Reason | null },
): Judgement => {
  if (judgement.explanation.kind === 'undecided') return judgement;
  const isHidden = status === 'untracked' && ofReason(judgement, reason) === null;
  return isHidden ? INTERMITTENT : (ofReason(judgement, reason) ?? judgement);
};

/** A container that the pass shows nowhere is judged so, as there is nothing to compare. */
export const ABSENT = TRACKED;

const INTERMITTENT: Judgement = { ...TRACKED, explanation: { kind: 'intermittent' } };
