import * as v from 'valibot';
import { LOG_LEVELS, type AgentConfig } from '../model/agent-config.ts';
import { oneLine } from '../model/text.ts';
import { jsonErrorAt } from './json-error.ts';

export type ParsedConfig =
  | { readonly ok: true; readonly config: AgentConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

/** sun_path of unix(7) has 108 bytes, and the last one is a NUL. */
const MAX_SOCKET_PATH = 107;
const MAX_PATH = 4095;
const MAX_SHOWN = 60;

const isNumber = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most;

const seconds = (least: number, most: number) =>
  v.custom<number>(
    (value) => isNumber(value, least, most),
    `must be a number of seconds from ${least} to ${most}`,
  );

const whole = (least: number, most: number) =>
  v.custom<number>(
    (value) => isNumber(value, least, most) && Number.isInteger(value),
    `must be a whole number from ${least} to ${most}`,
  );

const isPath = (value: unknown, most: number): boolean =>
  typeof value === 'string' &&
  value.startsWith('/') &&
  !value.includes('\0') &&
  new TextEncoder().encode(value).length <= most;

const path = v.custom<string>((value) => isPath(value, MAX_PATH), 'must be an absolute path');
/** Beside it is another one with `.set-aside` behind its name, and a name has at most 255 bytes. */
const MAX_FILE_NAME = 245;
const memoryPath = v.custom<string>(
  (value) =>
    isPath(value, MAX_PATH - 10) &&
    new TextEncoder().encode(String(value).replace(/^.*\//, '')).length <= MAX_FILE_NAME,
  `must be an absolute path of a file whose name has at most ${MAX_FILE_NAME} bytes`,
);
const socketPath = v.custom<string>(
  (value) => isPath(value, MAX_SOCKET_PATH),
  `must be an absolute path of at most ${MAX_SOCKET_PATH} bytes, as every socket's`,
);

const level = v.picklist(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`);

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object of these keys alone. Unlike strictObject it names every unknown key, not only the first, and takes no array. */
const only = <T extends v.ObjectEntries>(entries: T, message: string) =>
  v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(isObject, message),
    v.objectWithRest(
      entries,
      v.never(`is unknown; known here: ${Object.keys(entries).join(', ')}`),
    ),
  );

const section = <T extends v.ObjectEntries>(entries: T) => only(entries, 'must be an object');

const tls = v.nullable(
  only(
    { certPath: path, keyPath: path, caPath: path },
    'must be null or an object with certPath, keyPath and caPath',
  ),
);

const ip = v.pipe(v.string(), v.ip());
const isAddress = (value: unknown): value is string => v.is(ip, value);
const address = v.custom<string>(isAddress, 'must be an IP address, such as 127.0.0.1');
const isLoopback = (text: string): boolean => text === '::1' || text.startsWith('127.');

const metrics = v.pipe(
  section({
    address: v.optional(address, '127.0.0.1'),
    port: v.optional(whole(0, 65_535), 9477),
    tls: v.optional(tls, null),
  }),
  v.forward(
    v.partialCheck(
      [['address'], ['tls']],
      (given) => given.tls !== null || !isAddress(given.address) || isLoopback(given.address),
      'must be a loopback address (127.0.0.0/8 or ::1) unless metrics.tls is set: without client certificates anybody who ' +
        'reaches the port can read handles and app ids',
    ),
    ['address'],
  ),
);

const config = only(
  {
    garden: v.optional(
      section({
        socketPath: v.optional(socketPath, '/var/vcap/data/garden/garden.sock'),
        // With more, looks that wait for a Garden that hangs are too far apart for its alert: thresholds.ts, freshSeconds.
        timeoutSeconds: v.optional(seconds(1, 60), 10),
      }),
      {},
    ),
    reconcile: v.optional(
      section({
        intervalSeconds: v.optional(seconds(1, 3600), 15),
        gracePeriodSeconds: v.optional(seconds(0, 86_400), 30),
      }),
      {},
    ),
    metrics: v.optional(metrics, {}),
    status: v.optional(
      section({ socketPath: v.optional(socketPath, '/var/vcap/data/rollcall/rollcall.sock') }),
      {},
    ),
    memory: v.optional(
      section({ path: v.optional(memoryPath, '/var/vcap/data/rollcall/memory.json') }),
      {},
    ),
    findings: v.optional(section({ maxSeries: v.optional(whole(0, 20), 20) }), {}),
    logging: v.optional(section({ level: v.optional(level, 'info') }), {}),
    root: v.optional(path, '/'),
  },
  'must be a JSON object',
);

/**
 * The agent's configuration file. Everything that is wrong is said at once, each with its dotted key, what is allowed and
 * what was given.
 */
export function parseAgentConfig(text: string): ParsedConfig {
  const error = jsonErrorAt(text);
  if (error !== null) {
    const { line, column } = error;
    const problem = `The configuration is no JSON: it goes wrong at line ${line}, column ${column}.`;
    return { ok: false, problems: [problem] };
  }
  const value: unknown = JSON.parse(text);
  const parsed = v.safeParse(config, value);
  if (parsed.success) return { ok: true, config: parsed.output };
  return { ok: false, problems: parsed.issues.map(problemOf) };
}

function problemOf({ path: place, message, input, type }: v.BaseIssue<unknown>): string {
  const keys = place ?? [];
  const name = nameOf(keys.map(({ key }) => String(key)));
  // A missing key is told by the object around it, in valibot's own words.
  if (input === undefined) return `${name} is missing.`;
  if (type === 'never') return `${name} ${message}.`;
  // The input of the check of two keys together is the object that holds them.
  const given = keys.at(-1)?.value ?? input;
  return `${name} ${message}, not ${oneLine(JSON.stringify(given), MAX_SHOWN)}.`;
}

const nameOf = (keys: readonly string[]): string =>
  keys.length === 0 ? 'The configuration' : oneLine(keys.join('.'), 120);
