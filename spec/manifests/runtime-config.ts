import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { renderJobs, type Properties } from '../../tools/release/render-job.ts';
import { root } from '../../tools/bootstrap/place.mjs';
import { CERTIFICATE, jobDir, PRIVATE_KEY } from '../rendered.ts';
import {
  completeConfig,
  interpolate,
  type RuntimeConfig,
} from '../../tools/runtime-config/complete-config.ts';

export const folder = join(root, 'manifests');
export const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

type Variables = Readonly<Record<string, string | number | readonly string[]>>;

/** The variables of each ops file that an operator gives with -v. */
export const OPERATIONS: Readonly<Record<string, Variables>> = {
  'disable-prom-scraper.yml': {},
  'exclude-isolation-segment.yml': { excluded_instance_groups: ['isolated_diego_cell'] },
  'interval.yml': { interval_seconds: 60 },
  'metrics-tls.yml': { director_name: 'p-bosh', deployment_name: 'cf-1' },
  'only-deployments.yml': { deployments: ['cf-1'] },
  'report-errand.yml': {},
  'sensor-tracee.yml': { tracee_event_file: '/var/vcap/sys/log/tracee/events.json' },
  'small-footprint.yml': {},
};
export const NAMES = Object.keys(OPERATIONS);

/** All that an operator gives with -v. */
export const variablesOf = (operations: readonly string[]): Variables =>
  Object.fromEntries([
    ['rollcall_version', '1.2.3'],
    ...operations.flatMap((name) => Object.entries(OPERATIONS[name] ?? {})),
  ]);

/** The runtime config with these ops files, checked. */
export const applied = (...operations: readonly string[]): RuntimeConfig =>
  completeConfig({
    base: read('runtime-config.yml'),
    operations: operations.map((name) => ({ name, text: read(`operations/${name}`) })),
    variables: new Map(Object.entries(variablesOf(operations))),
    download: null,
  });

/** What CredHub fills in for the absolute names. */
const CREDENTIALS = new Map([
  ['/rollcall_metrics_tls.certificate', CERTIFICATE],
  ['/rollcall_metrics_tls.private_key', PRIVATE_KEY],
  ['/rollcall_metrics_tls.ca', CERTIFICATE],
]);

/** Renders the jobs of a runtime config with its properties. The errors name the files of the config. */
export async function files(config: RuntimeConfig): Promise<ReadonlyMap<string, string>> {
  const jobs = await renderJobs(
    config.addons[0].jobs.map(({ name, properties }) => ({
      jobDir: jobDir(name),
      properties: interpolate(properties, CREDENTIALS) as Properties,
    })),
  );
  for (const each of jobs) expect(each.ok ? [] : each.errors).to.deep.equal([]);
  return new Map(jobs.flatMap((each) => (each.ok ? [...each.files] : [])));
}

export const variablesLeft = (config: RuntimeConfig): readonly string[] =>
  stringify(config).match(/\(\([^)]*\)\)/g) ?? [];
