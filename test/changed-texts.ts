import fc, { type Arbitrary } from 'fast-check';
import { parseJson } from '../src/parse/json.ts';

/**
 * Names and pieces of text that have a meaning for a terminal, a shell, a path, a parser or
 * JavaScript.
 */
const HOSTILE_TEXTS = [
  ['', ' ', '\0', '\t', '\n', '\r', '\x7f', '\x9b31m', '\xff', 'é', 'x\x1b[2J\u202e\n'],
  ['\u202e', '\ufeff', '\u2028', '\ud800', '\\u202e', '\\040', '\\134', '\\', '-', '- '],
  ['/', '..', '../../etc/passwd', '/x/processes/', ':', ',', '=', '"', '{', '}', '[', ']'],
  ['(', ')', '(deleted)', '%', '#', '{}', '[]', 'null', 'true', '__proto__', 'constructor'],
  ['cgroup', 'cgroup2', '<script>', '$(id)', 'x'.repeat(300), '2026-01-01T00:00:00.000Z'],
  ['0', '-1', '0.5', '1e309', '2147483648', '4294967296', '18446744073709551616'],
].flat();
const HOSTILE_VALUES: readonly unknown[] = [
  ...HOSTILE_TEXTS,
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e300,
  2 ** 53,
  {},
  { ['__proto__']: 1 },
  [],
  [null],
  [[[[]]]],
];
/**
 * Some changes repeat a part up to this length, for time and memory that grow faster than the text.
 */
const MAX_REPEATED = 128 * 1024;
const MAX_LENGTH = 2 * MAX_REPEATED;

/** A place in any text or list, as a share of its length. */
const place = fc.nat(9999).map((share) => share / 10_000);
const at = (share: number, { length }: string | readonly unknown[]): number =>
  Math.floor(share * length);

/** @param other another recording */
type TextChange = (text: string, other: string) => string;

/** A change of a part of the text. */
const partChange = (
  changePart: (part: string, otherPart: string, hostile: string) => string,
): Arbitrary<TextChange> =>
  fc
    .tuple(place, place, place, place, fc.constantFrom(...HOSTILE_TEXTS))
    .map(([one, two, three, four, hostile]) => (text, other) => {
      const [from, to] = [Math.min(one, two), Math.max(one, two)];
      const [start, end] = [text.slice(0, at(from, text)), text.slice(at(to, text))];
      const part = text.slice(start.length, text.length - end.length);
      const otherPart = other.slice(
        at(Math.min(three, four), other),
        at(Math.max(three, four), other),
      );
      return start + changePart(part, otherPart, hostile) + end;
    });

/** A change of the lines of the text. */
const lineChange = (
  changeLines: (lines: string[], one: number, two: number) => readonly string[],
): Arbitrary<TextChange> =>
  fc.tuple(place, place).map(([one, two]) => (text) => {
    const lines = text.split('\n');
    return changeLines(lines, at(one, lines), at(two, lines)).join('\n');
  });

const byteChange = fc.tuple(place, fc.nat(255)).map(([where, byte]): TextChange => (text) => {
  const index = at(where, text);
  return text.slice(0, index) + String.fromCharCode(byte) + text.slice(index + 1);
});

const textChange: Arbitrary<TextChange> = fc.oneof(
  { weight: 60, arbitrary: byteChange },
  { weight: 60, arbitrary: partChange((part, _, hostile) => hostile + part) },
  { weight: 60, arbitrary: partChange((_, otherPart, hostile) => hostile + otherPart) },
  { weight: 40, arbitrary: partChange((part, otherPart) => part + otherPart) },
  { weight: 40, arbitrary: partChange(() => '') },
  { weight: 40, arbitrary: partChange((part) => part + part) },
  {
    weight: 40,
    arbitrary: lineChange((lines, one, two) => lines.toSpliced(two, 0, lines[one] ?? '')),
  },
  {
    weight: 40,
    arbitrary: lineChange((lines, one, two) =>
      lines.with(one, lines[two] ?? '').with(two, lines[one] ?? ''),
    ),
  },
  {
    weight: 6,
    arbitrary: partChange((part) => part.repeat(part === '' ? 0 : MAX_REPEATED / part.length)),
  },
);

type Entry = readonly [key: string, value: unknown];
/** What takes the place of an entry of an object or a list. */
type EntryChange = (entry: Entry, other: unknown) => readonly Entry[];
type ValueChange = (value: unknown, other: unknown) => unknown;

const isContainer = (value: unknown): value is object =>
  typeof value === 'object' && value !== null;

/** A value like this one, with another entry at the end of a path. */
function changedAt(
  value: unknown,
  [share = 0, ...deeper]: readonly number[],
  change: (entry: Entry) => readonly Entry[],
): unknown {
  if (!isContainer(value)) return value;
  const entries: readonly Entry[] = Object.entries(value);
  const index = at(share, entries);
  const [key, item] = entries[index] ?? ['', null];
  const changedEntries: readonly Entry[] =
    deeper.length > 0 && isContainer(item)
      ? [[key, changedAt(item, deeper, change)]]
      : change([key, item]);
  const now = entries.toSpliced(index, 1, ...changedEntries);
  return Array.isArray(value) ? now.map(([, one]) => one) : Object.fromEntries(now);
}

/** The values in a value, and itself. */
function* valuesIn(value: unknown): IterableIterator<unknown> {
  yield value;
  if (isContainer(value)) for (const item of Object.values(value)) yield* valuesIn(item);
}

const kindOf = (value: unknown): string =>
  value === null || Array.isArray(value) ? JSON.stringify(value).slice(0, 1) : typeof value;

/** A value of the same kind, which therefore often belongs there. */
function likeIn(other: unknown, item: unknown, share: number): unknown {
  const alike = [...valuesIn(other)].filter((value) => kindOf(value) === kindOf(item));
  return alike[at(share, alike)] ?? item;
}

const hostileText = fc.constantFrom(...HOSTILE_TEXTS);
const hostileValue = fc.constantFrom(...HOSTILE_VALUES);
const entryChange: Arbitrary<EntryChange> = fc.oneof(
  {
    weight: 10,
    arbitrary: hostileValue.map((value): EntryChange => ([key]) => [[key, value]]),
  },
  {
    weight: 20,
    arbitrary: place.map((share): EntryChange => ([key, item]) => [
      [key, likeIn(HOSTILE_VALUES, item, share)],
    ]),
  },
  {
    weight: 20,
    arbitrary: place.map((share): EntryChange => ([key, item], other) => [
      [key, likeIn(other, item, share)],
    ]),
  },
  { weight: 5, arbitrary: fc.constant<EntryChange>(() => []) },
  {
    weight: 1,
    arbitrary: fc.constant<EntryChange>(([key, item]) => {
      const { length } = JSON.stringify([key, item]);
      return Array.from({ length: MAX_REPEATED / length }, (_, n) => [`${key}${n}`, item] as const);
    }),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(hostileText, hostileValue, fc.boolean())
      .map(([name, value, isCopy]): EntryChange => ([key, item]) => [
        [key, item],
        [name, isCopy ? item : value],
      ]),
  },
);
const valueChange: Arbitrary<ValueChange> = fc
  .tuple(fc.array(place, { minLength: 1, maxLength: 8 }), entryChange)
  .map(
    ([path, change]) =>
      (value, other) =>
        changedAt(value, path, (entry) => change(entry, other)),
  );

/**
 * Changed texts: value by value where one is JSON, or character by character. They shrink by
 * leaving out parts.
 */
export const changedTexts = (recorded: readonly string[]): Arbitrary<string> =>
  new ShrinkingText(
    fc
      .record({
        text: fc.constantFrom(...recorded),
        other: fc.constantFrom(...recorded),
        isByValue: fc.boolean(),
        textChanges: fc.array(textChange, { minLength: 1, maxLength: 4 }),
        valueChanges: fc.array(valueChange, { minLength: 1, maxLength: 4 }),
      })
      .map(({ text, other, isByValue, textChanges, valueChanges }) => {
        const value = isByValue ? parseJson(text) : undefined;
        const made = isContainer(value)
          ? JSON.stringify(
              valueChanges.reduce<unknown>((now, change) => change(now, parseJson(other)), value),
            )
          : textChanges.reduce((now, change) => change(now, other), text);
        return made.slice(0, MAX_LENGTH);
      }),
  );

class ShrinkingText extends fc.Arbitrary<string> {
  readonly #made: Arbitrary<string>;

  constructor(made: Arbitrary<string>) {
    super();
    this.#made = made;
  }

  /** Without a bias, which would change the first and the last character over and over. */
  override generate(random: fc.Random): fc.Value<string> {
    return new fc.Value(this.#made.generate(random, undefined).value, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is string {
    return typeof value === 'string';
  }

  override shrink(text: string): fc.Stream<fc.Value<string>> {
    return fc.stream(smallerTexts(text)).map((smaller) => new fc.Value(smaller, undefined));
  }
}

/** First without each value of a JSON text, then without each part of it, halves first. */
function* smallerTexts(text: string): IterableIterator<string> {
  for (const value of smallerValues(parseJson(text))) yield JSON.stringify(value);
  const smallest = Math.max(1, text.length / 64);
  for (let size = Math.ceil(text.length / 2); size >= smallest; size = Math.floor(size / 2))
    for (let from = 0; from < text.length; from += size)
      yield text.slice(0, from) + text.slice(from + size);
}

function* smallerValues(value: unknown): IterableIterator<unknown> {
  if (!isContainer(value)) return;
  const withEntries = (entries: readonly Entry[]): unknown =>
    Array.isArray(value) ? entries.map(([, one]) => one) : Object.fromEntries(entries);
  const entries: readonly Entry[] = Object.entries(value);
  for (const index of entries.keys()) yield withEntries(entries.toSpliced(index, 1));
  for (const [index, [key, item]] of entries.entries())
    for (const smaller of smallerValues(item))
      yield withEntries(entries.with(index, [key, smaller]));
}
