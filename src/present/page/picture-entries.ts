import type { MountChoice, CandidateVerdict } from '../../model/hierarchy.ts';
import { oneLine } from '../../model/text.ts';
import { cutEnd, cutMiddle, wrapText } from '../display-width.ts';
import { VERDICT_WORDS } from '../verdict-words.ts';
import { MAX_SENTENCE, pathText } from './foreign-text.ts';

/** Others of a hierarchy that are drawn; the table beside the picture has more. */
const MAX_OTHERS = 3;

/** The room for texts, in columns and lines: SVG breaks no line by itself. */
export interface TextRoom {
  readonly pathColumns: number;
  readonly whyColumns: number;
  readonly whyLines: number;
}

/** What is drawn at the end of a line: a mount with the reason of its verdict, or that there is none. */
export interface Entry {
  readonly verdict: CandidateVerdict | 'none' | 'more';
  readonly words: string;
  readonly path: string;
  readonly why: readonly string[];
}

/** The mount that was taken or the lack of one, then those that were not. */
export function pictureEntries(choice: MountChoice, room: TextRoom): readonly Entry[] {
  const { chosen, confirmed, why, candidates } = choice;
  const entry = (
    verdict: Entry['verdict'],
    words: string,
    path: string,
    reason: string,
  ): Entry => ({
    verdict,
    words,
    path: cutMiddle(path, room.pathColumns),
    why: reasonLines(reason, room),
  });
  const taken = confirmed === false ? 'not-confirmed' : 'chosen';
  const first =
    chosen === null
      ? entry('none', 'no mount', 'none that shows all of it', why)
      : entry(taken, VERDICT_WORDS[taken], pathText(chosen.mountPoint), why);
  const others = candidates.filter(({ mount }) => mount !== chosen);
  const drawn = others
    .slice(0, MAX_OTHERS)
    .map(({ mount, verdict, why: reason }) =>
      entry(verdict, VERDICT_WORDS[verdict], pathText(mount.mountPoint), reason),
    );
  const omitted = others.length - drawn.length;
  return [
    first,
    ...drawn,
    ...(omitted === 0 ? [] : [entry('more', '', `… and ${omitted} more, in the table`, '')]),
  ];
}

function reasonLines(reason: string, { whyColumns, whyLines }: TextRoom): readonly string[] {
  if (reason === '') return [];
  const lines = wrapText(oneLine(reason, MAX_SENTENCE), whyColumns);
  if (lines.length <= whyLines) return lines;
  const last = cutEnd(lines[whyLines - 1] ?? '', whyColumns - 2);
  return [...lines.slice(0, whyLines - 1), `${last} …`];
}
