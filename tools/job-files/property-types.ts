import {
  LOG_LEVELS,
  MAX_PAGE_ADDRESS,
  MAX_SOCKET_PATH,
  PAGE_ADDRESS,
  type ConfigType,
} from '../../src/model/agent-config.ts';
import {
  DEFAULT_GRACE_SECONDS,
  MAX_CONFIGURED_SENSORS,
  SENSOR_FORMATS,
  SENSOR_GRACE_RANGE,
  SENSOR_NAME,
} from '../../src/model/observation.ts';

type Range = readonly [number, number];

/** How the job describes and checks the values of one type. */
interface PropertyType {
  /** Continues the first sentence of the description; empty: nothing. */
  readonly allowed: (range: Range) => string;
  /** JSON Schema, without the default. */
  readonly schema: (range: Range) => Readonly<Record<string, unknown>>;
  /** The arguments after the name, for the lambda of agent.json.erb that is named after the type. */
  readonly ruby: (range: Range) => readonly string[];
}

/** Every type of which the job has a property. */
export const PROPERTY_TYPES: Readonly<
  Record<Exclude<ConfigType, 'path' | 'own-file' | 'own-socket' | 'tls' | 'cell'>, PropertyType>
> = {
  seconds: {
    allowed: (range) => `in seconds, ${fromTo(range)}`,
    schema: ([minimum, maximum]) => ({ type: 'number', minimum, maximum }),
    ruby: rubyRange,
  },
  whole: {
    allowed: fromTo,
    schema: ([minimum, maximum]) => ({ type: 'integer', minimum, maximum }),
    ruby: rubyRange,
  },
  'garden-socket': {
    allowed: () => 'below /var/vcap/data or /var/vcap/sys/run',
    schema: () => ({
      type: 'string',
      pattern: '^/var/vcap/(data|sys/run)/',
      maxLength: MAX_SOCKET_PATH,
    }),
    ruby: () => [`${MAX_SOCKET_PATH}`],
  },
  address: { allowed: () => '', schema: () => ({ type: 'string' }), ruby: () => [] },
  level: {
    allowed: () => `one of ${listed(LOG_LEVELS, 'and')}`,
    schema: () => ({ enum: LOG_LEVELS }),
    ruby: () => [rubyWords(LOG_LEVELS)],
  },
  'page-address': {
    allowed: () => `https:// or http://, at most ${MAX_PAGE_ADDRESS} characters and without a #`,
    schema: () => ({
      type: ['string', 'null'],
      pattern: PAGE_ADDRESS.source.replaceAll('\\/', '/'),
      maxLength: MAX_PAGE_ADDRESS,
    }),
    ruby: () => [rubyPattern(PAGE_ADDRESS), `${MAX_PAGE_ADDRESS}`],
  },
  sensors: {
    allowed: () =>
      `at most ${MAX_CONFIGURED_SENSORS}, each with name, format (${listed(SENSOR_FORMATS, 'or')}), path and grace_seconds (${DEFAULT_GRACE_SECONDS} by default)`,
    schema: () => ({
      type: 'array',
      maxItems: MAX_CONFIGURED_SENSORS,
      items: {
        type: 'object',
        properties: {
          name: { type: 'string', pattern: SENSOR_NAME.source },
          format: { enum: SENSOR_FORMATS },
          path: {
            type: 'string',
            pattern:
              '^(/var/vcap/sys/log|/var/vcap/data|/var/log)(/[A-Za-z0-9_-][A-Za-z0-9._-]*){2,}$',
          },
          grace_seconds: {
            type: 'number',
            minimum: SENSOR_GRACE_RANGE[0],
            maximum: SENSOR_GRACE_RANGE[1],
            default: DEFAULT_GRACE_SECONDS,
          },
        },
        required: ['name', 'format', 'path'],
        additionalProperties: false,
      },
    }),
    ruby: () => [
      `most: ${MAX_CONFIGURED_SENSORS}`,
      `named: ${rubyPattern(SENSOR_NAME)}`,
      `formats: ${rubyWords(SENSOR_FORMATS)}`,
      `graces: ${SENSOR_GRACE_RANGE.join('..')}`,
      `grace: ${DEFAULT_GRACE_SECONDS}`,
    ],
  },
};

function fromTo([least, most]: Range): string {
  return `from ${least} to ${most}`;
}

const listed = (words: readonly string[], last: 'and' | 'or'): string =>
  `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1) ?? ''}`;

function rubyRange(range: Range): readonly string[] {
  return range.map(String);
}

const rubyWords = (words: readonly string[]): string => `%w[${words.join(' ')}]`;

/** In Ruby, `^` and `$` are the ends of a line. */
const rubyPattern = ({ source }: RegExp): string =>
  `%r{${source.replace(/^\^/, '\\A').replace(/\$$/, '\\z').replaceAll('\\/', '/')}}`;
