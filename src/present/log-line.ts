import { jsonText } from './json-text.ts';
import type { AgentEvent } from '../model/agent-state.ts';
import type { CellIdentity } from '../model/cell-identity.ts';

/** With its newline, a line has at most 900 bytes: syslog over UDP cuts off what exceeds 1 kB. */
const MAX_BYTES = 899;
const DEEPEST = 4;
/** Whole or not at all: a link that is cut leads nowhere. */
const LINK = 'runbook_url';
/** So is advice, because a command that is cut does another thing. What counts for more comes first. */
const ADVICE = ['step', 'urgency'];
/** The paths of a lost container end in its handle, which is in the line anyway. */
const PATHS = 'cgroups';

/** Log pipelines search and join by these fields, so they stay whole for longer. */
const IDENTIFIERS: ReadonlySet<string> = new Set(['handle', 'app_id']);
const MAX_IDENTIFIER = 64;
/** Only the names of controllers are longer. */
const MAX_KEY = 32;

interface Bounds {
  /** Characters of a process's command. */
  readonly command: number;
  /** How many processes. */
  readonly processes: number;
  /** Characters of the sentence. */
  readonly sentence: number;
  /** How many texts of advice. Without the first step, whoever reads the line has nothing to do. */
  readonly advice: number;
  readonly hasPaths: boolean;
  /** Characters of any other text. */
  readonly text: number;
  /** Entries of any other list or object. */
  readonly entries: number;
}

/** Tried in this order until the line fits. */
const SHORTER: readonly Bounds[] = [
  { command: 64, processes: 5, sentence: 1000, advice: 2, hasPaths: true, text: 1000, entries: 64 },
  { command: 32, processes: 5, sentence: 1000, advice: 2, hasPaths: true, text: 1000, entries: 64 },
  { command: 32, processes: 3, sentence: 1000, advice: 2, hasPaths: true, text: 1000, entries: 64 },
  { command: 32, processes: 2, sentence: 1000, advice: 2, hasPaths: true, text: 1000, entries: 64 },
  { command: 32, processes: 1, sentence: 1000, advice: 2, hasPaths: true, text: 1000, entries: 64 },
  { command: 32, processes: 1, sentence: 1000, advice: 1, hasPaths: true, text: 1000, entries: 64 },
  { command: 32, processes: 1, sentence: 160, advice: 1, hasPaths: true, text: 1000, entries: 64 },
  { command: 32, processes: 1, sentence: 96, advice: 1, hasPaths: true, text: 1000, entries: 64 },
  { command: 32, processes: 1, sentence: 160, advice: 1, hasPaths: false, text: 1000, entries: 64 },
  { command: 32, processes: 1, sentence: 96, advice: 1, hasPaths: false, text: 1000, entries: 64 },
  { command: 32, processes: 1, sentence: 64, advice: 1, hasPaths: false, text: 1000, entries: 64 },
  { command: 32, processes: 1, sentence: 1000, advice: 0, hasPaths: true, text: 1000, entries: 64 },
  { command: 32, processes: 1, sentence: 300, advice: 0, hasPaths: true, text: 160, entries: 16 },
  { command: 32, processes: 1, sentence: 160, advice: 0, hasPaths: true, text: 160, entries: 16 },
  { command: 32, processes: 1, sentence: 80, advice: 0, hasPaths: true, text: 96, entries: 16 },
  { command: 0, processes: 0, sentence: 160, advice: 0, hasPaths: true, text: 96, entries: 16 },
  { command: 0, processes: 0, sentence: 96, advice: 0, hasPaths: true, text: 48, entries: 12 },
  { command: 0, processes: 0, sentence: 48, advice: 0, hasPaths: true, text: 24, entries: 8 },
];

/**
 * One line in version 3 of lager's format, `{"timestamp","level","source","message","data"}`, RFC
 * 3339 with nanoseconds (lager models.go). It has at most 900 bytes: whatever does not fit is
 * shortened or left out, and `data.shortened` says so.
 * @param cell in every line, because lines of many cells end up in one place
 */
export function logLine(event: AgentEvent, cell: CellIdentity | null): string {
  const { at, level, message, handle, reason, sentence } = event;
  const data: AgentEvent['data'] = {
    ...(handle === undefined ? {} : { handle }),
    ...(reason === undefined ? {} : { reason }),
    sentence,
    ...event.data,
  };
  const lineWith = (shown: AgentEvent['data'], names: number): string =>
    jsonText({
      timestamp: nanoseconds(at),
      level,
      source: 'rollcall',
      message: cut(message, 64),
      data: { ...shown, ...(cell === null ? {} : { cell: shortCell(cell, names) }) },
    });
  const whole = lineWith(data, MAX_CELL_NAME);
  if (fits(whole)) return whole;
  const least = {
    ...(handle === undefined ? {} : { handle: cut(handle, MAX_IDENTIFIER) }),
    ...(reason === undefined ? {} : { reason }),
    ...(typeof data['severity'] === 'string' ? { severity: cut(data['severity'], 16) } : {}),
    shortened: true,
  };
  for (const bounds of SHORTER) {
    const shown = { ...shortenedEntries(data, bounds, 0), shortened: true };
    const line = lineWith(shown, Math.min(MAX_CELL_NAME, bounds.text));
    if (fits(line)) return line;
  }
  return lineWith(least, 0);
}

/** Names that are longer than BOSH makes them. */
const MAX_CELL_NAME = 64;
/** The characters of an id that BOSH makes. */
const BOSH_ID = 36;

const shortCell = (cell: CellIdentity, limit: number): CellIdentity => {
  const short = (text: string | null): string | null => (text === null ? null : cut(text, limit));
  return {
    deployment: cut(cell.deployment, limit),
    group: cut(cell.group, limit),
    index: cell.index,
    // Log pipelines join by the id, so long names of an app must not shorten it.
    id: cut(cell.id, limit === 0 ? BOSH_ID : MAX_IDENTIFIER),
    az: short(cell.az),
    ip: short(cell.ip),
  };
};

const fits = (line: string): boolean => new TextEncoder().encode(line).length <= MAX_BYTES;

const nanoseconds = (at: string): string =>
  at
    .slice(0, 40)
    .replace(/(?:\.(\d{1,9}))?Z$/, (_, digits?: string) => `.${(digits ?? '').padEnd(9, '0')}Z`);

function shortened(value: unknown, key: string, bounds: Bounds, depth: number): unknown {
  if (typeof value === 'string') return cut(value, limitOf(key, bounds));
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '…';
  if (!Array.isArray(value)) return shortenedEntries({ ...value }, bounds, depth + 1);
  const most = key === 'processes' ? bounds.processes : bounds.entries;
  return value.slice(0, most).map((item: unknown) => shortened(item, '', bounds, depth + 1));
}

const limitOf = (key: string, { command, sentence, text }: Bounds): number => {
  if (key === 'command') return command;
  if (key === 'sentence') return sentence;
  return IDENTIFIERS.has(key) ? Math.max(MAX_IDENTIFIER, text) : text;
};

const shortenedEntries = (
  entries: AgentEvent['data'],
  bounds: Bounds,
  depth: number,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(entries)
      .slice(0, bounds.entries)
      .filter(([key, value]) => key !== LINK || String(value).length <= bounds.text)
      .filter(([key]) => ADVICE.indexOf(key) < bounds.advice)
      .filter(([key]) => key !== PATHS || bounds.hasPaths)
      .map(([key, value]) => [
        cut(key, Math.min(MAX_KEY, bounds.text)),
        shortened(value, key, bounds, depth),
      ]),
  );

/** At most this many UTF-16 units, never half of a surrogate pair. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, Math.max(0, limit - 1)).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
