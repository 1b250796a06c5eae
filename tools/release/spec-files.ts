import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { oneLine } from '../../src/model/text.ts';
import { ToolFailure } from '../failure.ts';

/** A fault of a release that fails later and that `bosh create-release` does not report. */
export interface ReleaseFinding {
  /** The path from the top of the release. */
  readonly file: string;
  readonly what: string;
  readonly todo: string;
}

/** One line without control characters, because it contains file names and texts of specs. */
export const findingLine = ({ file, what, todo }: ReleaseFinding): string =>
  oneLine(`${file}: ${what}: ${todo}`, 1000);

export type YamlFile<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'unusable'; readonly findings: readonly ReleaseFinding[] };

/** @throws ToolFailure RELEASE_INVALID with the first fault of the file */
export function usable<T>(file: YamlFile<T>): T {
  if (file.kind === 'read') return file.value;
  throw new ToolFailure('RELEASE_INVALID', file.findings.map(findingLine)[0] ?? 'unreadable');
}

const PropertySchema = v.strictObject({
  description: v.optional(v.string()),
  default: v.optional(v.unknown()),
  example: v.optional(v.unknown()),
});

const LinkSchema = v.looseObject({ name: v.string(), type: v.string() });

/** The keys of bosh.io/docs/jobs; bosh and the Director ignore all others. */
const JobSpecSchema = v.strictObject({
  name: v.string(),
  description: v.optional(v.string()),
  packages: v.nullish(v.array(v.string()), []),
  templates: v.nullish(v.record(v.string(), v.string()), {}),
  properties: v.nullish(v.record(v.string(), PropertySchema), {}),
  consumes: v.optional(v.array(LinkSchema)),
  provides: v.optional(v.array(LinkSchema)),
  logs: v.optional(v.record(v.string(), v.unknown())),
});

const PackageSpecSchema = v.strictObject({
  name: v.string(),
  dependencies: v.nullish(v.array(v.string()), []),
  files: v.nullish(v.array(v.string()), []),
  excluded_files: v.nullish(v.array(v.string()), []),
  no_compression: v.optional(v.boolean()),
});

export type JobProperty = Readonly<v.InferOutput<typeof PropertySchema>>;
/** jobs/NAME/spec: templates map a file below templates/ to its destination on the instance. */
export type JobSpec = Readonly<v.InferOutput<typeof JobSpecSchema>>;
/** packages/NAME/spec: `files` are globs below src/ and blobs/. */
export type PackageSpec = Readonly<v.InferOutput<typeof PackageSpecSchema>>;

export const parseJobSpec = (file: string, text: string): YamlFile<JobSpec> =>
  parseYamlFile(file, text, JobSpecSchema);

export const parsePackageSpec = (file: string, text: string): YamlFile<PackageSpec> =>
  parseYamlFile(file, text, PackageSpecSchema);

/** The Director treats a default of nil as no default. */
export const hasDefault = (property: JobProperty): boolean =>
  property.default !== undefined && property.default !== null;

/** Reads YAML as bosh and the Director do, checks its structure, and rejects duplicate keys. */
export function parseYamlFile<T>(
  file: string,
  text: string,
  schema: v.GenericSchema<unknown, T>,
): YamlFile<T> {
  // The YAML libraries of Go and Ruby use version 1.1: `yes` is a boolean there, and 0640 is 416.
  const document = parseDocument(text, { version: '1.1' });
  const noYaml = ({ message }: Error): YamlFile<never> =>
    unusable(file, [`is not valid YAML (${message.split('\n')[0] ?? ''})`]);
  const [error] = document.errors;
  if (error !== undefined) return noYaml(error);
  let content: unknown;
  try {
    // Nested aliases could expand a small file without limit.
    content = document.toJS({ maxAliasCount: 100 });
  } catch (unresolved) {
    // An alias without an anchor, such as `- **/*` without quotes, fails only here.
    if (unresolved instanceof ReferenceError) return noYaml(unresolved);
    throw unresolved;
  }
  const result = v.safeParse(schema, content);
  return result.success
    ? { kind: 'read', value: result.output }
    : unusable(file, result.issues.map(issueText));
}

function unusable(file: string, whats: readonly string[]): YamlFile<never> {
  const todo = 'correct it';
  return { kind: 'unusable', findings: whats.map((what) => ({ file, what, todo })) };
}

function issueText(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue) ?? 'the file';
  if (issue.expected === 'never') return `unknown key ${place}`;
  if (issue.received === 'undefined') return `${place} is missing`;
  return `${place} must be ${issue.expected ?? 'otherwise'}, not ${issue.received}`;
}
