import { oneLine } from '../../model/text.ts';
import type { FoundationStatus } from '../foundation/status.ts';

type Findings = FoundationStatus['untracked'];

/** Of more only the number is told, so that a line stays one. */
const MAX_NAMED = 5;
const MAX_HANDLE = 128;
const MAX_REASON = 60;

/**
 * Which findings came and went between two rounds, to stand behind the sentence of the second; empty where none did. One that replaces
 * another leaves the counts as they were.
 * @param before null: there was no round yet
 */
export function changeText(before: Findings | null, after: Findings): string {
  const earlier = namesOf(before ?? []);
  const now = namesOf(after);
  const came = [...now].filter((name) => !earlier.has(name));
  const went = [...earlier].filter((name) => !now.has(name));
  return (
    // What is not shown any more is over, or its cell is silent.
    listText(before === null ? 'Untracked' : 'New', came) + listText('No longer shown', went)
  );
}

/** One that gets another reason is another finding. */
const namesOf = (findings: Findings): ReadonlySet<string> =>
  new Set(
    findings.map(
      ({ handle, reason }) => `${oneLine(handle, MAX_HANDLE)} (${oneLine(reason, MAX_REASON)})`,
    ),
  );

function listText(what: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length - MAX_NAMED;
  const named = names.slice(0, MAX_NAMED).join(', ');
  return ` ${what}: ${named}${more > 0 ? ` and ${more} more` : ''}.`;
}
