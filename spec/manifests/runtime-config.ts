import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import * as v from 'valibot';
import { parse, stringify } from 'yaml';
import { renderJobs, type Properties } from '../../tools/release/render-job.ts';
import { root } from '../../tools/bootstrap/place.mjs';
import { CERTIFICATE, jobDir, JOBS, PRIVATE_KEY } from '../rendered.ts';
import { applyOps } from '../../tools/runtime-config/apply-ops.ts';

export const folder = join(root, 'manifests');
export const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

type Variables = Readonly<Record<string, string | number | readonly string[]>>;

/** The variables of each ops file that an operator gives with -v. */
export const OPERATIONS: Readonly<Record<string, Variables>> = {
  'disable-prom-scraper.yml': {},
  'exclude-isolation-segment.yml': { excluded_instance_groups: ['isolated_diego_cell'] },
  'interval.yml': { interval_seconds: 60 },
  'metrics-tls.yml': { director_name: 'p-bosh', deployment_name: 'cf-1' },
  'report-errand.yml': {},
  'sensor-tracee.yml': { tracee_event_file: '/var/vcap/sys/log/tracee/events.json' },
  'small-footprint.yml': {},
};
export const NAMES = Object.keys(OPERATIONS);

const job = v.strictObject({
  name: v.picklist(JOBS),
  release: v.literal('rollcall'),
  properties: v.record(v.string(), v.unknown()),
});
const filter = v.strictObject({
  jobs: v.optional(v.array(v.strictObject({ name: v.string(), release: v.string() }))),
  instance_groups: v.optional(v.array(v.string())),
});
/** What a Director takes, as far as these files use it: a name that it does not know is an error here. */
const runtimeConfig = v.strictObject({
  releases: v.tuple([
    v.strictObject({
      name: v.literal('rollcall'),
      // `latest` is refused in a runtime config.
      version: v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/)),
    }),
  ]),
  addons: v.tuple([
    v.strictObject({
      name: v.literal('rollcall'),
      include: filter,
      exclude: v.optional(filter),
      jobs: v.pipe(v.array(job), v.minLength(1)),
    }),
  ]),
  variables: v.optional(
    v.array(
      v.strictObject({
        name: v.string(),
        type: v.literal('certificate'),
        update_mode: v.literal('converge'),
        options: v.strictObject({
          ca: v.string(),
          common_name: v.string(),
          alternative_names: v.array(v.string()),
          extended_key_usage: v.array(v.string()),
        }),
      }),
    ),
  ),
});
export type RuntimeConfig = v.InferOutput<typeof runtimeConfig>;

/** ((x)) as a whole is any value, inside of a text it is text, as in `bosh int -v`. */
function interpolated(document: unknown, variables: Variables): unknown {
  if (typeof document === 'string') {
    const whole = /^\(\(([^()]+)\)\)$/.exec(document)?.[1];
    if (whole !== undefined) return variables[whole] ?? document;
    return document.replaceAll(/\(\(([^()]+)\)\)/g, (all, name: string) => {
      const value = variables[name];
      return typeof value === 'string' || typeof value === 'number' ? `${value}` : all;
    });
  }
  if (Array.isArray(document)) return document.map((each) => interpolated(each, variables));
  if (typeof document !== 'object' || document === null) return document;
  return Object.fromEntries(
    Object.entries(document).map(([key, value]) => [key, interpolated(value, variables)]),
  );
}

/** All that an operator gives with -v. */
export const variablesOf = (operations: readonly string[]): Variables =>
  Object.fromEntries([
    ['rollcall_version', '1.2.3'],
    ...operations.flatMap((name) => Object.entries(OPERATIONS[name] ?? {})),
  ]);

/** The runtime config with these ops files, checked. */
export function applied(...operations: readonly string[]): RuntimeConfig {
  const document = operations.reduce<unknown>(
    (changed, name) => applyOps(changed, read(`operations/${name}`), name),
    parse(read('runtime-config.yml')),
  );
  return v.parse(runtimeConfig, interpolated(document, variablesOf(operations)));
}

/** What CredHub fills in for the absolute names. */
const CREDENTIALS = {
  '/rollcall_metrics_tls.certificate': CERTIFICATE,
  '/rollcall_metrics_tls.private_key': PRIVATE_KEY,
  '/rollcall_metrics_tls.ca': CERTIFICATE,
};

/** Renders the jobs of a runtime config with its properties. The errors name the files of the config. */
export async function files(config: RuntimeConfig): Promise<ReadonlyMap<string, string>> {
  const jobs = await renderJobs(
    config.addons[0].jobs.map(({ name, properties }) => ({
      jobDir: jobDir(name),
      properties: interpolated(properties, CREDENTIALS) as Properties,
    })),
  );
  for (const each of jobs) expect(each.ok ? [] : each.errors).to.deep.equal([]);
  return new Map(jobs.flatMap((each) => (each.ok ? [...each.files] : [])));
}

export const variablesLeft = (config: RuntimeConfig): readonly string[] =>
  stringify(config).match(/\(\([^)]*\)\)/g) ?? [];
