import { countsAsUntracked } from '../model/acknowledgement.ts';
import type { ContainerView, ReportView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { containerColumns, statusStyle, type CheckTableOptions } from './check-table.ts';
import { colors as colorsOf, type Colors } from './color.ts';
import { cutEnd, displayWidth, wrapText } from './display-width.ts';
import { appText, cellName, MAX_HANDLE, placeText } from './names.ts';
import { itemTable } from './table.ts';

/* `status --watch` on a terminal: a state, what happens to it, and the lines that show it. */

export interface WatchState {
  /** Null until the agent has answered. */
  readonly view: ReportView | null;
  /** Why the agent does not answer now; null while it does. */
  readonly silent: string | null;
  /** A handle; null for the first row. */
  readonly selected: string | null;
  readonly filter: string;
  readonly isTyping: boolean;
  readonly explained: Explained | null;
  readonly isOver: boolean;
}

interface Explained {
  readonly handle: string;
  /** Null while it is not known yet. */
  readonly text: string | null;
  /** How many of its lines are above the screen. */
  readonly top: number;
}

export const NOTHING_SEEN: WatchState = {
  view: null,
  silent: null,
  selected: null,
  filter: '',
  isTyping: false,
  explained: null,
  isOver: false,
};

/** As `node:readline` names it; `text` is what was typed. */
type Key = { readonly name: string; readonly text: string; readonly ctrl: boolean };

export type WatchEvent =
  | { readonly kind: 'report'; readonly view: ReportView }
  | { readonly kind: 'silent'; readonly why: string }
  | { readonly kind: 'explained'; readonly handle: string; readonly text: string }
  | { readonly kind: 'key'; readonly key: Key };

export type Size = { readonly columns: number; readonly rows: number };

export function step(state: WatchState, event: WatchEvent, size: Size): WatchState {
  switch (event.kind) {
    case 'report':
      return { ...state, view: event.view, silent: null };
    case 'silent':
      return { ...state, silent: event.why };
    case 'explained': {
      const { explained } = state;
      const isAwaited = explained?.handle === event.handle;
      return isAwaited ? { ...state, explained: { ...explained, text: event.text } } : state;
    }
    case 'key':
      return event.key.ctrl && event.key.name === 'c'
        ? { ...state, isOver: true }
        : afterKey(state, event.key, size);
    default:
      return event satisfies never;
  }
}

function afterKey(state: WatchState, key: Key, size: Size): WatchState {
  if (state.isTyping) return afterTyping(state, key);
  const { explained } = state;
  if (explained !== null) {
    if (LEAVES.has(key.name)) return { ...state, explained: null };
    const lines = explainedLines(explained, size.columns).length;
    const most = Math.max(0, lines - bodyRows(state, size));
    const top = Math.min(most, moved(explained.top, key, bodyRows(state, size), most));
    return { ...state, explained: { ...explained, top } };
  }
  const rows = shownRows(state);
  const selected = rows[selectedIndex(rows, state)]?.handle ?? null;
  switch (key.name) {
    case 'q':
      return { ...state, isOver: true };
    case 'escape':
      return { ...state, filter: '' };
    case 'return':
      return selected === null
        ? state
        : { ...state, selected, explained: { handle: selected, text: null, top: 0 } };
    default: {
      if (key.text === '/') return { ...state, isTyping: true, filter: '' };
      const last = rows.length - 1;
      const index = moved(selectedIndex(rows, state), key, bodyRows(state, size), last);
      return { ...state, selected: rows[index]?.handle ?? null };
    }
  }
}

const LEAVES: ReadonlySet<string> = new Set(['q', 'escape', 'return', 'backspace', 'left']);

/** Another position between 0 and `last`, if the key moves. */
function moved(from: number, { name }: Key, page: number, last: number): number {
  const to: Readonly<Record<string, number>> = {
    up: from - 1,
    k: from - 1,
    down: from + 1,
    j: from + 1,
    pageup: from - page,
    pagedown: from + page,
    home: 0,
    end: last,
  };
  return Math.max(0, Math.min(last, Object.hasOwn(to, name) ? (to[name] ?? from) : from));
}

const MAX_FILTER = 100;

function afterTyping(state: WatchState, { name, text, ctrl }: Key): WatchState {
  if (name === 'return') return { ...state, isTyping: false };
  if (name === 'escape') return { ...state, isTyping: false, filter: '' };
  if (name === 'backspace') return { ...state, filter: state.filter.slice(0, -1) };
  const isText = !ctrl && /^[^\p{Cc}\p{Cf}\p{Cs}]$/u.test(text);
  return isText ? { ...state, filter: (state.filter + text).slice(0, MAX_FILTER) } : state;
}

/** Worst first, as the agent has them, but drills last: they are no containers. */
function shownRows({ view, filter }: WatchState): readonly ContainerView[] {
  const all = view?.containers ?? [];
  const sorted = [...all.filter(({ drill }) => !drill), ...all.filter(({ drill }) => drill)];
  const wanted = filter.toLowerCase();
  return wanted === '' ? sorted : sorted.filter((one) => wordsOf(one).includes(wanted));
}

const wordsOf = (one: ContainerView): string =>
  [one.status, one.severity, one.reason, one.kind, one.drill ? 'drill' : '', one.handle]
    .concat([one.acknowledged === null ? '' : 'acknowledged'])
    .concat([appText(one, MAX_FILTER), placeText(one, MAX_FILTER)])
    .join('\n')
    .toLowerCase();

const selectedIndex = (rows: readonly ContainerView[], { selected }: WatchState): number =>
  Math.max(
    0,
    rows.findIndex(({ handle }) => handle === selected),
  );

export type WatchStyle = Pick<CheckTableOptions, 'colors' | 'wide'>;

/** At most as many lines as the window has, none wider than it. */
export function screenLines(state: WatchState, size: Size, style: WatchStyle): readonly string[] {
  const { explained } = state;
  const { columns } = size;
  const room = bodyRows(state, size);
  const body =
    explained === null
      ? tableLines(state, room, size, style)
      : explainedLines(explained, columns).slice(explained.top, explained.top + room);
  const padding = Array.from({ length: Math.max(0, room - body.length) }, () => '');
  const head = headLines(state, size, style.colors);
  const foot = style.colors.dim(cutEnd(footText(state), columns));
  return [...head, ...body, ...padding, foot].slice(-size.rows);
}

/** What remains between what is pinned at the top and the line of keys at the bottom. */
const bodyRows = (state: WatchState, size: Size): number =>
  Math.max(1, size.rows - 1 - headLines(state, size, PLAIN).length);

const PLAIN = colorsOf(false);
const VERDICT_STYLE = {
  'all-tracked': ({ green }: Colors) => green,
  untracked: ({ red }: Colors) => red,
  unknown: ({ yellow }: Colors) => yellow,
} as const;

/** A window with fewer rows shows only the verdict above the table. */
const MIN_ROWS = 9;

function headLines({ view, silent }: WatchState, size: Size, colors: Colors): string[] {
  const { columns, rows } = size;
  const lost = silent === null ? null : sentenceLines(`Unknown: ${silent}`, size, colors.yellow);
  if (view === null) return lost ?? [cutEnd('Asking the agent …', columns)];
  const { verdict, why, cell, takenAt } = view;
  const sentence = lost ?? sentenceLines(why, size, VERDICT_STYLE[verdict](colors));
  if (rows < MIN_ROWS) return sentence;
  const when = lost === null ? 'pass of' : 'last known from';
  const title = `${cellName(cell)}, ${when} ${oneLine(takenAt, 30)}`;
  return [colors.bold(cutEnd(title, columns)), ...sentence, cutEnd(countsText(view), columns), ''];
}

function countsText({ containers, summary, garden, seen }: ReportView): string {
  const { pending, acknowledged, tracked } = summary;
  const untracked = containers.filter((one) => countsAsUntracked(one) && !one.drill).length;
  const listed =
    garden.state === 'known' ? `Garden lists ${garden.listed}` : "Garden's list is unavailable";
  return `${untracked} untracked, ${pending} pending, ${acknowledged} acknowledged, ${tracked} tracked; ${listed}, ${seen} running.`;
}

/** At most a quarter of the window, and four lines. */
function sentenceLines(
  text: string,
  { columns, rows }: Size,
  style: (line: string) => string,
): string[] {
  const most = Math.max(1, Math.min(4, Math.floor(rows / 4)));
  const lines = wrapText(oneLine(text, MAX_SENTENCE), columns);
  const last = lines.slice(most - 1).join(' ');
  return [...lines.slice(0, most - 1), ...(last === '' ? [] : [cutEnd(last, columns)])].map(style);
}

const MAX_SENTENCE = 2000;

/** Narrower tables cannot be read; what does not fit is cut. */
const MIN_TABLE = 48;

function tableLines(
  state: WatchState,
  room: number,
  { columns }: Size,
  { colors, wide }: WatchStyle,
): string[] {
  const rows = shownRows(state);
  if (rows.length === 0)
    return state.filter === '' ? [] : [cutEnd('No container matches.', columns)];
  const width = Math.max(MIN_TABLE, columns - MARK.length);
  const all = containerColumns(state.view?.containers ?? [], { colors: PLAIN, columns, wide });
  const cells = all.map((column) => ({ ...column, whole: false }));
  const [title = '', ...lines] = itemTable(rows, cells, { colors: PLAIN, columns: width });
  const index = selectedIndex(rows, state);
  const visible = Math.max(1, room - 1);
  const top = Math.max(0, Math.min(index - Math.floor(visible / 2), rows.length - visible));
  const shown = rows.slice(top, top + visible).map((one, offset) => {
    const isSelected = top + offset === index;
    const line = cutEnd(`${isSelected ? MARK : UNMARKED}${lines[top + offset] ?? ''}`, columns);
    const colored = line.replace(/(?<=^. )\S+/u, statusStyle(one, colors));
    return isSelected ? colors.bold(colored) : colored;
  });
  return room === 1 ? shown : [colors.dim(cutEnd(`${UNMARKED}${title}`, columns)), ...shown];
}

const MARK = '> ';
const UNMARKED = '  ';

/** Its lines as `explain` wrapped them; what it does not wrap, because people copy it, is broken. */
function explainedLines({ handle, text }: Explained, columns: number): string[] {
  if (text === null)
    return wrapText(`Comparing the cell to explain ${oneLine(handle, MAX_HANDLE)} …`, columns);
  return text
    .split('\n')
    .flatMap((line) =>
      line.includes('\u001b') || displayWidth(line) <= columns ? [line] : wrapText(line, columns),
    );
}

function footText(state: WatchState): string {
  const { filter, isTyping, explained } = state;
  if (isTyping) return `/${filter}_  Enter keeps it, Esc clears it`;
  if (explained !== null) return '↑ ↓ scroll  Esc back';
  const rows = shownRows(state);
  const position = rows.length === 0 ? '' : `  ${selectedIndex(rows, state) + 1} of ${rows.length}`;
  const kept = filter === '' ? '' : `  /${filter} (Esc clears)`;
  return `↑ ↓ select  Enter explain  / filter  q quit${position}${kept}`;
}
