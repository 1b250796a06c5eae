import {
  type Difference,
  type Explanation,
  type Reason,
  type Severity,
  severityOf,
} from '../../model/finding.ts';

/** The result of one pass for one container, before grace periods. */
export interface Judgement {
  readonly reason: Reason | null;
  readonly severity: Severity | null;
  readonly explanation: Explanation;
  /**
   * The next lesser difference that also holds, with its own `lesser`; null also if it was not
   * checked.
   */
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
): Judgement => ({
  reason: explanation.kind,
  severity,
  explanation,
  lesser: null,
  disproved: [],
});

/** The first judgement, with the next one as its `lesser`; null: that reason does not hold. */
export function inOrder(...judgements: readonly (Judgement | null)[]): Judgement {
  const [first, ...rest] = judgements.filter((one) => one !== null);
  if (first === undefined) return TRACKED;
  return first.reason === null || rest.length === 0
    ? first
    : { ...first, lesser: inOrder(...rest) };
}

/** The judgement, or the lesser one, with this reason. */
function ofReason(judgement: Judgement, reason: Reason | null): Judgement | null {
  for (let at: Judgement | null = judgement; at !== null; at = at.lesser) {
    if (at.reason === reason) return at;
  }
  return null;
}

/** Whether a lesser difference than the first also holds. */
export const holdsBelow = ({ lesser }: Judgement, reason: Reason | null): boolean =>
  reason !== null && lesser !== null && ofReason(lesser, reason) !== null;

/** A lesser difference that was reported stays effective until a worse one has lasted. */
export const effective = (judgement: Judgement, reason: Reason | null): Judgement =>
  ofReason(judgement, reason) ?? judgement;
