/** A property as the spec of a job and its schema declare it. */
export interface JobProperty {
  readonly description: string;
  /** Absent: the property is null unless it is set. */
  readonly default?: unknown;
  readonly example: unknown;
  /** JSON Schema, without the default. */
  readonly schema: Readonly<Record<string, unknown>>;
}

interface OwnProperty extends JobProperty {
  /** The configuration key that the template computes from it. */
  readonly sets?: string;
}

const text = { type: ['string', 'null'] };

/** The properties of the job rollcall that are not a key of the agent's configuration. */
export const OWN_PROPERTIES: Readonly<Record<string, OwnProperty>> = {
  'metrics.tls.cert': {
    description:
      'Certificate of the metrics server with its chain, PEM. Together with metrics.tls.key and metrics.tls.ca_cert it turns TLS on: the server then answers only clients with a certificate that metrics.tls.ca_cert signed.',
    example: '((/rollcall_metrics_tls.certificate))',
    schema: text,
    sets: 'metrics.tls',
  },
  'metrics.tls.key': {
    description: 'Private key of metrics.tls.cert, PEM.',
    example: '((/rollcall_metrics_tls.private_key))',
    schema: text,
    sets: 'metrics.tls',
  },
  'metrics.tls.ca_cert': {
    description:
      "CA of the clients' certificates, PEM. For prom_scraper it is the CA that signed its scrape certificate.",
    example: '((/rollcall_metrics_tls.ca))',
    schema: text,
    sets: 'metrics.tls',
  },
  'metrics.tls.server_name': {
    description:
      'Name in metrics.tls.cert that prom_scraper expects. Required with TLS while metrics.prom_scraper.enabled is true: without it, prom_scraper panics, and the cell loses the metrics of all its jobs.',
    example: 'rollcall',
    schema: text,
  },
  'metrics.prom_scraper.enabled': {
    description:
      'Whether prom_scraper, which runs on each cell, forwards the metrics to Log Cache, the Firehose and Healthwatch. prom_scraper reads its list of targets only when it starts.',
    default: true,
    example: false,
    schema: { type: 'boolean' },
  },
  'metrics.prom_scraper.scrape_interval': {
    description:
      'Scrape interval of prom_scraper, a duration from 1s to 2m, such as 15s, 1m or 1m30s.',
    default: '15s',
    example: '60s',
    schema: { type: 'string', pattern: '^(([1-9][0-9]?|1[01][0-9]|120)s|1m([0-5]?[0-9]s)?|2m)$' },
  },
  'limits.memory': {
    description:
      'Memory limit of the job in the syntax of bpm, from 96M to 9999G; half of it is for the heap. docs/appendix/benchmarks.md says how much the agent uses with 250 containers.',
    default: '256M',
    example: '1G',
    schema: { type: 'string', pattern: '^([1-9][0-9]{0,3}G|9[6-9]M|[1-9][0-9]{2,6}M)$' },
  },
  'limits.processes': {
    description:
      'Limit of threads of the job, from 32 to 4194304. With too few, Node.js hangs when it starts, without a message.',
    default: 64,
    example: 128,
    schema: { type: 'integer', minimum: 32, maximum: 4_194_304 },
  },
  'limits.open_files': {
    description: 'Limit of open files of the job, from 256 to 1048576.',
    default: 4096,
    example: 8192,
    schema: { type: 'integer', minimum: 256, maximum: 1_048_576 },
  },
  'post_start.timeout_seconds': {
    description:
      'How long a deploy waits for the agent to be healthy (/healthz), in seconds, from 0 to 600. With 0 it does not wait, but BOSH still requires that the process runs. An agent whose metrics port is in use keeps running, is not healthy, and says so in its log.',
    default: 60,
    example: 0,
    schema: { type: 'integer', minimum: 0, maximum: 600 },
  },
};
