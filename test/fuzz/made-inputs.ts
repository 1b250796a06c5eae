import { parseJson } from '../../src/parse/json.ts';

/** Numbers from 0 up to but not including 1, always the same for a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PIECES = [
  '\0 \t \n \r \u001b \u007f \u009b \u202e \ufeff \u2028 \ud800 \xff é - / \\ : , = " { } [ ] ( ) % #',
  '\\040 \\134 \\u202e .. __proto__ constructor cgroup cgroup2 (deleted) null true {} []',
  '0 -1 0.5 1e309 2147483648 4294967296 9007199254740993 18446744073709551616',
].flatMap((line) => [' ', ...line.split(' ')]);
/** What replaces a value of a JSON text. */
const VALUES: readonly unknown[] = [
  [null, true, {}, [null], { ['__proto__']: 1 }, 0, -1, 0.5, 1e300, 2 ** 53, ''],
  ['\u001b[2J\u202e\n', '__proto__', 'x'.repeat(300), '2026-01-01T00:00:00.000Z'],
].flat();
const MAX_LENGTH = 8192;
/** A part is repeated up to this length, for time and memory that grow faster than the text. */
const MAX_REPEATED = 128 * 1024;
const REPEATED_SHARE = 1 / 500;

/** Texts made of known ones, byte by byte, or value by value where they are JSON. */
export function inputMaker(random: () => number) {
  const below = (end: number): number => Math.floor(random() * end);
  const oneOf = <T>(list: readonly T[]): T | undefined => list[below(list.length)];

  function changedText(text: string, other: string): string {
    const [from, to] = [below(text.length + 1), below(text.length + 1)].toSorted((a, b) => a - b);
    const [start, part] = [text.slice(0, from), text.slice(from, to)];
    const end = text.slice(to);
    if (random() < REPEATED_SHARE && part !== '')
      return start + part.repeat(MAX_REPEATED / part.length) + end;
    switch (below(6)) {
      case 0:
        return start + (oneOf(PIECES) ?? '') + part + end;
      case 1:
        return start + (oneOf(PIECES) ?? '') + text.slice((from ?? 0) + 1);
      case 2:
        return start + end;
      case 3:
        return start + part + part + end;
      case 4:
        return start + other.slice(below(other.length), below(other.length + 1)) + part + end;
      default:
        return start + String.fromCharCode(below(256)) + text.slice((from ?? 0) + 1);
    }
  }

  /** The value with one of those in it replaced, left out or doubled. */
  function changedValue(value: unknown, other: unknown): unknown {
    if (typeof value !== 'object' || value === null || random() < 0.1)
      return random() < 0.7 ? oneOf(VALUES) : partOf(other);
    const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
    const at = below(entries.length);
    const [key, item] = entries[at] ?? [String(oneOf(PIECES)), oneOf(VALUES)];
    const changed = random();
    const now =
      changed < 0.08
        ? entries.toSpliced(at, 1)
        : changed < 0.16
          ? entries.toSpliced(at, 0, [random() < 0.5 ? key : (oneOf(PIECES) ?? key), partOf(other)])
          : entries.toSpliced(at, 1, [key, changedValue(item, other)]);
    return Array.isArray(value) ? now.map(([, one]) => one) : Object.fromEntries(now);
  }

  function partOf(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || random() < 0.3) return value;
    return partOf(oneOf(Object.values(value)));
  }

  /** @param known not empty */
  return (known: readonly string[]): string => {
    let text = oneOf(known) ?? '';
    const value = random() < 0.6 ? parseJson(text) : undefined;
    if (typeof value === 'object' && value !== null) {
      const other = parseJson(oneOf(known) ?? '');
      let changed: unknown = value;
      for (let more = 0; more < 0.6; more = random()) changed = changedValue(changed, other);
      text = JSON.stringify(changed) ?? '';
    } else
      for (let more = 0; more < 0.6; more = random()) text = changedText(text, oneOf(known) ?? '');
    return text.length > MAX_REPEATED * 2 ? text.slice(0, MAX_LENGTH) : text;
  };
}
