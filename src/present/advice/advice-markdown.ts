import { severitiesOf, type Reason } from '../../model/finding.ts';
import { aboutAny, adviceOfCase, casesOf } from './advice.ts';
import type { Case } from './step.ts';

/** All cases of a reason in Markdown, each with whole steps, as for a container that nobody knows. */
export const casesMarkdown = (reason: Reason): string =>
  casesOf(reason)
    .filter(({ title }) => title !== null)
    .map((one) => caseMarkdown(one, reason))
    .join('\n\n');

function caseMarkdown(one: Case, reason: Reason): string {
  const severities = severitiesOf(reason);
  const [advice, asWarning] = (one.severity === undefined ? severities : [one.severity]).map(
    (severity) => adviceOfCase(one, aboutAny(severity)),
  );
  if (advice === undefined) throw new Error('a reason has a severity');
  const mark = one.severity === undefined || severities.length === 1 ? '' : ` (${one.severity})`;
  const title = one.title === '' ? '' : `**If ${one.title}${mark}:** `;
  const steps = advice.steps.map(({ action, command, result }, index) =>
    [
      `${index + 1}. ${action}`,
      ...(command === null ? [] : [`\`${command}\``]),
      ...(result === null ? [] : [result]),
    ].join('\\\n   '),
  );
  const urgency =
    advice.urgency +
    (asWarning === undefined ? '' : whatDiffers(advice.urgency, asWarning.urgency));
  return `${title}${urgency}\n\n${steps.join('\n')}`;
}

/** The sentences of a warning's urgency that a critical finding does not have. */
export function whatDiffers(critical: string, warning: string): string {
  const own = warning.split(SENTENCE_END).filter((sentence) => !critical.includes(sentence));
  return own.length === 0 ? '' : ` As a warning: ${own.join(' ')}`;
}

const SENTENCE_END = /(?<=\.) /;
