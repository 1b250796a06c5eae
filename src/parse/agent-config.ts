import { CONFIG, isKey, type AgentConfig, type ConfigKey } from '../model/agent-config.ts';
import { object, type Allowed, type JsonType } from '../model/allowed.ts';
import type { CellIdentity } from '../model/cell-identity.ts';
import { oneLine } from '../model/text.ts';
import { jsonErrorAt, parseJson } from './json.ts';

export type ParsedConfig =
  | { readonly ok: true; readonly config: AgentConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

const MAX_SHOWN = 60;

/** Parses the agent's configuration. Each problem names the key, what is allowed and given. */
export function parseAgentConfig(text: string): ParsedConfig {
  const error = jsonErrorAt(text);
  if (error !== null) {
    const { line, column } = error;
    const problem = `The configuration is not valid JSON (line ${line}, column ${column}).`;
    return { ok: false, problems: [problem] };
  }
  const problems: string[] = [];
  const config = complete(wholeConfig(), JSON.parse(text), { name: '', problems });
  if (!isComplete(config, problems)) return { ok: false, problems };
  const broken = brokenRules(config);
  return broken.length === 0 ? { ok: true, config } : { ok: false, problems: broken };
}

/** Null if it does not say. The other keys may be those of another version. */
export function cellIdentityIn(text: string): CellIdentity | null {
  const value = parseJson(text);
  if (!isObject(value)) return null;
  const problems: string[] = [];
  const config = complete(wholeConfig(), { cell: value['cell'] }, { name: '', problems });
  return isComplete(config, problems) ? config.cell : null;
}

const isComplete = (_config: unknown, problems: readonly string[]): _config is AgentConfig =>
  problems.length === 0;

function wholeConfig(): Allowed {
  const withDefault = (key: ConfigKey): Allowed => ({ ...key.allowed, default: key.default });
  const entries = Object.entries(CONFIG).map(([name, entry]) => {
    if (isKey(entry)) return [name, withDefault(entry)] as const;
    const keys = Object.entries<ConfigKey>(entry).map(([key, one]) => [key, withDefault(one)]);
    const section = object('an object', Object.fromEntries(keys));
    return [name, { ...section, default: {} }] as const;
  });
  return object('a JSON object', Object.fromEntries(entries));
}

interface Place {
  /** `a.b.0`; empty for the whole configuration. */
  readonly name: string;
  /** Gets what is wrong. */
  readonly problems: string[];
}

/** The value with the defaults of the keys that it lacks. */
function complete(allowed: Allowed, value: unknown, place: Place): unknown {
  if (!isAllowed(allowed, value)) {
    place.problems.push(mustBe(place.name, allowedText(allowed), value));
    return value;
  }
  const { items, properties } = allowed;
  if (items !== undefined && Array.isArray(value))
    return value.map((one: unknown, at) => complete(items, one, below(place, `${at}`)));
  if (properties === undefined || !isObject(value)) return value;
  const keys = Object.entries(properties).map(([key, one]) => {
    const given = Object.hasOwn(value, key) ? value[key] : one.default;
    if (given !== undefined) return [key, complete(one, given, below(place, key))] as const;
    place.problems.push(`${nameOf(below(place, key).name)} is missing.`);
    return [key, null] as const;
  });
  const known = Object.keys(properties);
  for (const key of Object.keys(value).filter((one) => !known.includes(one))) {
    const name = nameOf(below(place, key).name);
    place.problems.push(`${name} is unknown; known keys: ${known.join(', ')}.`);
  }
  return Object.fromEntries(keys);
}

const below = ({ name, problems }: Place, key: string): Place => ({
  name: name === '' ? key : `${name}.${key}`,
  problems,
});

const nameOf = (name: string): string => (name === '' ? 'The configuration' : oneLine(name, 120));

const mustBe = (name: string, allowed: string, value: unknown): string =>
  `${nameOf(name)} must be ${allowed}, not ${oneLine(JSON.stringify(value), MAX_SHOWN)}.`;

/** Completes "must be" in problems and docs. */
export const allowedText = ({ type = [], description }: Allowed): string =>
  type.includes('null') ? `null or ${description}` : description;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const IS_OF_TYPE: Readonly<Record<JsonType, (value: unknown) => boolean>> = {
  array: Array.isArray,
  integer: Number.isSafeInteger,
  null: (value) => value === null,
  number: Number.isFinite,
  object: isObject,
  string: (value) => typeof value === 'string',
};

/** As JSON Schema has it, but for what is in a list or an object. */
function isAllowed(allowed: Allowed, value: unknown): boolean {
  if (allowed.enum !== undefined) return allowed.enum.includes(value);
  if (![allowed.type ?? []].flat().some((type) => IS_OF_TYPE[type](value))) return false;
  const { minimum = -Infinity, maximum = Infinity, maxLength = Infinity, pattern = '' } = allowed;
  if (typeof value === 'number') return value >= minimum && value <= maximum;
  if (typeof value === 'string')
    return bytesOf(value) <= maxLength && new RegExp(pattern, 'u').test(value);
  return !Array.isArray(value) || value.length <= (allowed.maxItems ?? Infinity);
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** What one value alone cannot break. */
function brokenRules({ metrics, sensors }: AgentConfig): readonly string[] {
  const { address, tls } = metrics;
  const isLoopback = address === '::1' || address.startsWith('127.');
  const loopback =
    'a loopback address (127.0.0.0/8 or ::1) unless metrics.tls is set: without client certificates, anybody who reaches ' +
    'the port can read handles and app ids';
  const isEachOnce = (values: readonly string[]): boolean => new Set(values).size === values.length;
  // Metrics and the memory identify a sensor by its name, the reader a file by its path.
  const areSensorsDistinct =
    isEachOnce(sensors.map(({ name }) => name)) && isEachOnce(sensors.map(({ path }) => path));
  return [
    ...(isLoopback || tls !== null ? [] : [mustBe('metrics.address', loopback, address)]),
    ...(areSensorsDistinct ? [] : ['sensors must have each name and each path once.']),
  ];
}
