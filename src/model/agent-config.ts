import {
  choice,
  list,
  object,
  orNull,
  seconds,
  text,
  whole,
  type Allowed,
  type ValueOf,
} from './allowed.ts';
import type { CellIdentity } from './cell-identity.ts';
import { SENSOR_FORMATS, type ConfiguredSensor } from './observation.ts';

/** lager's levels (lager models.go): there is no warn. */
const LOG_LEVELS = ['debug', 'info', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** sun_path of unix(7) has 108 bytes, and the last one is a NUL. */
export const MAX_SOCKET_PATH = 107;
/** The kernel's PATH_MAX without its NUL. */
const MAX_PATH = { maxLength: 4095 };

/** Without control and format characters, separators of lines, and surrogates. */
const ABSOLUTE_PATH = /^\/[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u;

const path = text('an absolute path without control characters', ABSOLUTE_PATH, MAX_PATH);

const socketPath = text(
  `an absolute path without control characters, of at most ${MAX_SOCKET_PATH} bytes (the limit for sockets)`,
  ABSOLUTE_PATH,
  { maxLength: MAX_SOCKET_PATH },
);

/** A file that the agent writes. A file name has at most 255 bytes, and the agent appends `.set-aside`. */
const ownFile = text(
  'an absolute path without control characters, of a file whose name has at most 245 bytes, all ASCII',
  /^\/([^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*\/)?[ -.0-~]{1,245}$/u,
  { maxLength: MAX_PATH.maxLength - '.set-aside'.length },
);

/**
 * bpm mounts the socket's directory. It refuses to start the job if the path is not canonical or is
 * outside /var/vcap, and /var/vcap/data itself would expose the data of every job of the cell.
 */
const gardenSocketOfJob = text(
  `a path in a directory of Garden below /var/vcap/data or /var/vcap/sys/run, without // or /., of at most ${MAX_SOCKET_PATH} printable ASCII characters`,
  /^(?!\/var\/vcap\/data\/rollcall\/)\/var\/vcap\/(data|sys\/run)(\/(?!\.{1,2}(\/|$))[ -.0-~]+){2,}$/,
  { maxLength: MAX_SOCKET_PATH },
);

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const GROUP = '[0-9A-Fa-f]{1,4}';
const IPV4 = String.raw`(${OCTET}\.){3}${OCTET}`;
/** Eight groups; or fewer and one `::`, which then stands for at least two. */
const IPV6 = `(${GROUP}:){7}${GROUP}|(?!([^:]*:){8})((${GROUP}:)*${GROUP})?::((${GROUP}:)*${GROUP})?`;
const address = text('an IP address, such as 127.0.0.1', new RegExp(`^(${IPV4}|${IPV6})$`));

/** An absolute address without a fragment, a user or anything to escape: `#REASON` follows it. */
const pageAddress = text(
  'an address that begins with https:// or http://, of at most 200 characters and without a #',
  /^https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(\/[A-Za-z0-9._~:/?@!$&'()*+,;=%-]*)?$/,
  { maxLength: 200 },
);

const tlsFiles = object('an object with certPath, keyPath and caPath', {
  certPath: path,
  keyPath: path,
  /** The authority of the clients' certificates. Clients without one get no answer. */
  caPath: path,
});
export type TlsFiles = ValueOf<typeof tlsFiles>;

/** BOSH gives no longer names. */
const MAX_IDENTITY_TEXT = 255;
const identityText = text(
  `a text of 1 to ${MAX_IDENTITY_TEXT} characters`,
  new RegExp(String.raw`^[\s\S]{1,${MAX_IDENTITY_TEXT}}$`),
);
const cellIdentity: Allowed<CellIdentity> = object(
  'an object with deployment, group, index, id, az and ip (az and ip may be null)',
  {
    deployment: identityText,
    group: identityText,
    index: whole(0, Number.MAX_SAFE_INTEGER),
    id: identityText,
    az: orNull(identityText),
    ip: orNull(identityText),
  },
);

const sensorKeys = {
  name: text(
    'lower case letters, digits and hyphens, at most 32 of them',
    /^[a-z0-9][a-z0-9-]{0,31}$/,
  ),
  format: choice(SENSOR_FORMATS),
};
const sensorGrace = { ...seconds(1, 86_400), default: 120 };

/** @param grace the name of that key */
function sensorList<T>(sensor: Allowed<T>, grace: string): Allowed<readonly T[]> {
  const most = 4;
  const keys = `name, format (${sensorKeys.format.description}), path and ${grace} (${sensorGrace.default} by default)`;
  return list(`a list of at most ${most} objects with ${keys}`, sensor, most);
}

const sensors: Allowed<readonly ConfiguredSensor[]> = sensorList(
  object('an object with name, format, path and graceSeconds', {
    ...sensorKeys,
    path,
    graceSeconds: sensorGrace,
  }),
  'graceSeconds',
);

/** bpm mounts the directory of each file. */
const eventFileOfJob = text(
  'a file in a directory below /var/vcap/sys/log/, /var/vcap/data/ or /var/log/',
  /^(\/var\/vcap\/sys\/log|\/var\/vcap\/data|\/var\/log)(\/[A-Za-z0-9_-][A-Za-z0-9._-]*){2,}$/,
  MAX_PATH,
);
const sensorsOfJob = sensorList(
  object('an object with name, format, path and grace_seconds', {
    ...sensorKeys,
    path: eventFileOfJob,
    grace_seconds: sensorGrace,
  }),
  'grace_seconds',
);

/** One key of the configuration. */
export interface ConfigKey<T = unknown> {
  /** Half a sentence; what is allowed ends it. */
  readonly description: string;
  /** More sentences. */
  readonly note?: string;
  readonly allowed: Allowed<T>;
  readonly default: T;
  /** How the BOSH job sets it: by the property of that name, by its template, or not at all. */
  readonly job: JobSide | 'computed' | 'none';
}

interface JobSide {
  readonly example: unknown;
  /** More sentences, about the property alone. */
  readonly note?: string;
  /** Where the job allows less than the agent. */
  readonly allowed?: Allowed;
}

const key = <T>(
  allowed: Allowed<T>,
  rest: Omit<ConfigKey<NoInfer<T>>, 'allowed'>,
): ConfigKey<T> => ({ ...rest, allowed });

/**
 * The configuration of the agent. From it follow the type AgentConfig, the agent's check and its
 * messages, the defaults of the commands and, by `npm run generate`, the list in docs/agent.md and
 * the spec, the schema and agent.json.erb of the BOSH job (tools/job-files).
 */
export const CONFIG = {
  garden: {
    socketPath: key(socketPath, {
      default: '/var/vcap/data/garden/garden.sock',
      description: "Garden's socket",
      job: {
        example: '/var/vcap/sys/run/garden/garden.sock',
        allowed: gardenSocketOfJob,
        note: "bpm mounts the socket's directory into the job, not the socket itself, so that the agent finds the new socket after a restart of Garden.",
      },
    }),
    timeoutSeconds: key(seconds(1, 60), {
      default: 10,
      description: 'Timeout of one request to Garden',
      job: { example: 30 },
    }),
  },
  reconcile: {
    // A pass that waits 60 s for Garden begins at most 60 s after the last: alerts count on that.
    intervalSeconds: key(seconds(1, 60), {
      default: 15,
      description: 'Longest time between two passes',
      note: 'When containers come or go, a pass starts at once.',
      job: { example: 60 },
    }),
    gracePeriodSeconds: key(seconds(0, 86_400), {
      default: 30,
      description: 'How long a difference must last before it becomes a finding',
      note: 'Less than 2 seconds is taken as 2 seconds. A no-cgroup difference must last 3 times as long; an unowned one that rep can still remove, 4 times as long (at least 120 seconds); a stuck one at least 180 seconds.',
      job: { example: 120 },
    }),
  },
  metrics: {
    address: key(address, {
      default: '127.0.0.1',
      description: 'Where /metrics and /healthz are served',
      note: 'An address other than loopback needs metrics.tls. prom_scraper scrapes only 127.0.0.1.',
      job: { example: '0.0.0.0' },
    }),
    port: key(whole(0, 65_535), {
      default: 9477,
      description: 'TCP port of /metrics and /healthz',
      note: 'If it is in use, the agent keeps running, logs this and retries.',
      // Port 0, any free one, is for tests of the agent.
      job: { example: 9478, allowed: whole(1, 65_535), note: 'It must be free on every cell.' },
    }),
    tls: key(orNull(tlsFiles), {
      default: null,
      description: 'Paths of the certificate, its key and the CA of the clients',
      note: 'If set, only clients with a certificate of that CA are served.',
      job: 'computed',
    }),
  },
  status: {
    socketPath: key(socketPath, {
      default: '/var/vcap/data/rollcall/rollcall.sock',
      description: "The agent's status socket",
      note: 'Its mode is 0660.',
      // Commands, the errand and post-start ask the default.
      job: 'none',
    }),
  },
  memory: {
    path: key(ownFile, {
      default: '/var/vcap/data/rollcall/memory.json',
      description: 'File in which the agent remembers what it has reported',
      note: 'Its mode is 0600.',
      job: 'none',
    }),
  },
  names: {
    directory: key(orNull(path), {
      default: null,
      description: 'Directory for files that say which app each container belongs to',
      note: 'Null: the agent writes no such files. docs/siem.md describes them. They name every app of the cell; root and the group vcap can read them.',
      job: 'computed',
    }),
    criSocketPath: key(orNull(socketPath), {
      default: null,
      description:
        'Socket on which the agent names containers to sensors that ask a container runtime (CRI)',
      note: 'Null: there is none. docs/sensors.md says how Falco uses it. Its mode is 0660, that of its directory 0750.',
      job: 'computed',
    }),
  },
  logging: {
    level: key(choice(LOG_LEVELS), {
      default: 'info',
      description: 'Lowest log level that is written',
      job: { example: 'debug' },
    }),
  },
  cell: key(orNull(cellIdentity), {
    default: null,
    description: 'BOSH identity of the cell',
    note: 'The job gets it from the Director; no property sets it.',
    job: 'computed',
  }),
  sensors: key(sensors, {
    default: [],
    description: 'Sensors whose event files the agent reads',
    note: 'In the property of the job, graceSeconds is grace_seconds. docs/sensors.md describes the formats.',
    job: {
      allowed: sensorsOfJob,
      example: [
        {
          name: 'tracee',
          format: 'tracee',
          path: '/var/vcap/sys/log/tracee/events.json',
          grace_seconds: 60,
        },
      ],
      note: 'The path must be that of a file in a directory below /var/vcap/sys/log/, /var/vcap/data/ or /var/log/. bpm mounts that directory read-only if it exists when the agent starts, together with its siblings whose names begin with its name.',
    },
  }),
  runbookUrl: key(orNull(pageAddress), {
    default: null,
    description: 'Your runbook',
    note: 'Findings on the page and in the log then link to ADDRESS#REASON, such as https://wiki.example.com/rollcall/runbook.md#unowned.',
    job: { example: 'https://wiki.example.com/rollcall/runbook.md' },
  }),
  root: key(path, {
    default: '/',
    description: 'Directory below which /proc and /sys/fs/cgroup are read',
    // Inside the job's mounts only / makes sense.
    job: 'none',
  }),
} as const satisfies Readonly<Record<string, ConfigKey | ConfigSection>>;

export type ConfigSection = Readonly<Record<string, ConfigKey>>;

/** The agent's configuration with every default filled in. */
export type AgentConfig = ValuesOf<typeof CONFIG>;

/** The value of a key, or those of all keys of a section. */
type ValuesOf<T> =
  T extends ConfigKey<infer Value> ? Value : { readonly [Key in keyof T]: ValuesOf<T[Key]> };

/** Whether an entry of the table is one key, not a section of keys. */
export const isKey = (entry: ConfigKey | ConfigSection): entry is ConfigKey =>
  typeof entry.description === 'string';
