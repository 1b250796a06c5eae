import { REASONS, severitiesOf, type Reason } from '../src/model/finding.ts';
import { TYPED_ON_CELL } from '../src/model/typed-as.ts';
import { aboutAny, adviceOfCase, casesOf } from '../src/present/advice/advice.ts';
import { whatDiffers } from '../src/present/advice/advice-markdown.ts';
import { CAPTURE, ISOLATE } from '../src/present/advice/common-steps.ts';
import type { Case } from '../src/present/advice/step.ts';
import type { Step } from '../src/present/document/blocks.ts';
import { hangingLines } from '../src/present/display-width.ts';
import { fileWith } from './generated-part.ts';
import { code, COLUMNS, paragraph } from './markdown.ts';
import { RUNBOOK } from './monitoring/alerts/alert-files.ts';

/** docs/runbook.md, written by hand except for the steps of its reasons. */
export function runbookPage(): string {
  const printed = printedSteps();
  return fileWith(
    RUNBOOK,
    Object.fromEntries(
      REASONS.map((reason) => [`src/present/advice for ${reason}`, casesText(reason, printed)]),
    ),
  );
}

/** The first section of the page that has a step; adds those that the page has not. */
type PrintedSteps = (step: NumberedStep, section: Reason) => Reason | null;

interface NumberedStep extends Step {
  readonly number: number;
}

function printedSteps(): PrintedSteps {
  const sections = new Map<string, Reason>();
  return (step, section) => {
    // Its link says as much as where its results are.
    if (linkedSection(step) !== null && step.result === null) return null;
    const { number: _, ...texts } = step;
    // With other numbers around it, what its result decides is another step.
    const text = JSON.stringify(/→ step/.test(step.result ?? '') ? step : texts);
    const earlier = sections.get(text) ?? null;
    if (earlier === null) sections.set(text, section);
    return earlier;
  };
}

function casesText(reason: Reason, printed: PrintedSteps): string {
  const cases = casesOf(reason)
    .filter(({ title }) => title !== null)
    .map(({ steps, ...one }) => ({ ...one, steps: shortened(steps) }));
  return cases
    .map((one, index) => caseText(one, { reason, printed, before: cases.slice(0, index) }))
    .join('\n\n');
}

/** The evidence and the isolation are one step here, because a section of the page has both. */
const shortened = (steps: Case['steps']): Case['steps'] =>
  steps.flatMap((step) => {
    if (step === ISOLATE) return [];
    return step === CAPTURE ? [SAVE_AND_ISOLATE] : [step];
  });

const SAVE_AND_ISOLATE: Case['steps'][number] = {
  name: CAPTURE.name,
  action: 'Save the evidence, then isolate the cell. Do not recreate the cell.',
  ...(ISOLATE.command === undefined ? {} : { command: ISOLATE.command }),
};

interface CaseOnPage {
  readonly reason: Reason;
  readonly printed: PrintedSteps;
  /** The cases above it in its section. */
  readonly before: readonly Case[];
}

/** As for a container of which only the severity is known. */
function caseText(one: Case, { reason, printed, before }: CaseOnPage): string {
  const severities = severitiesOf(reason);
  const those = one.severity === undefined ? severities : [one.severity];
  const [advice, other] = those.map((severity) => adviceOfCase(one, aboutAny(severity)));
  if (advice === undefined) throw new Error('a reason has a severity');
  const mark = one.severity === undefined || severities.length === 1 ? '' : ` (${one.severity})`;
  const title = one.title === '' ? '' : `**If ${one.title}${mark}:** `;
  const asWarning = other === undefined ? '' : whatDiffers(advice.urgency, other.urgency);
  const steps = advice.steps.map((step, index) => ({ ...step, number: index + 1 }));
  const same = sharedWith(steps, before);
  const asBefore =
    same === null ? '' : ` Steps 1 to ${same.count} are those of "If ${same.title}".`;
  const own = steps.slice(same?.count ?? 0);
  const runs = runsOf(own.map((step) => ({ step, earlier: printed(step, reason) })));
  return [
    paragraph(`${title}${advice.urgency}${asWarning}${asBefore}`),
    ...(own.length === 0 ? [] : [runs.map((run) => runText(run, reason)).join('\n')]),
  ].join('\n\n');
}

/** The first of these cases that begins with most of the same steps, at least two. */
function sharedWith(
  steps: readonly Step[],
  cases: readonly Case[],
): { readonly count: number; readonly title: string } | null {
  const texts = steps.map((step) => textOfStep(step));
  const [best] = cases
    .map((one) => {
      const others = adviceOfCase(one, aboutAny(one.severity ?? 'critical')).steps.map(textOfStep);
      const differs = texts.findIndex((text, index) => text !== others[index]);
      return { count: differs === -1 ? texts.length : differs, title: one.title ?? '' };
    })
    .filter(({ count }) => count > 1)
    .toSorted((a, b) => b.count - a.count);
  return best ?? null;
}

const textOfStep = ({ action, command, result }: Step): string =>
  JSON.stringify([action, command, result]);

/** A step, and the section that has it already, with the same number; null: none does. */
interface FoundStep {
  readonly step: NumberedStep;
  readonly earlier: Reason | null;
}

/** Neighbours of which the same section has all, or none. */
function runsOf(steps: readonly FoundStep[]): readonly (readonly FoundStep[])[] {
  const runs: FoundStep[][] = [];
  for (const found of steps) {
    const last = runs.at(-1);
    if (last?.[0]?.earlier === found.earlier) last.push(found);
    else runs.push([found]);
  }
  return runs;
}

/** Of steps that stand elsewhere, the actions. */
function runText(run: readonly FoundStep[], reason: Reason): string {
  const [{ earlier } = { earlier: null }] = run;
  if (earlier === null) return run.map(({ step }) => stepText(step)).join('\n');
  const where = earlier === reason ? 'above' : `in [${earlier}](#${earlier})`;
  const actions = run
    .map(({ step }) => (linkedSection(step) === null ? { ...step, command: null } : step))
    .map((step) => stepText({ ...step, result: null }))
    .join('\n');
  return run.some(({ step }) => step.command !== null)
    ? `${actions}${LINE_BREAK}\n   Commands and results: ${where}.`
    : actions;
}

/** A command has a line of its own, so that it is found, and whole. */
const stepText = ({ number, action, command, result }: NumberedStep): string =>
  [
    filled(action, `${number}. `),
    ...(command === null ? [] : [`   ${commandText(command)}`]),
    ...(result === null ? [] : [filled(result, '   ')]),
  ].join(`${LINE_BREAK}\n`);

/** In Markdown. */
const LINE_BREAK = '\\';

const filled = (text: string, first: string): string =>
  hangingLines(text.split(' '), { columns: COLUMNS, first }).join('\n');

/** The section of this page that the command of a step prints; null: it does something else. */
const linkedSection = ({ command }: Pick<Step, 'command'>): string | null =>
  command?.startsWith(`${TYPED_ON_CELL} runbook `) === true
    ? (command.split(' ').at(-1) ?? null)
    : null;

function commandText(command: string): string {
  const section = linkedSection({ command });
  return section === null ? code(command) : `See [${section.replaceAll('-', ' ')}](#${section}).`;
}
