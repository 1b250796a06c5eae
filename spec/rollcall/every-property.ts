import { LOG_LEVELS, type ConfigKey } from '../../src/model/agent-config.ts';
import type { Properties } from '../../tools/release/render-job.ts';
import { configKeys, propertiesOf } from '../../tools/agent-page.ts';
import { TLS } from '../rendered.ts';

export type SingleKey = Exclude<
  ConfigKey,
  { readonly type: 'tls' | 'cell' | 'sensors' | 'acknowledgements' }
>;

/** The keys of the configuration that are one property of the job each. */
export const singleKeys = (): readonly {
  readonly name: string;
  readonly property: string;
  readonly key: SingleKey;
}[] =>
  configKeys().flatMap(({ name, key }) =>
    name === 'root' ||
    key.type === 'tls' ||
    key.type === 'cell' ||
    key.type === 'sensors' ||
    key.type === 'acknowledgements'
      ? []
      : [{ name, property: propertiesOf(name).join(), key }],
  );

/**
 * The range of a number in the job; null for another type. Port 0, any free one, is for tests of the
 * agent.
 */
export const rangeOf = (property: string, key: ConfigKey): readonly [number, number] | null => {
  if (!('range' in key)) return null;
  return property === 'metrics.port' ? [1, key.range[1]] : key.range;
};

function otherThanDefault(property: string, key: SingleKey): string | number | undefined {
  switch (key.type) {
    case 'seconds':
    case 'whole': {
      // The ends differ from key to key, so that a value in the wrong place shows.
      const [least, most] = rangeOf(property, key) ?? key.range;
      return key.default === most ? least : most;
    }
    case 'path':
    case 'file-path':
    case 'socket-path':
      return `${key.default}-2`;
    case 'address':
      return '0.0.0.0';
    case 'level':
      return LOG_LEVELS.find((level) => level !== key.default);
    case 'page-address':
      return 'http://wiki:8080/a%20b/runbook.md?raw=1';
    default:
      return key satisfies never;
  }
}

/** A value for every property of the job, none of them the default. */
export const EVERY_PROPERTY: Properties = {
  ...Object.fromEntries(
    singleKeys().map(({ property, key }) => [property, otherThanDefault(property, key)]),
  ),
  // Its end is that of reconcile.interval_seconds too.
  'garden.timeout_seconds': 59,
  // Another directory: bpm mounts it.
  'garden.socket_path': '/var/vcap/data/garden-2/garden.sock',
  sensors: [
    {
      name: 'tracee',
      format: 'tracee',
      path: '/var/vcap/sys/log/tracee/events.json',
      grace_seconds: 60,
    },
  ],
  acknowledged: [
    { app_id: 'app-1', until: '2027-03-31T00:00:00Z', reason: 'ticket 4711' },
    { handle: 'h', until: '2027-03-31T00:00:00.5Z', reason: 'known' },
  ],
  ...TLS,
  'metrics.prom_scraper.enabled': true,
  'metrics.prom_scraper.scrape_interval': '1m30s',
  'limits.memory': '1G',
  'limits.processes': 32,
  'limits.open_files': 256,
  'post_start.timeout_seconds': 3,
};

/** Properties for bpm, post-start and prom_scraper, and not for the agent. */
export const OF_THE_JOB_ALONE: readonly string[] = [
  'metrics.tls.server_name',
  'metrics.prom_scraper.enabled',
  'metrics.prom_scraper.scrape_interval',
  'limits.memory',
  'limits.processes',
  'limits.open_files',
  'post_start.timeout_seconds',
];
