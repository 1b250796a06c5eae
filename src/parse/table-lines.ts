import { asByteString, type ByteString } from '../model/ids.ts';
import type { MalformedLine } from '../model/mount.ts';
import { textOfBytes, oneLine } from '../model/text.ts';

const MAX_EXCERPT = 120;

/** Why a line is no line of its format. */
export class Malformed {
  readonly problem: string;
  constructor(problem: string) {
    this.problem = problem;
  }
}

export interface ParsedLines<T> {
  readonly parsed: readonly T[];
  readonly malformed: readonly MalformedLine[];
}

/** Every line through `parse`; one that it refuses is kept with its number and its beginning. */
export function parseLines<T extends object>(
  bytes: ByteString,
  parse: (line: string, number: number) => T | Malformed,
): ParsedLines<T> {
  const parsed: T[] = [];
  const malformed: MalformedLine[] = [];
  let number = 0;
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf('\n', start);
    const end = newline === -1 ? bytes.length : newline;
    const line = bytes.slice(start, end);
    number += 1;
    const result = parse(line, number);
    if (result instanceof Malformed) {
      malformed.push({ line: number, problem: result.problem, text: excerpt(line) });
    } else parsed.push(result);
    start = end + 1;
  }
  return { parsed, malformed };
}

/** Cut before it is escaped: a line may be as long as the file. */
const excerpt = (line: string): string =>
  oneLine(textOfBytes(asByteString(line.slice(0, MAX_EXCERPT + 1))), MAX_EXCERPT);
