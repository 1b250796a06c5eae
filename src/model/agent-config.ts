import type { CellIdentity } from './cell-identity.ts';
import type { StandingAcknowledgement } from './acknowledgement.ts';
import type { ConfiguredSensor } from './observation.ts';

/** lager's levels (lager models.go): there is no warn. */
export const LOG_LEVELS = ['debug', 'info', 'error', 'fatal'] as const;

/** sun_path of unix(7) has 108 bytes, and the last one is a NUL. */
export const MAX_SOCKET_PATH = 107;

/**
 * An absolute address without a fragment, a user or anything to escape: `#REASON` is appended to
 * it. The schema and the template of the job have the same pattern.
 */
export const PAGE_ADDRESS =
  /^https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(\/[A-Za-z0-9._~:/?@!$&'()*+,;=%-]*)?$/;
export const MAX_PAGE_ADDRESS = 200;

/**
 * The configuration of the agent: each key with its type, default and range. The schema, its
 * messages, the type AgentConfig, docs/agent.md and the defaults of the commands follow
 * from it. spec/rollcall/configuration.test.ts compares the properties of the job with it; the
 * description of a property in jobs/rollcall/spec begins with the one here.
 */
export const CONFIG = {
  garden: {
    socketPath: {
      type: 'socket-path',
      default: '/var/vcap/data/garden/garden.sock',
      description: "Garden's socket",
    },
    timeoutSeconds: {
      type: 'seconds',
      range: [1, 60],
      default: 10,
      description: 'Timeout of one request to Garden',
    },
  },
  reconcile: {
    // A pass that waits 60 seconds for Garden begins at most 60 seconds after the one before. If
    // they were further apart, the alerts would take a working agent for a silent one.
    intervalSeconds: {
      type: 'seconds',
      range: [1, 60],
      default: 15,
      description: 'Longest time between two passes',
    },
    gracePeriodSeconds: {
      type: 'seconds',
      range: [0, 86_400],
      default: 30,
      description: 'How long a difference must last before it becomes a finding',
      note: '3 times as long for `no-cgroup`, 4 times (at least 120 s) for `unowned` that rep may still remove',
    },
  },
  metrics: {
    address: {
      type: 'address',
      default: '127.0.0.1',
      description: 'IP address of /metrics and /healthz',
      note: 'must be a loopback address unless `metrics.tls` is set',
    },
    port: {
      type: 'whole',
      range: [0, 65_535],
      default: 9477,
      description: 'TCP port of /metrics and /healthz',
      note: 'if it is in use, the agent keeps running, logs this and retries',
    },
    tls: {
      type: 'tls',
      default: null,
      description: 'Paths of the certificate, its key and the CA of the clients',
      note: 'if set, only clients with a certificate of that CA are served',
    },
  },
  status: {
    socketPath: {
      type: 'socket-path',
      default: '/var/vcap/data/rollcall/rollcall.sock',
      description: "The agent's status socket",
      note: 'mode 0660',
    },
  },
  memory: {
    path: {
      type: 'file-path',
      default: '/var/vcap/data/rollcall/memory.json',
      description: 'File in which the agent remembers what it has reported',
      note: 'mode 0600',
    },
  },
  findings: {
    maxSeries: {
      type: 'whole',
      range: [0, 20],
      default: 20,
      description: 'How many untracked containers of a cell have a series of their own',
    },
  },
  logging: {
    level: { type: 'level', default: 'info', description: 'Lowest log level that is written' },
  },
  cell: {
    type: 'cell',
    default: null,
    description: 'BOSH identity of the cell',
    note: 'the job gets it from the Director; no property sets it',
  },
  sensors: {
    type: 'sensors',
    default: [],
    description: 'Sensors whose event files the agent reads',
    note: '[sensors.md](sensors.md) describes the formats',
  },
  acknowledged: {
    type: 'acknowledgements',
    default: [],
    description: 'Handles and apps whose findings are acknowledged',
    note: 'see the [runbook](runbook.md#acknowledge-a-finding)',
  },
  runbookUrl: {
    type: 'page-address',
    default: null,
    description: 'Address of your runbook',
    note: 'findings on the page and in the log then link to `ADDRESS#REASON`',
  },
  root: {
    type: 'path',
    default: '/',
    description: 'Directory below which /proc and /sys/fs/cgroup are read',
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
  } & (One extends 'seconds' | 'whole'
    ? /** Least and greatest value. */ { readonly range: readonly [number, number] }
    : unknown);
}[Type];

interface ValueOfType {
  readonly seconds: number;
  readonly whole: number;
  readonly path: string;
  readonly 'file-path': string;
  readonly 'socket-path': string;
  readonly address: string;
  readonly level: LogLevel;
  readonly tls: TlsFiles | null;
  readonly cell: CellIdentity | null;
  readonly sensors: readonly ConfiguredSensor[];
  readonly acknowledgements: readonly StandingAcknowledgement[];
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
