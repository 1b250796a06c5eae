import * as v from 'valibot';
import { parse, stringify } from 'yaml';
import { oneLine } from '../../src/model/text.ts';
import { ToolFailure } from '../failure.ts';
import { rejections, schemaFile, schemaOfJob } from '../job-files/properties-schema.ts';
import { applyOps } from './apply-ops.ts';

const job = v.strictObject({
  name: v.picklist(['rollcall', 'rollcall-report']),
  release: v.literal('rollcall'),
  properties: v.record(v.string(), v.unknown()),
});
const names = v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.nonEmpty());
const filter = v.strictObject({
  jobs: v.optional(v.array(v.strictObject({ name: v.string(), release: v.string() }))),
  instance_groups: v.optional(names),
  deployments: v.optional(names),
});
/** The parts of a runtime config that are used. A Director ignores others; here they are errors. */
const runtimeConfig = v.strictObject({
  releases: v.tuple([
    v.strictObject({
      name: v.literal('rollcall'),
      // The Director rejects `latest` in a runtime config.
      version: v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+([-+][\w.+-]+)?$/)),
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

/** The variables that the config itself declares; the Director generates their values. */
const withVariables = v.looseObject({
  variables: v.optional(v.array(v.looseObject({ name: v.string() })), []),
});

/** Has a value without -v: the version of the checkout. */
export const VERSION_VARIABLE = 'rollcall_version';

export type Variables = ReadonlyMap<string, unknown>;

export interface ConfigParts {
  /** The text of manifests/runtime-config.yml. */
  readonly base: string;
  readonly operations: readonly { readonly name: string; readonly text: string }[];
  readonly variables: Variables;
}

/**
 * The runtime config with ops files and variables filled in. On a Director with a variable store,
 * one unset variable fails every deployment, so none may be left except those that the config
 * itself declares.
 * @throws ToolFailure RUNTIME_CONFIG with the problem
 */
export function completeConfig({ base, operations, variables }: ConfigParts): RuntimeConfig {
  const changed = operations.reduce<unknown>(
    (document, { name, text }) => applyOps(document, text, name),
    parse(base),
  );
  const unused = [...variables.keys()].filter((name) => !references(changed).has(name));
  if (unused.includes(VERSION_VARIABLE))
    throw refused(
      `an ops file replaces ((${VERSION_VARIABLE})): leave that file out, and set another version with -v ${VERSION_VARIABLE}=VERSION`,
    );
  if (unused.length > 0)
    throw refused(`no file uses the variable ${unused.join(', ')}: correct its name`);
  const filled = interpolate(changed, variables);
  const made = v.parse(withVariables, filled).variables.map(({ name }) => name);
  const left = [...references(filled)].filter(
    (name) => !made.some((one) => name === one || name.startsWith(`${one}.`)),
  );
  if (left.length > 0) {
    const forgotten = `${left.length === 1 ? 'variable' : 'variables'} ${left.join(', ')}`;
    const options = left.map((name) => `-v ${name}=VALUE`).join(' ');
    throw refused(`no value for the ${forgotten}: add ${options}`);
  }
  const parsed = v.safeParse(runtimeConfig, filled);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw refused(`${v.getDotPath(issue) ?? 'the runtime config'} is wrong: ${issue.message}`);
  }
  const config = parsed.output;
  for (const { name, properties } of config.addons[0].jobs) checkProperties(name, properties);
  return config;
}

/**
 * With the address from which a Director downloads the release.
 * @param sha256 in hexadecimal; its key is named after SHA-1, for any kind that is named
 * @throws ToolFailure RUNTIME_CONFIG
 */
export function withDownload(config: RuntimeConfig, url: string, sha256: string) {
  checkUrl(url);
  return { ...config, releases: [{ ...config.releases[0], url, sha1: `sha256:${sha256}` }] };
}

/** A value that still contains a variable is known only to the Director. */
function checkProperties(jobName: string, properties: Readonly<Record<string, unknown>>): void {
  const wrong = rejections(schemaOfJob(jobName), properties).find(
    ({ value }) => typeof value !== 'string' || references(value).size === 0,
  );
  if (wrong !== undefined)
    throw refused(`${schemaFile(jobName)} rejects ${wrong.property}: ${wrong.why}`);
}

const refused = (what: string): ToolFailure =>
  new ToolFailure('RUNTIME_CONFIG', oneLine(what, 400));

/** @throws ToolFailure RUNTIME_CONFIG if no Director could download from the address */
export function checkUrl(url: string): void {
  if (!/^https?:\/\/[^\s()]+$/.test(url))
    throw refused(`--url ${url} is not the address of a tarball: use https://…`);
}

/** The text of a runtime config for the parsers of Ruby and Go: `yes` is a boolean in both. */
export const configText = (config: object, comment: string): string =>
  `---\n${comment.replaceAll(/^/gm, '# ')}\n${stringify(config, { version: '1.1' })}`;

/** The names in the ((…)) of a document. */
function references(document: unknown): ReadonlySet<string> {
  const found = stringify(document, { lineWidth: 0 }).matchAll(/\(\(!?([^()]*)\)\)/g);
  return new Set([...found].map(([, name = '']) => name));
}

/** As in bosh, a ((x)) that is a whole value becomes any value; inside a text it becomes text. */
export function interpolate(document: unknown, variables: Variables): unknown {
  if (typeof document === 'string') {
    const whole = /^\(\(!?([^()]+)\)\)$/.exec(document)?.[1];
    if (whole !== undefined && variables.has(whole)) return variables.get(whole);
    return document.replaceAll(/\(\(!?([^()]+)\)\)/g, (all, name: string) => {
      const value = variables.get(name);
      return typeof value === 'string' || typeof value === 'number' ? `${value}` : all;
    });
  }
  if (Array.isArray(document)) return document.map((each) => interpolate(each, variables));
  if (typeof document !== 'object' || document === null) return document;
  return Object.fromEntries(
    Object.entries(document).map(([key, value]) => [key, interpolate(value, variables)]),
  );
}
