import type { ConfigKey } from '../../src/model/agent-config.ts';
import type { Properties } from '../../tools/release/render-job.ts';
import { configKeys, propertiesOf } from '../../tools/configuration-page.ts';
import { TLS } from '../rendered.ts';

/** What the job allows of a number; null for another type. Port 0, any free one, is for tests of the agent. */
export const rangeOf = (property: string, key: ConfigKey): readonly [number, number] | null => {
  if (!('range' in key)) return null;
  return property === 'metrics.port' ? [1, key.range[1]] : key.range;
};

/** Every number at an end of its range, and no two alike where the ranges are not. */
const numbers = (): Properties =>
  Object.fromEntries(
    configKeys().flatMap(({ name, key }) =>
      propertiesOf(name).flatMap((property) => {
        const range = rangeOf(property, key);
        if (range === null) return [];
        const [least, most] = range;
        return [[property, key.default === most ? least : most] as const];
      }),
    ),
  );

/** A value for every property of the job, none of them the default. */
export const EVERY_PROPERTY: Properties = {
  ...numbers(),
  'garden.socket_path': '/var/vcap/data/garden-2/garden.sock',
  'metrics.address': '0.0.0.0',
  ...TLS,
  'metrics.prom_scraper.enabled': true,
  'metrics.prom_scraper.scrape_interval': '1m30s',
  'status.socket_path': '/var/vcap/data/rollcall/s',
  'memory.path': '/var/vcap/data/rollcall/m.json',
  'logging.level': 'fatal',
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
