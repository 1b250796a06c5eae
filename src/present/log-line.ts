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

/** How much of a record fits is tried from all of it to the bare message. */
const SHORTER: readonly ((data: LogRecord['data']) => LogRecord['data'])[] = [
  (data) => data,
  (data) => shortened(data, 64, 5),
  (data) => shortened(data, 48, 2),
  (data) => shortened(without(data, ['cgroups']), 48, 1),
  (data) => shortened(without(data, ['cgroups', 'processes', 'mounts']), 160, 0),
  (data) => shortened(without(data, ['cgroups', 'processes', 'mounts']), 64, 0),
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

function shortened(data: LogRecord['data'], longest: number, most: number): LogRecord['data'] {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, shorter(value, longest, most)]),
  );
}

function shorter(value: unknown, longest: number, most: number): unknown {
  if (typeof value === 'string') return oneLine(value, longest);
  if (Array.isArray(value)) return value.slice(0, most).map((item) => shorter(item, longest, most));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, shorter(item, longest, most)]),
    );
  }
  return value;
}
