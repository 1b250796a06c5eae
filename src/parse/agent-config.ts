import * as v from 'valibot';
import {
  CONFIG,
  isKey,
  LOG_LEVELS,
  MAX_FILE_NAME,
  MAX_PAGE_ADDRESS,
  MAX_SOCKET_PATH,
  PAGE_ADDRESS,
  type AgentConfig,
  type ConfigKey,
  type ConfigSection,
  type ConfigType,
  type ValuesOf,
} from '../model/agent-config.ts';
import { MAX_IDENTITY_TEXT, type CellIdentity } from '../model/cell-identity.ts';
import {
  DEFAULT_GRACE_SECONDS,
  MAX_CONFIGURED_SENSORS,
  SENSOR_FORMATS,
  SENSOR_GRACE_RANGE,
  SENSOR_NAME,
} from '../model/observation.ts';
import { jsonErrorAt, parseJson } from './json.ts';
import { isPrintable, oneLine } from '../model/text.ts';

export type ParsedConfig =
  | { readonly ok: true; readonly config: AgentConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

const MAX_PATH = 4095;
const MAX_SHOWN = 60;

/** Parses the agent's configuration. Each problem names the key, what is allowed and given. */
export function parseAgentConfig(text: string): ParsedConfig {
  const error = jsonErrorAt(text);
  if (error !== null) {
    const { line, column } = error;
    const problem = `The configuration is not valid JSON (line ${line}, column ${column}).`;
    return { ok: false, problems: [problem] };
  }
  const value: unknown = JSON.parse(text);
  const parsed = v.safeParse(configSchema(), value);
  if (parsed.success) return { ok: true, config: parsed.output };
  return { ok: false, problems: parsed.issues.map(problemOf) };
}

function problemOf({ path: place, message, input, type }: v.BaseIssue<unknown>): string {
  const keys = place ?? [];
  const name = nameOf(keys.map(({ key }) => String(key)));
  // valibot reports a missing key at the object around it, with that object's message.
  if (input === undefined) return `${name} is missing.`;
  if (type === 'never') return `${name} ${message}.`;
  // A check of two keys gets the object that holds them as its input.
  const given = keys.at(-1)?.value ?? input;
  return `${name} ${message}, not ${oneLine(JSON.stringify(given), MAX_SHOWN)}.`;
}

const nameOf = (keys: readonly string[]): string =>
  keys.length === 0 ? 'The configuration' : oneLine(keys.join('.'), 120);

const isNumberIn = ([least, most]: readonly [number, number], value: unknown): boolean =>
  typeof value === 'number' && value >= least && value <= most;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const isPath = (value: unknown, most: number): boolean =>
  typeof value === 'string' &&
  value.startsWith('/') &&
  isPrintable(value) &&
  bytesOf(value) <= most;

// IPv4 first: the one pattern of `v.ip` contains that of IPv6, which takes 1.4 ms to compile.
const ip = v.union([v.pipe(v.string(), v.ipv4()), v.pipe(v.string(), v.ipv6())]);
const isAddress = (value: unknown): value is string => v.is(ip, value);
const isLoopback = (text: string): boolean => text === '::1' || text.startsWith('127.');

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Unlike strictObject, this names every unknown key and rejects an array. */
const only = (entries: v.ObjectEntries, message: string) =>
  v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(isRecord, message),
    v.objectWithRest(
      entries,
      v.never(`is unknown; known keys: ${Object.keys(entries).join(', ')}`),
    ),
  );

const isPlainPath = (value: unknown): boolean => isPath(value, MAX_PATH);
const path = v.custom(isPlainPath, 'must be an absolute path without control characters');

const isTextUpTo = (most: number, value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= most;

const identityText = v.custom<string>(
  (value) => isTextUpTo(MAX_IDENTITY_TEXT, value),
  `must be a text of 1 to ${MAX_IDENTITY_TEXT} characters`,
);
const identityTextOrNull = v.custom<string | null>(
  (value) => value === null || isTextUpTo(MAX_IDENTITY_TEXT, value),
  `must be null or a text of 1 to ${MAX_IDENTITY_TEXT} characters`,
);

const identity = {
  deployment: identityText,
  group: identityText,
  index: v.custom<number>(
    (value) => Number.isSafeInteger(value) && Number(value) >= 0,
    'must be a whole number',
  ),
  id: identityText,
  az: identityTextOrNull,
  ip: identityTextOrNull,
};

const jobConfig = v.object({ cell: v.nullable(v.strictObject(identity)) });

/** Null if it does not say. The other keys may be those of another version. */
export function cellIdentityIn(text: string): CellIdentity | null {
  const parsed = v.safeParse(jobConfig, parseJson(text));
  return parsed.success ? parsed.output.cell : null;
}

const sensorEntry: v.GenericSchema = only(
  {
    name: v.custom(
      (value) => typeof value === 'string' && SENSOR_NAME.test(value),
      'must be lower case letters, digits and hyphens, at most 32 of them',
    ),
    format: v.custom(
      (value) => SENSOR_FORMATS.some((format) => format === value),
      `must be one of ${SENSOR_FORMATS.join(', ')}`,
    ),
    path,
    graceSeconds: v.optional(
      v.custom(
        (value) => isNumberIn(SENSOR_GRACE_RANGE, value),
        `must be a number of seconds from ${SENSOR_GRACE_RANGE.join(' to ')}`,
      ),
      DEFAULT_GRACE_SECONDS,
    ),
  },
  'must be an object',
);

/** Metrics and the memory identify a sensor by its name, the reader a file by its path. */
const isEachOnce = (sensors: readonly unknown[]): boolean =>
  ['name', 'path'].every((key) => {
    const values = sensors.map((one) => (isRecord(one) ? one[key] : one));
    return new Set(values).size === sensors.length;
  });

/** How the values of one type are described and checked. */
interface ValueType<Key> {
  /** Completes "must be" in problems and docs. */
  readonly allowed: (key: Key) => string;
  /** The message is "must be" with what is allowed. */
  readonly schema: (message: string, key: Key) => v.GenericSchema;
}

/** For a type whose values one function judges. */
const judged =
  (isAllowed: (value: unknown) => boolean): ValueType<unknown>['schema'] =>
  (message) =>
    v.custom(isAllowed, message);

const socketPath: ValueType<unknown> = {
  allowed: () =>
    `an absolute path without control characters, of at most ${MAX_SOCKET_PATH} bytes (the limit for sockets)`,
  schema: judged((value) => isPath(value, MAX_SOCKET_PATH)),
};

const VALUE_TYPES: { readonly [Type in ConfigType]: ValueType<ConfigKey<Type>> } = {
  seconds: {
    allowed: ({ range: [least, most] }) => `a number of seconds from ${least} to ${most}`,
    schema: (message, { range }) => v.custom((value) => isNumberIn(range, value), message),
  },
  whole: {
    allowed: ({ range: [least, most] }) => `a whole number from ${least} to ${most}`,
    schema: (message, { range }) =>
      v.custom((value) => isNumberIn(range, value) && Number.isInteger(value), message),
  },
  path: {
    allowed: () => 'an absolute path without control characters',
    schema: judged(isPlainPath),
  },
  'own-file': {
    allowed: () =>
      `an absolute path without control characters, of a file whose name has at most ${MAX_FILE_NAME} bytes`,
    schema: judged((value) => {
      const name = String(value).replace(/^.*\//, '');
      return isPath(value, MAX_PATH - '.set-aside'.length) && bytesOf(name) <= MAX_FILE_NAME;
    }),
  },
  'own-socket': socketPath,
  'garden-socket': socketPath,
  address: { allowed: () => 'an IP address, such as 127.0.0.1', schema: judged(isAddress) },
  level: {
    allowed: () => `one of ${LOG_LEVELS.join(', ')}`,
    schema: judged((value) => LOG_LEVELS.some((level) => level === value)),
  },
  'page-address': {
    allowed: () =>
      `null or an address that begins with https:// or http://, of at most ${MAX_PAGE_ADDRESS} characters and without a #`,
    schema: judged(
      (value) =>
        value === null || (isTextUpTo(MAX_PAGE_ADDRESS, value) && PAGE_ADDRESS.test(value)),
    ),
  },
  tls: {
    allowed: () => 'null or an object with certPath, keyPath and caPath',
    schema: (message) => v.nullable(only({ certPath: path, keyPath: path, caPath: path }, message)),
  },
  cell: {
    allowed: () =>
      'null or an object with deployment, group, index, id, az and ip (az and ip may be null)',
    schema: (message) => v.nullable(only(identity, message)),
  },
  sensors: {
    allowed: () =>
      `a list of at most ${MAX_CONFIGURED_SENSORS} objects with name, format (one of ${SENSOR_FORMATS.join(', ')}), path and graceSeconds (${DEFAULT_GRACE_SECONDS} by default)`,
    schema: (message) =>
      v.pipe(
        v.array(sensorEntry, message),
        v.maxLength(MAX_CONFIGURED_SENSORS, message),
        v.check((list) => isEachOnce(list), 'must have each name and each path once'),
      ),
  },
};

/** The allowed values of a key, to complete "must be" in problems and docs. */
export const allowed = <Type extends ConfigType>(key: ConfigKey<Type>): string =>
  VALUE_TYPES[key.type].allowed(key);

const valueSchema = <Type extends ConfigType>(key: ConfigKey<Type>): v.GenericSchema =>
  VALUE_TYPES[key.type].schema(`must be ${allowed(key)}`, key);

/** Gives a type to a schema that was built from the table. The last step checks nothing. */
const typed = <T>(schema: v.GenericSchema) =>
  v.pipe(
    schema,
    v.custom<T>(() => true),
  );

const sectionSchema = <T extends ConfigSection>(keys: T) =>
  typed<ValuesOf<T>>(
    only(
      Object.fromEntries(
        Object.entries(keys).map(([name, key]) => [
          name,
          v.optional(valueSchema(key), key.default),
        ]),
      ),
      'must be an object',
    ),
  );

const metricsSchema = () =>
  v.pipe(
    sectionSchema(CONFIG.metrics),
    v.forward(
      v.partialCheck(
        [['address'], ['tls']],
        (given) => given.tls !== null || !isAddress(given.address) || isLoopback(given.address),
        'must be a loopback address (127.0.0.0/8 or ::1) unless metrics.tls is set: without client certificates, anybody ' +
          'who reaches the port can read handles and app ids',
      ),
      ['address'],
    ),
  );

const configSchema = () =>
  typed<AgentConfig>(
    only(
      Object.fromEntries(
        Object.entries<ConfigKey | ConfigSection>(CONFIG).map(
          ([name, entry]): [string, v.GenericSchema] => {
            if (isKey(entry)) return [name, v.optional(valueSchema(entry), entry.default)];
            return [
              name,
              v.optional(name === 'metrics' ? metricsSchema() : sectionSchema(entry), {}),
            ];
          },
        ),
      ),
      'must be a JSON object',
    ),
  );
