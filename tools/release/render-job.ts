import { execa } from 'execa';
import { join } from 'node:path';
import * as v from 'valibot';

const RENDERER = join(import.meta.dirname, 'render.rb');
const DEADLINE_MILLISECONDS = 60_000;

export interface RenderRequest {
  /** Contains `spec` (or `job.MF`, as in a release's tarball), `monit` and `templates/`. */
  readonly jobDir: string;
  /** Properties as in a manifest: nested, and only those that are set. */
  readonly properties?: Properties;
  /** The differences from the renderer's example instance: `{ name: 'compute', index: 3 }`. */
  readonly spec?: Properties;
  readonly links?: Properties;
}

export type Properties = Readonly<Record<string, unknown>>;

export type RenderedJob =
  | {
      readonly ok: true;
      /** The texts by destination below the job's directory, including `monit`. */
      readonly files: ReadonlyMap<string, string>;
      /** With the defaults of the job's spec, as the Director validates them. */
      readonly properties: Properties;
    }
  | {
      readonly ok: false;
      /** In the Director's words, one line per template. */
      readonly errors: readonly string[];
      /** Null if the properties themselves were rejected. */
      readonly properties: Properties | null;
    };

const properties = v.record(v.string(), v.unknown());
const answer = v.union([
  v.strictObject({ properties, files: v.record(v.string(), v.string()) }),
  v.strictObject({
    properties: v.nullable(properties),
    errors: v.pipe(v.array(v.string()), v.minLength(1)),
  }),
]);

/**
 * Renders every template of a job, including the monit file, as the Director would. Needs `ruby` on
 * the PATH.
 */
export async function renderJob(request: RenderRequest): Promise<RenderedJob> {
  const [job] = await renderJobs([request]);
  if (job === undefined) throw new Error(`no answer for ${request.jobDir}`);
  return job;
}

/** Renders many in one Ruby process: starting Ruby takes 70 ms, one render less than one. */
export async function renderJobs(
  requests: readonly RenderRequest[],
): Promise<readonly RenderedJob[]> {
  const { stdout } = await execa('ruby', ['-W0', RENDERER], {
    input: requests.map((request) => `${JSON.stringify(request)}\n`).join(''),
    timeout: DEADLINE_MILLISECONDS,
  });
  const jobs = stdout.split('\n').filter(Boolean).map(parseAnswer);
  if (jobs.length !== requests.length)
    throw new Error(`${jobs.length} answers to ${requests.length} requests`);
  return jobs;
}

function parseAnswer(line: string): RenderedJob {
  const value: unknown = JSON.parse(line);
  const parsed = v.parse(answer, value);
  return 'files' in parsed
    ? { ok: true, files: new Map(Object.entries(parsed.files)), properties: parsed.properties }
    : { ok: false, ...parsed };
}

/** The Director's complete message for a job that cannot be rendered. */
export const unableToRender = (jobName: string, errors: readonly string[]): string =>
  [
    `Unable to render templates for job '${jobName}'. Errors are:`,
    ...errors.map((error) => `  - ${error.replaceAll('\n', '\n  ')}`),
  ].join('\n');
