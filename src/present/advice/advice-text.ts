import type { AdviceView } from '../../model/report-view.ts';
import { asTyped, TYPED_ON_CELL } from '../../model/typed-as.ts';
import { oneLine } from '../../model/text.ts';
import type { Screen } from '../color.ts';
import { commandLines, hangingLines, wrapText } from '../display-width.ts';
import { isPlainName } from '../names.ts';
import { ANY_HANDLE } from './common-steps.ts';

/** An agent of another release may have written it. */
const MAX_TEXT = 1200;
const NARROWEST = 22;
/** As far as the text of a step. */
const INDENT = '   ';

/** How urgent a finding is, and all steps. */
export const adviceLines = ({ urgency, steps }: AdviceView, screen: Screen): string[] => [
  ...urgencyLines(urgency, screen),
  ...steps.flatMap(({ action, command, result }, index) => [
    ...actionLines(`${index + 1}. `, result === null ? action : `${action} ${result}`, screen),
    ...(command === null ? [] : commandBelow(command, screen)),
  ]),
];

/**
 * How urgent a finding is, the first step, and the command that shows the others.
 * @param handle or a word that stands for it
 */
export function firstStepLines(
  { urgency, steps }: AdviceView,
  handle: string,
  screen: Screen,
): string[] {
  const [first] = steps;
  if (first === undefined) return urgencyLines(urgency, screen);
  const { action, command } = first;
  const explain = `${TYPED_ON_CELL} explain ${isPlainName(handle) ? handle : ANY_HANDLE}`;
  return [
    ...urgencyLines(urgency, screen),
    ...actionLines('1. ', action, screen),
    ...(command === null ? [] : commandBelow(command, screen)),
    ...(steps.length === 1 || command === explain
      ? []
      : [
          ...actionLines('', `All ${steps.length} steps:`, screen),
          ...commandBelow(explain, screen),
        ]),
  ];
}

const urgencyLines = (urgency: string, { columns }: Screen): string[] =>
  wrapText(`→ ${oneLine(urgency, MAX_TEXT)}`, Math.max(NARROWEST, columns));

const actionLines = (first: string, text: string, { columns }: Screen): string[] =>
  hangingLines(oneLine(text, MAX_TEXT).split(' '), {
    columns: Math.max(NARROWEST, columns),
    first,
  });

const commandBelow = (command: string, { columns, typedAs }: Screen): string[] =>
  commandLines(asTyped(oneLine(command, MAX_TEXT), typedAs), { columns, first: INDENT });
