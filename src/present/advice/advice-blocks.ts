import type { AdviceView } from '../../model/report-view.ts';
import { oneLine } from '../../model/text.ts';
import { TYPED_ON_CELL } from '../../model/typed-as.ts';
import {
  commands,
  sentence,
  steps,
  type Block,
  type Blocks,
  type Step,
} from '../document/blocks.ts';
import { isPlainName } from '../names.ts';
import { ANY_HANDLE } from './common-steps.ts';

/** An agent of another release may have written it. */
const MAX_TEXT = 1200;

/** How urgent a finding is, and all steps. */
export const adviceBlocks = ({ urgency, steps: all }: AdviceView): readonly Block[] => [
  urgencySentence(urgency),
  steps(all.map(bounded)),
];

/**
 * How urgent a finding is, the first step, and the command that shows the others.
 * @param handle or a word that stands for it
 * @param typed what to type for it: a beginning of it is enough
 */
export function firstStepBlocks(
  { urgency, steps: all }: AdviceView,
  handle: string,
  typed: string,
): Blocks {
  const [first] = all;
  if (first === undefined) return urgencySentence(urgency);
  const whole = `${TYPED_ON_CELL} explain ${isPlainName(handle) ? handle : ANY_HANDLE}`;
  const explain = `${TYPED_ON_CELL} explain ${typed}`;
  const isExplain = first.command === whole;
  return [
    urgencySentence(urgency),
    steps([bounded({ ...first, command: isExplain ? explain : first.command, result: null })]),
    all.length > 1 && !isExplain && [sentence(`All ${all.length} steps:`), commands([explain])],
  ];
}

const urgencySentence = (urgency: string): Block => sentence(`→ ${oneLine(urgency, MAX_TEXT)}`);

const bounded = ({ action, command, result }: Step): Step => ({
  action: oneLine(action, MAX_TEXT),
  command: command === null ? null : oneLine(command, MAX_TEXT),
  result: result === null ? null : oneLine(result, MAX_TEXT),
});
