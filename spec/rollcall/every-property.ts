import { LOG_LEVELS } from '../../src/model/agent-config.ts';
import type { Properties } from '../../tools/release/render-job.ts';
import { propertyKeys, rangeOf, type PropertyKey } from '../../tools/job-files/config-keys.ts';
import { TLS } from '../rendered.ts';

function otherThanDefault(one: PropertyKey): unknown {
  const { key } = one;
  switch (key.type) {
    case 'seconds':
    case 'whole': {
      // The ends differ from key to key, so that a value in the wrong place shows.
      const [least, most] = rangeOf(one) ?? key.range;
      return key.default === most ? least : most;
    }
    case 'own-file':
    case 'own-socket':
      return `${key.default}-2`;
    case 'garden-socket':
      // Another directory: bpm mounts it.
      return '/var/vcap/data/garden-2/garden.sock';
    case 'address':
      return '0.0.0.0';
    case 'level':
      return LOG_LEVELS.find((level) => level !== key.default);
    case 'page-address':
      return 'http://wiki:8080/a%20b/runbook.md?raw=1';
    case 'sensors':
      return [
        {
          name: 'tracee',
          format: 'tracee',
          path: '/var/vcap/sys/log/tracee/events.json',
          grace_seconds: 60,
        },
      ];
    case 'acknowledgements':
      return [
        { app_id: 'app-1', until: '2027-03-31T00:00:00Z', reason: 'ticket 4711' },
        { handle: 'h', until: '2027-03-31T00:00:00.5Z', reason: 'known' },
      ];
    default:
      return key satisfies never;
  }
}

/** A value for every property of the job, none of them the default. */
export const EVERY_PROPERTY: Properties = {
  ...Object.fromEntries(propertyKeys().map((one) => [one.property, otherThanDefault(one)])),
  // Its end is that of reconcile.interval_seconds too.
  'garden.timeout_seconds': 59,
  ...TLS,
  'metrics.prom_scraper.enabled': true,
  'metrics.prom_scraper.scrape_interval': '1m30s',
  'limits.memory': '1G',
  'limits.processes': 32,
  'limits.open_files': 256,
  'post_start.timeout_seconds': 3,
};
