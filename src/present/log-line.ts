import type { LogLevel } from '../model/agent-config.ts';
import { oneLine } from '../model/one-line.ts';
import { jsonText } from './json-text.ts';

export interface LogRecord {
  /** RFC 3339 UTC with milliseconds. */
  readonly at: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Longer lines are cut on their way through syslog. */
const MOST_BYTES = 900;

/** What is given up, in this order, until the line fits; the sentence is kept as long as it can. */
const SHORTER: readonly ((data: LogRecord['data']) => LogRecord['data'])[] = [
  (data) => data,
  (data) => shortened(data, { longest: 64, most: 5 }),
  (data) => shortened(data, { longest: 64, most: 2 }),
  (data) => shortened(data, { longest: 32, most: 1 }),
  (data) => shortened(without(data, ['cgroups']), { longest: 64, most: 1 }),
  (data) => shortened(without(data, ['cgroups', 'processes', 'mounts']), { longest: 64, most: 0 }),
  ({ handle }) => (typeof handle === 'string' ? { handle: oneLine(handle, 64) } : {}),
];

/**
 * One line of lager's version 3: `{"timestamp","level","source","message","data"}`, RFC 3339 with nanoseconds (lager
 * models.go). Never more than 900 bytes: what does not fit is shortened or left out, and the line says so.
 */
export function logLine(record: LogRecord): string {
  for (const [step, shorten] of SHORTER.entries()) {
    const data = shorten(record.data);
    const line = jsonText({
      timestamp: record.at.replace(
        /(\.\d{3})?Z$/,
        (_, fraction?: string) => `${fraction ?? '.000'}000000Z`,
      ),
      level: record.level,
      source: 'rollcall',
      message: record.message,
      data: step === 0 ? data : { ...data, shortened: true },
    });
    if (new TextEncoder().encode(line).length <= MOST_BYTES) return line;
  }
  return jsonText({
    level: record.level,
    source: 'rollcall',
    message: oneLine(record.message, 100),
  });
}

const without = (data: LogRecord['data'], keys: readonly string[]): LogRecord['data'] =>
  Object.fromEntries(Object.entries(data).filter(([key]) => !keys.includes(key)));

interface Bounds {
  readonly longest: number;
  readonly most: number;
}

const LONGEST_SENTENCE = 300;

const shortened = (data: LogRecord['data'], bounds: Bounds): LogRecord['data'] =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      shorter(value, key === 'sentence' ? { ...bounds, longest: LONGEST_SENTENCE } : bounds),
    ]),
  );

function shorter(value: unknown, bounds: Bounds): unknown {
  if (typeof value === 'string') return oneLine(value, bounds.longest);
  if (Array.isArray(value)) return value.slice(0, bounds.most).map((item) => shorter(item, bounds));
  if (typeof value === 'object' && value !== null) return shortened({ ...value }, bounds);
  return value;
}
