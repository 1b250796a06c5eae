import type { CellIdentity } from './cell-identity.ts';
import type { ConfiguredSensor } from './observation.ts';

/** lager's levels (lager models.go): there is no warn. */
export const LOG_LEVELS = ['debug', 'info', 'error', 'fatal'] as const;

/** sun_path of unix(7) has 108 bytes, and the last one is a NUL. */
export const MAX_SOCKET_PATH = 107;
/** A file name has at most 255 bytes, and the agent appends `.set-aside`. */
export const MAX_FILE_NAME = 245;

/** An absolute address without a fragment, a user or anything to escape: `#REASON` follows it. */
export const PAGE_ADDRESS =
  /^https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(\/[A-Za-z0-9._~:/?@!$&'()*+,;=%-]*)?$/;
export const MAX_PAGE_ADDRESS = 200;

/**
 * The configuration of the agent: each key with its type, default and range. The parser, its
 * messages, the type AgentConfig and the defaults of the commands follow from it, and so does what
 * `npm run generate` writes: the list in docs/agent.md, and of the BOSH job the spec of the
 * properties, their schema and the configuration in agent.json.erb.
 */
export const CONFIG = {
  garden: {
    socketPath: {
      type: 'garden-socket',
      default: '/var/vcap/data/garden/garden.sock',
      description: "Garden's socket",
      job: {
        example: '/var/vcap/sys/run/garden/garden.sock',
        note: "bpm mounts the socket's directory into the job, not the socket itself, so that the agent finds the new socket after a restart of Garden.",
      },
    },
    timeoutSeconds: {
      type: 'seconds',
      range: [1, 60],
      default: 10,
      description: 'Timeout of one request to Garden',
      job: { example: 30 },
    },
  },
  reconcile: {
    // A pass that waits 60 s for Garden begins at most 60 s after the last: alerts count on that.
    intervalSeconds: {
      type: 'seconds',
      range: [1, 60],
      default: 15,
      description: 'Longest time between two passes',
      job: { example: 60, note: 'When containers come or go, a pass starts at once.' },
    },
    gracePeriodSeconds: {
      type: 'seconds',
      range: [0, 86_400],
      default: 30,
      description: 'How long a difference must last before it becomes a finding',
      note: 'Less than 2 s is taken as 2 s. 3 times as long for `no-cgroup`, 4 times (at least 120 s) for `unowned` that rep may still remove, at least 180 s for `stuck`',
      job: {
        example: 120,
        note: 'Less than 2 seconds is taken as 2 seconds. A no-cgroup difference must last 3 times as long; an unowned one that rep can still remove, 4 times as long (at least 120 seconds); a stuck one at least 180 seconds.',
      },
    },
  },
  metrics: {
    address: {
      type: 'address',
      default: '127.0.0.1',
      description: 'IP address of /metrics and /healthz',
      note: 'must be a loopback address unless `metrics.tls` is set',
      job: {
        example: '0.0.0.0',
        note: 'An address other than loopback needs metrics.tls. prom_scraper scrapes only 127.0.0.1.',
      },
    },
    port: {
      type: 'whole',
      range: [0, 65_535],
      default: 9477,
      description: 'TCP port of /metrics and /healthz',
      note: 'if it is in use, the agent keeps running, logs this and retries',
      // Port 0, any free one, is for tests of the agent.
      job: { example: 9478, least: 1, note: 'It must be free on every cell.' },
    },
    tls: {
      type: 'tls',
      default: null,
      description: 'Paths of the certificate, its key and the CA of the clients',
      note: 'if set, only clients with a certificate of that CA are served',
      job: 'computed',
    },
  },
  status: {
    socketPath: {
      type: 'own-socket',
      default: '/var/vcap/data/rollcall/rollcall.sock',
      description: "The agent's status socket",
      note: 'mode 0660',
      // Commands, the errand and post-start ask the default.
      job: 'none',
    },
  },
  memory: {
    path: {
      type: 'own-file',
      default: '/var/vcap/data/rollcall/memory.json',
      description: 'File in which the agent remembers what it has reported',
      note: 'mode 0600',
      job: 'none',
    },
  },
  logging: {
    level: {
      type: 'level',
      default: 'info',
      description: 'Lowest log level that is written',
      job: { example: 'debug' },
    },
  },
  cell: {
    type: 'cell',
    default: null,
    description: 'BOSH identity of the cell',
    note: 'the job gets it from the Director; no property sets it',
    job: 'computed',
  },
  sensors: {
    type: 'sensors',
    default: [],
    description: 'Sensors whose event files the agent reads',
    note: '[sensors.md](sensors.md) describes the formats',
    job: {
      example: [
        {
          name: 'tracee',
          format: 'tracee',
          path: '/var/vcap/sys/log/tracee/events.json',
          grace_seconds: 60,
        },
      ],
      note: 'The file must be in a directory below /var/vcap/sys/log/, /var/vcap/data/ or /var/log/. bpm mounts that directory read-only if it exists when the agent starts, together with its siblings whose names begin with its name. docs/sensors.md describes the formats.',
    },
  },
  runbookUrl: {
    type: 'page-address',
    default: null,
    description: 'Address of your runbook',
    note: 'findings on the page and in the log then link to `ADDRESS#REASON`',
    job: {
      example: 'https://wiki.example.com/rollcall/runbook.md',
      note: 'Findings on the page and in the log then link to ADDRESS#REASON, such as https://wiki.example.com/rollcall/runbook.md#unowned.',
    },
  },
  root: {
    type: 'path',
    default: '/',
    description: 'Directory below which /proc and /sys/fs/cgroup are read',
    // Inside the job's mounts only / makes sense.
    job: 'none',
  },
} as const satisfies Readonly<Record<string, ConfigKey | ConfigSection>>;

export type ConfigSection = Readonly<Record<string, ConfigKey>>;

export type ConfigType = keyof ValueOfType;

/** One key, of any type or of one. `description` starts a sentence, and `note` continues it. */
export type ConfigKey<Type extends ConfigType = ConfigType> = {
  readonly [One in ConfigType]: {
    readonly description: string;
    readonly note?: string;
    readonly type: One;
    readonly default: ValueOfType[One];
    readonly job: JobSide;
  } & (One extends 'seconds' | 'whole'
    ? /** Least and greatest value. */ { readonly range: readonly [number, number] }
    : unknown);
}[Type];

/** How the BOSH job sets a key: by the property of that name, by its template, or not at all. */
type JobSide = JobProperty | 'computed' | 'none';

interface JobProperty {
  readonly example: unknown;
  /** Whole sentences, for the description. */
  readonly note?: string;
  /** Where the job allows less than the agent: the least value of a number. */
  readonly least?: number;
}

interface ValueOfType {
  readonly seconds: number;
  readonly whole: number;
  readonly path: string;
  /** A file that the agent writes. */
  readonly 'own-file': string;
  readonly 'own-socket': string;
  readonly 'garden-socket': string;
  readonly address: string;
  readonly level: LogLevel;
  readonly tls: TlsFiles | null;
  readonly cell: CellIdentity | null;
  readonly sensors: readonly ConfiguredSensor[];
  readonly 'page-address': string | null;
}

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface TlsFiles {
  readonly certPath: string;
  readonly keyPath: string;
  /** The authority of the clients' certificates. Clients without one get no answer. */
  readonly caPath: string;
}

/** The agent's configuration with every default filled in. */
export type AgentConfig = ValuesOf<typeof CONFIG>;

/** The values of a key, or of all keys of a section. */
export type ValuesOf<T> = T extends { readonly type: infer Type extends ConfigType }
  ? ValueOfType[Type]
  : { readonly [Key in keyof T]: ValuesOf<T[Key]> };

/** Whether an entry of the table is one key, not a section of keys. */
export const isKey = (entry: ConfigKey | ConfigSection): entry is ConfigKey =>
  typeof entry['type'] === 'string';
