import { join } from 'node:path';
import { execa } from 'execa';
import * as v from 'valibot';

const RENDERER = join(import.meta.dirname, 'render.rb');

export interface RenderRequest {
  /** Contains `spec` (or `job.MF`, as in a release's tarball), `monit` and `templates/`. */
  readonly jobDir: string;
  /** Properties as in a manifest: nested, and only those that are set. */
  readonly properties?: Properties;
  /** The same as YAML, which has values that JSON lacks; in place of `properties`. */
  readonly manifest?: string;
  /** The differences from the renderer's example instance: `{ name: 'compute', index: 3 }`. */
  readonly spec?: Properties;
}

const properties = v.record(v.string(), v.unknown());
export type Properties = Readonly<v.InferOutput<typeof properties>>;

const answer = v.variant('ok', [
  v.strictObject({
    ok: v.literal(true),
    /** With the defaults of the job's spec, as the Director validates them. */
    properties,
    /** The texts by destination below the job's directory, including `monit`. */
    files: v.pipe(
      v.record(v.string(), v.string()),
      v.transform((files) => new Map(Object.entries(files))),
    ),
  }),
  v.strictObject({
    ok: v.literal(false),
    /** Null if the properties themselves were rejected. */
    properties: v.nullable(properties),
    /** In the Director's words, one line per template. */
    errors: v.pipe(v.array(v.string()), v.minLength(1)),
  }),
]);
const answerLine = v.pipe(v.string(), v.parseJson(), answer);
export type RenderedJob = Readonly<v.InferOutput<typeof answer>>;

/** Renders each template of a job, also the monit file, as the Director would. Needs `ruby`. */
export async function renderJob(request: RenderRequest): Promise<RenderedJob> {
  const [job] = await renderJobs([request]);
  if (job === undefined) throw new Error(`no answer for ${request.jobDir}`);
  return job;
}

/** Renders many in one Ruby process: it starts in 70 ms, and a rendering takes less than one. */
export async function renderJobs(
  requests: readonly RenderRequest[],
): Promise<readonly RenderedJob[]> {
  const input = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
  const { stdout } = await execa('ruby', ['-W0', RENDERER], { input, timeout: 60_000 });
  return stdout.split('\n').map((line) => v.parse(answerLine, line));
}
