import { severitiesOf, type Reason } from '../../model/finding.ts';
import type { AdviceView } from '../../model/report-view.ts';
import { aboutAny, adviceOfCase } from './advice.ts';
import type { Case } from './step.ts';

/** What to do in a case of a reason, as for a container that nobody knows. */
export interface AnyCase extends AdviceView {
  /** `If it runs (critical)`; null for the only case of a reason. */
  readonly title: string | null;
}

export function caseForAny(one: Case, reason: Reason): AnyCase {
  const severities = severitiesOf(reason);
  const [advice, asWarning] = (one.severity === undefined ? severities : [one.severity]).map(
    (severity) => adviceOfCase(one, aboutAny(severity)),
  );
  if (advice === undefined) throw new Error('a reason has a severity');
  const mark = one.severity === undefined || severities.length === 1 ? '' : ` (${one.severity})`;
  return {
    title: one.title === '' ? null : `If ${one.title}${mark}`,
    urgency:
      advice.urgency +
      (asWarning === undefined ? '' : whatDiffers(advice.urgency, asWarning.urgency)),
    steps: advice.steps,
  };
}

/** The sentences of a warning's urgency that a critical finding does not have. */
function whatDiffers(critical: string, warning: string): string {
  const own = warning.split(SENTENCE_END).filter((sentence) => !critical.includes(sentence));
  return own.length === 0 ? '' : ` As a warning: ${own.join(' ')}`;
}

const SENTENCE_END = /(?<=\.) /;
