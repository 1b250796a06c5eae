import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import * as v from 'valibot';

const RENDERER = join(import.meta.dirname, 'render.rb');
const DEADLINE_MILLISECONDS = 60_000;
const MAX_IDLE_MILLISECONDS = 300;

export interface RenderRequest {
  /** Contains `spec` (or `job.MF`, as in a release's tarball), `monit` and `templates/`. */
  readonly jobDir: string;
  /** Properties as in a manifest: nested, and only those that are set. */
  readonly properties?: Properties;
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

/** Renders many, in the Ruby process that renders for all. */
export async function renderJobs(
  requests: readonly RenderRequest[],
): Promise<readonly RenderedJob[]> {
  // Answers come in the order of requests.
  const answers = last.then(() => exchange(requests));
  last = answers.catch(() => undefined);
  return (await answers).map((line) => v.parse(answerLine, line));
}

let last: Promise<unknown> = Promise.resolve();
let ruby: ReturnType<typeof startRuby> | null = null;

/** Starting Ruby takes 70 ms and a rendering less than one, so it ends only when nothing has been asked of it for a moment. */
function startRuby() {
  const child = execa('ruby', ['-W0', RENDERER], {
    buffer: false,
    reject: false,
    stderr: 'inherit',
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const end = (): void => {
    ruby = null;
    child.stdin.end();
  };
  return { child, lines, end, idle: setTimeout(end, MAX_IDLE_MILLISECONDS) };
}

async function exchange(requests: readonly RenderRequest[]): Promise<readonly string[]> {
  ruby ??= startRuby();
  const { child, lines, end, idle } = ruby;
  clearTimeout(idle);
  const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MILLISECONDS);
  child.stdin.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  const answers: string[] = [];
  try {
    for (const { jobDir } of requests) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`ruby ended instead of rendering ${jobDir}`);
      answers.push(value);
    }
  } catch (error) {
    end();
    throw error;
  } finally {
    clearTimeout(deadline);
  }
  ruby.idle = setTimeout(end, MAX_IDLE_MILLISECONDS);
  return answers;
}
