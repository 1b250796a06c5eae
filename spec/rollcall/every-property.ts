import type { Properties } from '../../tools/bosh/render-job.ts';
import { TLS } from '../rendered.ts';

/** A value for every property of the job, none of them the default. */
export const EVERY_PROPERTY: Properties = {
  'garden.socket_path': '/var/vcap/data/garden-2/garden.sock',
  'garden.timeout_seconds': 2.5,
  'reconcile.interval_seconds': 61,
  'reconcile.grace_period_seconds': 0,
  'metrics.address': '0.0.0.0',
  'metrics.port': 1,
  ...TLS,
  'metrics.prom_scraper.enabled': true,
  'metrics.prom_scraper.scrape_interval': '1m30s',
  'status.socket_path': '/var/vcap/data/rollcall/s',
  'memory.path': '/var/vcap/data/rollcall/m.json',
  'findings.max_series': 0,
  'logging.level': 'fatal',
  'limits.memory': '1G',
  'limits.processes': 32,
  'limits.open_files': 256,
  'post_start.timeout_seconds': 3,
};

/** What bpm, post-start and prom_scraper are told, and the agent is not. */
export const OF_THE_JOB_ALONE: readonly string[] = [
  'metrics.tls.server_name',
  'metrics.prom_scraper.enabled',
  'metrics.prom_scraper.scrape_interval',
  'limits.memory',
  'limits.processes',
  'limits.open_files',
  'post_start.timeout_seconds',
];
