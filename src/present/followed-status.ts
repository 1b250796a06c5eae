import type { ReportView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { MAX_HANDLE } from './names.ts';

/** An agent of another release may have written it. */
const MAX_SENTENCE = 1200;

/* `status --watch` for people: a line for each change in what the agent answers. */

/** What the lines so far have said. */
export interface Followed {
  /** The last answer, as far as a change of it is worth a line. */
  readonly last: string;
  readonly isSilent: boolean;
  /** The findings of the last report that could be compared. */
  readonly findings: readonly string[];
}

export const NOTHING_FOLLOWED: Followed = { last: '', isSilent: false, findings: [] };

/**
 * The line for an answer, if it is not as the one before. It begins with a time (RFC 3339, UTC): that of
 * the pass, or of the answer while the agent is silent and when it answers again.
 * @param answer a report, or why there is none
 * @param now as in `Date.toISOString`
 */
export function followedStatus(
  before: Followed,
  answer: ReportView | string,
  now: string,
): { readonly followed: Followed; readonly line: string | null } {
  const isSilent = typeof answer === 'string';
  // What could not be compared says nothing about the findings.
  const isKnown = !isSilent && answer.verdict !== 'unknown';
  const findings = isKnown ? findingsOf(answer) : before.findings;
  const last = isSilent ? answer : stateOf(answer, findings);
  const followed = { last, isSilent, findings };
  if (last === before.last) return { followed, line: null };
  if (isSilent) return { followed, line: `${now} unknown ${oneLine(answer, MAX_SENTENCE)}` };
  const [time, again] = before.isSilent ? [now, 'The agent answers again. '] : [answer.takenAt, ''];
  const sentence = `${again}${oneLine(answer.why, MAX_SENTENCE)}`;
  const changes =
    named('Found', findings, before.findings) + named('No longer found', before.findings, findings);
  return { followed, line: `${time} ${answer.verdict} ${sentence}${changes}` };
}

/** Without the memory that findings hold: it changes with each pass. */
const stateOf = (
  { verdict, why, summary, cell }: ReportView,
  findings: readonly string[],
): string =>
  JSON.stringify([
    verdict,
    verdict === 'unknown' ? why : summary,
    findings.toSorted(),
    cell.warnings.map(({ reason }) => reason),
  ]);

const findingsOf = ({ containers }: ReportView): readonly string[] =>
  containers
    .filter(({ status }) => status === 'untracked')
    .map(({ handle, reason, drill }) => {
      const why = drill ? 'drill' : (reason ?? 'unknown reason');
      return `${oneLine(handle, MAX_HANDLE)} (${oneLine(why, 60)})`;
    });

const MAX_NAMED = 5;

/** A sentence about the findings that only the first list has. Counts alone would hide one that replaces another. */
function named(title: string, some: readonly string[], others: readonly string[]): string {
  const known = new Set(others);
  const only = some.filter((one) => !known.has(one));
  const more = only.length > MAX_NAMED ? ` and ${only.length - MAX_NAMED} more` : '';
  return only.length === 0 ? '' : ` ${title}: ${only.slice(0, MAX_NAMED).join(', ')}${more}.`;
}
