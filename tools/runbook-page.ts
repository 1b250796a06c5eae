import { REASONS, type Reason } from '../src/model/finding.ts';
import { TYPED_ON_CELL } from '../src/model/typed-as.ts';
import { aboutAny, adviceOfCase, casesOf } from '../src/present/advice/advice.ts';
import { caseForAny } from '../src/present/advice/any-case.ts';
import {
  CAPTURE,
  CHECK_APP,
  DELETE,
  ISOLATE,
  RECREATE,
} from '../src/present/advice/common-steps.ts';
import { textOf, type Case } from '../src/present/advice/step.ts';
import type { Step } from '../src/present/document/blocks.ts';
import { hangingLines } from '../src/present/display-width.ts';
import { fileWith } from './generated-part.ts';
import { code, COLUMNS, paragraph } from './markdown.ts';
import { RUNBOOK } from './monitoring/alerts/alert-files.ts';

/**
 * docs/runbook.md, written by hand except for the steps of its reasons. There, a command or a result
 * stands once: on a cell, the sections have whole steps, and `explain` fills them in.
 */
export function runbookPage(): string {
  const once = neverTwice([RECREATE.result]);
  return fileWith(
    RUNBOOK,
    Object.fromEntries(
      REASONS.map((reason) => [`src/present/advice for ${reason}`, casesText(reason, once)]),
    ),
  );
}

/** The text; null if the page has it already. */
type Once = (text: string | null) => string | null;

/** @param byHand texts that the page has elsewhere */
function neverTwice(byHand: readonly unknown[]): Once {
  const printed = new Set(byHand);
  return (text) => {
    if (text === null || printed.has(text)) return null;
    printed.add(text);
    return text;
  };
}

interface NumberedStep extends Step {
  readonly number: number;
}

function casesText(reason: Reason, once: Once): string {
  const cases = casesOf(reason)
    .filter(({ title }) => title !== null)
    .map(({ steps, ...one }) => ({ ...one, steps: shortened(steps) }));
  return cases
    .map((one, index) => caseText(one, { reason, once, before: cases.slice(0, index) }))
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
  action: 'Save the evidence, then isolate the cell.',
  ...(ISOLATE.command === undefined ? {} : { command: ISOLATE.command }),
};

interface CaseOnPage {
  readonly reason: Reason;
  readonly once: Once;
  /** The cases above it in its section. */
  readonly before: readonly Case[];
}

/** As for a container of which only the severity is known. */
function caseText(one: Case, { reason, once, before }: CaseOnPage): string {
  const { title, urgency, steps: all } = caseForAny(one, reason);
  const steps = all.map((step, index) => ({ ...step, number: index + 1 }));
  const same = sharedWith(steps, before);
  const asBefore =
    same === null ? '' : ` Steps 1 to ${same.count} are those of "If ${same.title}".`;
  const own = steps.slice(same?.count ?? 0);
  return [
    paragraph(`${title === null ? '' : `**${title}:** `}${urgency}${asBefore}`),
    ...(own.length === 0 ? [] : [own.map((step) => stepText(step, once)).join('\n')]),
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

/** A command has a line of its own, so that it is found, and whole. */
function stepText({ number, action, command, result }: NumberedStep, once: Once): string {
  const section = sectionWith(command);
  const shownCommand = section === null ? once(command) : null;
  // What leads to another step belongs to each case.
  const shownResult = result !== null && /→ step/.test(result) ? result : once(result);
  const linked = section === null ? action : `[${action}](#${section})`;
  const sentences = [linked, ...(shownResult === null ? [] : [shownResult])];
  if (shownCommand === null) return filled(sentences.join(' '), `${number}. `);
  return [
    filled(linked, `${number}. `),
    `   ${code(shownCommand)}`,
    ...(shownResult === null ? [] : [filled(shownResult, '   ')]),
  ].join(`${LINE_BREAK}\n`);
}

/** In Markdown. */
const LINE_BREAK = '\\';

const filled = (text: string, first: string): string =>
  hangingLines(text.split(' '), { columns: COLUMNS, first }).join('\n');

const ANY_CONTAINER = aboutAny('critical');

/** Commands that the page has by hand, by the section that has them. */
const SECTIONS: ReadonlyMap<string | null, string> = new Map([
  ...[CHECK_APP, DELETE, RECREATE].map(
    ({ command = '' }) => [textOf(command, ANY_CONTAINER), 'recognised'] as const,
  ),
  [`${TYPED_ON_CELL} explain ${ANY_CONTAINER.names.handle}`, 'find-out-whose-it-is'] as const,
]);

/** The section of this page that has the command of a step, or that it prints; null: none does. */
function sectionWith(command: string | null): string | null {
  const printed =
    command?.startsWith(`${TYPED_ON_CELL} runbook `) === true ? command.split(' ').at(-1) : null;
  return printed ?? SECTIONS.get(command) ?? null;
}
