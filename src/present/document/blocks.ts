import { oneLine } from '../../model/text.ts';
import { timeWithAge } from '../quantities.ts';

/*
 * An answer that a person reads, before it is shown: sections of a few kinds of blocks. A pure function
 * makes it from the view; ./terminal.ts and ../page/blocks-html.ts show each kind, and choose no words.
 */

/** What a text says of its subject. Renderers colour it; its words say the same. */
export type Tone =
  | 'good'
  | 'critical'
  | 'warning'
  | 'pending'
  | 'unknown'
  | 'drill'
  | 'strong'
  | 'quiet';

/** A part of a line. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
  /** People copy it: a handle, a path, a command. */
  readonly isCode?: true;
  /** A beginning of it that says the same, for a narrow terminal. */
  readonly short?: string;
  /** No line is broken within it. */
  readonly isUnbroken?: true;
  /** Where a renderer that has links leads. */
  readonly href?: string;
}

/**
 * One line, in parts of any depth; null where there is nothing to say. A plain string is ours; what others
 * chose is a span, which right-to-left letters do not leave.
 */
export type Text = string | Span | null | readonly Text[];

/** The title of what follows in its section, in parts that stand apart. */
interface Heading {
  readonly kind: 'heading';
  readonly parts: readonly Span[];
  /** The tone of the heading and of all that follows. */
  readonly tone?: Tone | undefined;
}

interface Sentence {
  readonly kind: 'sentence';
  /** Of an item of a list: what stands before it, `- ` or `1. `. */
  readonly mark?: string;
  readonly text: Text;
  readonly tone?: Tone | undefined;
}

/** What is worth knowing and asks for nothing. */
interface Note {
  readonly kind: 'note';
  readonly text: Text;
}

interface Facts {
  readonly kind: 'facts';
  readonly rows: readonly Fact[];
}

export type Fact = readonly [name: string, value: Text];

/** What to do, in this order. */
interface Steps {
  readonly kind: 'steps';
  readonly steps: readonly Step[];
}

export interface Step {
  readonly action: string;
  /** Ready to paste. */
  readonly command: string | null;
  /** What its result decides. */
  readonly result: string | null;
}

/** Commands that are ready to paste. */
interface Commands {
  readonly kind: 'commands';
  readonly commands: readonly string[];
}

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Never narrower than this on a terminal, or than it needs; 8 by default. */
  readonly least?: number;
  /** What happens to a text that does not fit; `cut-end` by default. What people copy is `whole`. */
  readonly fit?: 'cut-end' | 'cut-middle' | 'whole' | 'wrap';
  /** Left out if a terminal is too narrow; the column with the highest number first. */
  readonly givesWay?: number;
}

export interface Row {
  readonly cells: readonly Text[];
  /** What is said of it below. */
  readonly below?: Blocks;
}

export interface Table {
  readonly kind: 'table';
  /** Unique in its document. */
  readonly id: string;
  /** For those who do not see what is around it. */
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** The column whose cells name their rows; the first by default. */
  readonly named?: number;
}

export type Block = Heading | Sentence | Note | Facts | Table | Steps | Commands;

/** Blocks in their order, in lists of any depth; `false` stands where there is nothing to say. */
export type Blocks = Block | false | readonly Blocks[];

/** A part of an answer. Its title is shown where parts have one: on the page. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly tone?: Tone;
  /** How many things it has, if that is worth knowing before it is read. */
  readonly count?: number;
  readonly blocks: Blocks;
}

export const heading = (parts: readonly Span[], tone?: Tone): Block => ({
  kind: 'heading',
  parts,
  tone,
});

export const sentence = (text: Text, tone?: Tone): Block => ({ kind: 'sentence', text, tone });

/** An item of a list, which begins with its mark. */
export const listed = (mark: string, text: Text): Block => ({ kind: 'sentence', text, mark });

export const note = (text: Text): Block => ({ kind: 'note', text });

/** What has no value shows a dash; `false` is no row at all. */
export const facts = (rows: readonly (Fact | false)[]): Block => ({
  kind: 'facts',
  rows: rows
    .filter((row) => row !== false)
    .map(([name, value]) => [oneLine(name, MAX_TEXT), orDash(value)]),
});

export const commands = (all: readonly (string | null)[]): Block => ({
  kind: 'commands',
  commands: all.filter((one) => one !== null),
});
export const steps = (all: readonly Step[]): Block => ({ kind: 'steps', steps: all });

/** How many of a list are not shown. @param where the others are */
export const omittedNote = (count: number, where: Text = '.'): Blocks =>
  count > 0 && note([`… and ${count} more`, where]);

/** A column, and its cell in the row of each item. */
export interface ItemColumn<Item> extends Column {
  readonly cell: (item: Item) => Text;
}

/** A table with a row for each item. A cell without a text shows a dash. */
export const table = <Item>(
  items: readonly Item[],
  columns: readonly ItemColumn<Item>[],
  {
    below = () => false,
    ...rest
  }: Pick<Table, 'id' | 'caption' | 'named'> & { readonly below?: (item: Item) => Blocks },
): Table => ({
  kind: 'table',
  ...rest,
  columns,
  rows: items.map((item) => ({
    cells: columns.map(({ cell }) => orDash(cell(item))),
    below: below(item),
  })),
});

/** What stands where there is nothing. */
export const NOTHING = '-';

const orDash = (text: Text): Text => (spansOf(text).length === 0 ? NOTHING : text);

/** A text that others chose. */
export const foreign = (text: string): Span => ({ text });

/** What others chose and people copy. */
export const code = (text: string): Span => ({ text, isCode: true });

/** A time and its age at the time of the pass. */
export const aged = (at: string, now: string): Span => ({
  text: timeWithAge(at, now),
  isUnbroken: true,
});

/** One text after the other, with a text between. */
export const joined = (texts: readonly Text[], between: string): Text =>
  texts.map((text, index) => (index === 0 ? text : [between, text]));

/** The blocks in their order, without those that have nothing to show. */
export function blocksIn(blocks: Blocks): readonly Block[] {
  if (blocks === false) return [];
  if (isList(blocks)) return blocks.flatMap(blocksIn);
  return isEmpty(blocks) ? [] : [blocks];
}

const isEmpty = (block: Block): boolean =>
  ('rows' in block && block.rows.length === 0) ||
  (block.kind === 'steps' && block.steps.length === 0) ||
  (block.kind === 'commands' && block.commands.length === 0);

/** An agent of another release may have written it; what we write is shorter. */
const MAX_TEXT = 1200;
/** What people copy is not shortened: it is bounded where it is read. */
const MAX_COPIED = 40_000;

/** The parts of a text, bounded and without control characters. */
export function spansOf(text: Text): readonly (string | Span)[] {
  if (isList(text)) return text.flatMap(spansOf);
  if (text === null) return [];
  if (typeof text === 'string') return text === '' ? [] : [oneLine(text, MAX_TEXT)];
  const shown = oneLine(text.text, text.isCode === true ? MAX_COPIED : MAX_TEXT);
  return shown === '' ? [] : [{ ...text, text: shown }];
}

const isList = <One>(one: One | readonly One[]): one is readonly One[] => Array.isArray(one);
