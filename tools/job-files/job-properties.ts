import { CONFIG, isKey, type ConfigKey, type ConfigSection } from '../../src/model/agent-config.ts';
import { flag, orNull, text, whole, type Allowed } from '../../src/model/allowed.ts';

export interface NamedKey {
  readonly name: string;
  readonly key: ConfigKey;
}

/** Every key of the agent's configuration, as `a.b`. */
export const configKeys = (): readonly NamedKey[] =>
  Object.entries<ConfigKey | ConfigSection>(CONFIG).flatMap(([name, entry]) =>
    isKey(entry)
      ? [{ name, key: entry }]
      : Object.entries(entry).map(([last, key]) => ({ name: `${name}.${last}`, key })),
  );

export interface JobProperty {
  readonly name: string;
  /** The configuration key that has its value, or that the template computes from it. */
  readonly sets?: string;
  /** Half a sentence; what is allowed ends it. */
  readonly description: string;
  /** More sentences. */
  readonly note?: string;
  readonly allowed: Allowed;
  /** Absent: the property is null unless it is set. */
  readonly default?: unknown;
  readonly example: unknown;
}

/** Every property of the job rollcall. */
export const jobProperties = (): readonly JobProperty[] => [
  ...configKeys().flatMap(propertyOf),
  ...OWN_PROPERTIES,
];

/** The property with the value of a key, if there is one. */
export function propertyOf({ name, key }: NamedKey): readonly JobProperty[] {
  const { job, description, note } = key;
  if (typeof job === 'string') return [];
  return [
    {
      name: name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      sets: name,
      description,
      note: [note, job.note].filter((one) => one !== undefined).join(' '),
      allowed: job.allowed ?? key.allowed,
      default: key.default ?? undefined,
      example: job.example,
    },
  ];
}

/** @param part of a certificate variable */
const pem = (label: string, part: string): Allowed => ({
  ...orNull(
    text(
      `a whole PEM text, from BEGIN to END ${label}, without a password (of a certificate variable, take .${part})`,
      // Empty: TLS is off.
      new RegExp(
        String.raw`^(\s*|([\s\S]*\n)?-----BEGIN (((?!ENCRYPTED)[A-Z]+ )?${label})-----\s*\n[A-Za-z0-9+/=\s]+\n-----END \3-----\s*(\n[\s\S]*)?)$`,
      ),
    ),
  ),
  writeOnly: true,
});

/** The properties that are not a key of the agent's configuration. */
const OWN_PROPERTIES: readonly JobProperty[] = [
  {
    name: 'metrics.tls.cert',
    sets: 'metrics.tls',
    description: 'Certificate of the metrics server with its chain',
    note: 'Together with metrics.tls.key and metrics.tls.ca_cert it turns TLS on: the server then answers only clients with a certificate that metrics.tls.ca_cert signed.',
    allowed: pem('CERTIFICATE', 'certificate'),
    example: '((/rollcall_metrics_tls.certificate))',
  },
  {
    name: 'metrics.tls.key',
    sets: 'metrics.tls',
    description: 'Private key of metrics.tls.cert',
    allowed: pem('PRIVATE KEY', 'private_key'),
    example: '((/rollcall_metrics_tls.private_key))',
  },
  {
    name: 'metrics.tls.ca_cert',
    sets: 'metrics.tls',
    description: "CA of the clients' certificates",
    note: 'For prom_scraper it is the CA that signed its scrape certificate.',
    allowed: pem('CERTIFICATE', 'ca'),
    example: '((/rollcall_metrics_tls.ca))',
  },
  {
    name: 'metrics.tls.server_name',
    description: 'What prom_scraper expects the metrics server to be called',
    note: 'Required with TLS while metrics.prom_scraper.enabled is true: without it, prom_scraper panics, and the cell loses the metrics of all its jobs.',
    // A value of another type, or with several lines, matches no certificate: the metrics would be
    // missing without an error.
    allowed: orNull(text('a name in metrics.tls.cert', /^[ -~]*\n?$/)),
    example: 'rollcall',
  },
  {
    name: 'metrics.prom_scraper.enabled',
    description:
      'Whether prom_scraper, which runs on each cell, forwards the metrics to Log Cache, the Firehose and Healthwatch',
    note: 'prom_scraper reads its list of targets only when it starts.',
    allowed: flag,
    default: true,
    example: false,
  },
  {
    name: 'metrics.prom_scraper.scrape_interval',
    description: 'Scrape interval of prom_scraper',
    // prom_scraper exits on an interval that Go cannot parse. Above two minutes the alerts, and Log
    // Cache with its limit of five minutes, would treat one lost scrape as a lost cell.
    allowed: text(
      'a duration from 1s to 2m, such as 15s, 1m or 1m30s',
      /^(([1-9][0-9]?|1[01][0-9]|120)s|1m([0-5]?[0-9]s)?|2m)$/,
    ),
    default: '15s',
    example: '60s',
  },
  {
    name: 'names.files',
    sets: 'names.directory',
    description:
      'Whether the agent writes files to /var/vcap/data/rollcall/names that say which app each container belongs to',
    note: 'docs/siem.md says how a log shipper adds these names to what a sensor reports. They name every app of the cell; root and the group vcap can read them.',
    allowed: flag,
    default: false,
    example: true,
  },
  {
    name: 'names.cri',
    sets: 'names.criSocketPath',
    description:
      'Whether the agent names containers to Falco 0.42 and newer on /var/vcap/data/rollcall/cri/cri.sock',
    note: 'Falco 0.41 crashes, or loops, when the agent restarts. docs/sensors.md has the configuration of Falco. Root and the group vcap can ask for the name of every app of the cell.',
    allowed: flag,
    default: false,
    example: true,
  },
  {
    name: 'limits.memory',
    description: 'Memory limit of the job',
    note: 'Half of it is for the heap. docs/appendix/benchmarks.md says how much the agent uses with 250 containers.',
    // With less memory Node.js is killed at every start.
    allowed: text(
      'a size from 96M to 9999G, such as 256M or 1G',
      /^([1-9][0-9]{0,3}G|9[6-9]M|[1-9][0-9]{2,6}M)$/,
    ),
    default: '256M',
    example: '1G',
  },
  // Below about 12 processes Node.js hangs silently. Above the kernel's limits for pids.max and for
  // the files of a process (fs.nr_open) the job does not start.
  {
    name: 'limits.processes',
    description: 'Limit of threads of the job',
    note: 'With too few, Node.js hangs when it starts, without a message.',
    allowed: whole(32, 4_194_304),
    default: 64,
    example: 128,
  },
  {
    name: 'limits.open_files',
    description: 'Limit of open files of the job',
    allowed: whole(256, 1_048_576),
    default: 4096,
    example: 8192,
  },
  {
    name: 'post_start.timeout_seconds',
    description: 'How long a deploy waits for the agent to be healthy (/healthz), in seconds',
    note: 'With 0 it does not wait, but BOSH still requires that the process runs. An agent whose metrics port is in use keeps running, is not healthy, and says so in its log.',
    allowed: whole(0, 600),
    default: 60,
    example: 0,
  },
];
