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
  'names-cri.yml': {},
  'names-files.yml': {},
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
  });

/** What CredHub fills in for the absolute names. */
const CREDENTIALS = new Map([
  ['/rollcall_metrics_tls.certificate', CERTIFICATE],
  ['/rollcall_metrics_tls.private_key', PRIVATE_KEY],
  ['/rollcall_metrics_tls.ca', CERTIFICATE],
]);

/**
 * Renders the jobs of a runtime config with its properties. The errors name the files of the
 * config.
 */
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

type Filter = RuntimeConfig['addons'][0]['include'];

/** An instance group, its deployment and its jobs as RELEASE/JOB. */
type InstanceGroup = readonly [name: string, deployment: string, ...jobs: readonly string[]];

/** Kinds of filters are ANDed, the entries of one kind ORed (Bosh::Director::Addon::Filter). */
function isNamed(filter: Filter, [group, deployment, ...placedJobs]: InstanceGroup): boolean {
  const { deployments, instance_groups: names, jobs } = filter;
  const isWithJob = jobs?.some(({ name, release }) => placedJobs.includes(`${release}/${name}`));
  const kinds = [deployments?.includes(deployment), names?.includes(group), isWithJob];
  return !kinds.includes(false);
}

/** Linux cells, by all the names that they have. */
export const ALL_CELLS: readonly string[] = [
  'diego_cell',
  'isolated_diego_cell',
  'isolated_diego_cell_blue',
  'compute',
  'diego-cell',
  'isolated-diego-cell',
];
const GROUPS: readonly InstanceGroup[] = [
  ...ALL_CELLS.map((name): InstanceGroup => [
    name,
    name.startsWith('isolated') ? 'p-isolation-segment-1' : 'cf-1',
    'diego/rep',
    'garden-runc/garden',
    'bpm/bpm',
  ]),
  ['windows_diego_cell', 'cf-1', 'diego/rep_windows', 'garden-windows/garden-windows'],
  ['windows2019-cell', 'cf-1', 'diego/rep_windows'],
  ['diego_brain', 'cf-1', 'diego/auctioneer'],
  ['router', 'cf-1', 'routing/gorouter'],
  ['worker', 'cf-1', 'garden-runc/garden', 'concourse/worker'],
  ['smoke-tests', 'cf-1', 'cf-smoke-tests/smoke_tests'],
  ['other', 'cf-1', 'elsewhere/rep'],
];

/** The instance groups of foundations on which a Director places the add-on. */
export const placed = ({ addons: [{ include, exclude }] }: RuntimeConfig): readonly string[] =>
  GROUPS.filter((one) => isNamed(include, one) && (!exclude || !isNamed(exclude, one))).map(
    ([name]) => name,
  );
