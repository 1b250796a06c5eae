import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Properties,
  renderJob,
  renderJobs,
  type RenderedJob,
  type RenderRequest,
} from '../tools/release/render-job.ts';
import { nested } from '../tools/job-files/properties-schema.ts';
import { parseJobSpec, type JobSpec } from '../tools/release/spec-files.ts';
import { root } from '../tools/bootstrap/place.mjs';
import { skip } from '../test/skip.ts';
import { isInPath } from '../tools/demo-cell/cell/requirements.ts';
export const JOBS = ['rollcall', 'rollcall-report'] as const;
export type JobName = (typeof JOBS)[number];

export const jobDir = (job: JobName): string => join(root, 'jobs', job);

/** The properties that the job's spec declares. */
export const declaredBy = (job: JobName): JobSpec['properties'] =>
  parseJobSpec(`jobs/${job}/spec`, readFileSync(join(jobDir(job), 'spec'), 'utf8')).properties;

export const examplesOf = (job: JobName): Properties =>
  Object.fromEntries(Object.entries(declaredBy(job)).map(([name, { example }]) => [name, example]));

/** Skips where a program is missing. */
export function needs(context: Mocha.Context, ...programs: readonly string[]): void {
  for (const program of programs) if (!isInPath(program)) skip(context, `no ${program} in PATH`);
}

/** The same for each test of a suite. */
export function suiteNeeds(...programs: readonly string[]): void {
  before(function () {
    needs(this, ...programs);
  });
}

/** The reverse of `nested`; a list or null is a value. */
export function dotted(tree: Properties, prefix = ''): Properties {
  return Object.fromEntries(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(dotted(value as Properties, `${prefix}${key}.`))
        : [[prefix + key, value] as const],
    ),
  );
}

export const request = (job: JobName, properties: Properties): RenderRequest => ({
  jobDir: jobDir(job),
  properties: nested<unknown>(properties, (below) => below),
});

export const renderAll = (
  job: JobName,
  sets: readonly Properties[],
): Promise<readonly RenderedJob[]> => renderJobs(sets.map((set) => request(job, set)));

/** The text of one file of a job that must be renderable. */
export async function rendered(
  job: JobName,
  properties: Properties,
  destination: string,
): Promise<string> {
  return fileOf(await renderJob(request(job, properties)), destination);
}

export function fileOf(answer: RenderedJob, destination: string): string {
  if (!answer.ok) throw new Error(answer.errors.join('\n'));
  const text = answer.files.get(destination);
  if (text === undefined) throw new Error(`no ${destination}`);
  return text;
}

/** Texts with the shape of PEM and nothing in them. */
export const pem = (label: string): string =>
  `-----BEGIN ${label}-----\nbm90aGluZw==\n-----END ${label}-----\n`;
export const CERTIFICATE = pem('CERTIFICATE');
export const PRIVATE_KEY = pem('RSA PRIVATE KEY');

/** All that TLS needs. */
export const TLS: Properties = {
  'metrics.tls.cert': CERTIFICATE,
  'metrics.tls.key': PRIVATE_KEY,
  'metrics.tls.ca_cert': CERTIFICATE,
  'metrics.tls.server_name': 'rollcall',
};

/**
 * The example of every property of the job rollcall. Those of certificates are variables, which a
 * Director has exchanged when it renders.
 */
export const EVERY_PROPERTY: Properties = {
  ...examplesOf('rollcall'),
  ...TLS,
};
