import { REASONS, severitiesOf, type Reason, type Severity } from '../src/model/finding.ts';
import type { AdviceView } from '../src/model/report-view.ts';
import { TYPED_ON_CELL } from '../src/model/typed-as.ts';
import { aboutAny, adviceOfCase, casesOf } from '../src/present/advice/advice.ts';
import type { Case } from '../src/present/advice/step.ts';
import { hangingLines } from '../src/present/display-width.ts';
import { fileWith } from './generated-part.ts';
import { code, COLUMNS, paragraph } from './markdown.ts';
import { RUNBOOK } from './monitoring/alerts/alert-files.ts';

/** docs/runbook.md, written by hand except for the steps of its reasons. */
export const runbookPage = (): string =>
  fileWith(
    RUNBOOK,
    Object.fromEntries(
      REASONS.map((reason) => [`src/present/advice for ${reason}`, stepsOf(reason)]),
    ),
  );

const stepsOf = (reason: Reason): string =>
  casesOf(reason)
    .filter(({ title }) => title !== null)
    .map((one) => caseText(one, severitiesOf(reason)))
    .join('\n\n');

/** As for a container of which only the severity is known. */
function caseText(one: Case, severities: readonly Severity[]): string {
  const those = one.severity === undefined ? severities : [one.severity];
  const [advice, other] = those.map((severity) => adviceOfCase(one, aboutAny(severity)));
  if (advice === undefined) throw new Error('a reason has a severity');
  const mark = one.severity === undefined || severities.length === 1 ? '' : ` (${one.severity})`;
  const title = one.title === '' ? '' : `**If ${one.title}${mark}:** `;
  const asWarning =
    other === undefined || other.urgency === advice.urgency
      ? ''
      : ` As a warning: ${other.urgency}`;
  return [paragraph(`${title}${advice.urgency}${asWarning}`), stepList(advice)].join('\n\n');
}

/** A command has a line of its own, so that it is found, and whole. */
const stepList = ({ steps }: AdviceView): string =>
  steps
    .map(({ action, command, result }, index) =>
      [
        filled(action, `${index + 1}. `),
        ...(command === null ? [] : [`   ${commandText(command)}`]),
        ...(result === null ? [] : [filled(result, '   ')]),
      ].join(`${LINE_BREAK}\n`),
    )
    .join('\n');

/** In Markdown. */
const LINE_BREAK = '\\';

const filled = (text: string, first: string): string =>
  hangingLines(text.split(' '), { columns: COLUMNS, first }).join('\n');

/** On this page, the command that prints a section of it is a link. */
function commandText(command: string): string {
  const section = command.startsWith(`${TYPED_ON_CELL} runbook `)
    ? command.split(' ').at(-1)
    : undefined;
  return section === undefined
    ? code(command)
    : `See [${section.replaceAll('-', ' ')}](#${section}).`;
}
